"""Pooling: one conclusion from the fits of several imputations or plausible values."""
