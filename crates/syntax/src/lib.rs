//! Text to formula: the language of Chainrule, its pages and its diagnostics.
