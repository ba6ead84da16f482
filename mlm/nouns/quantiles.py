"""Points of reference distributions that intervals and their charts are made with. Layer: nouns."""

from __future__ import annotations

TWO_SIDED_95 = 1.959963984540054
"""97.5 % point of the normal distribution: errors to each side of a 95 % interval."""

CHI_SQUARED_95 = 3.841458820694124
"""95 % point of chi-squared on one degree of freedom."""
