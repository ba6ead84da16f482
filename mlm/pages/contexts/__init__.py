"""Contexts of reports, by the kind of their results."""
