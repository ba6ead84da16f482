"""Rows that have sampling weights: two passes, the checks between them, sums by cluster."""
