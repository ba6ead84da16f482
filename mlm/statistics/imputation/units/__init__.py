"""Incomplete variables of units: their values, their regression, and draws of what they lack."""
