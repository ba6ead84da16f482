"""The sections on a survey with sampling weights or plausible values."""
