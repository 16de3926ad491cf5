"""Forward and backward: one small network, number by number."""
