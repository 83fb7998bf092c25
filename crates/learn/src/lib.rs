//! Networks, the training loop and the model file.
