"""Optimizers: a race on surfaces, rates and batches on a network."""
