"""Losses: curves, an outlier, a confident mistake, a typed formula."""
