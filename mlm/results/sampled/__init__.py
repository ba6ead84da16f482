"""Results of a survey with sampling weights or plausible values, one concept a module."""
