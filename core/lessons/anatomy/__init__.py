"""Anatomy: parameters counted, families of networks, boundaries."""
