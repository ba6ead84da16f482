"""Rows that models leave out, and from how many on this is told at once."""

from __future__ import annotations

MANY_LEFT_OUT = 0.05
"""Share of the rows kept that lack a value, above which findings and checks tell it."""
