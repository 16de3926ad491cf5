"""Activations: slopes, stacks of layers, softmax."""
