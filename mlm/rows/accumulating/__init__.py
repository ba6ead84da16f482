"""Rows to cross-products, batch by batch."""
