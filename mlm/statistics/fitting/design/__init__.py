"""Errors of weighted fits by the design of their sample."""
