"""Data that came with the app, and what makes it."""
