"""Training curves: over- and underfitting, early stopping."""
