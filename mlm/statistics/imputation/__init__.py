"""Draws of what is missing from a joint model, on sums by group and pattern of missing values."""
