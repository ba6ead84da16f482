"""The statistics room: cross-products in, conclusions out; no rows, no paths, no text."""
