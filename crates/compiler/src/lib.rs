//! The spine of Chainrule: text to a program that computes a value and its gradients.
