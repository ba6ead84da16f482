"""Innermost groups of a sample pooled by pattern, for nested models."""
