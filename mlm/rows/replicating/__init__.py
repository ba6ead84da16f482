"""Rows to weighted totals of every replicate."""
