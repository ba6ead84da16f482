"""Columns of the sample in a wave: weights, ids of strata and clusters, plausible values."""
