"""Regularization: dropout and batch normalisation."""
