"""Perceptron: the learning rule, and the same points with a hidden layer."""
