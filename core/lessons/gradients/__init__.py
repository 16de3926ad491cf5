"""Gradients: how often runs learn XOR, and what clipping does."""
