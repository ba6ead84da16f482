"""Answers from a sample with weights or plausible values, one a module."""
