"""Findings on a sample with weights or plausible values."""
