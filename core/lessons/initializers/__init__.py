"""Initializers: kernels as they are drawn, and equal units."""
