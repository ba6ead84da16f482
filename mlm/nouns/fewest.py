"""From how many units, occasions or rows on something is estimated or told, each with one name."""

from __future__ import annotations

FEWEST_RANKED = 10
"""Units of a level below which they are not ranked, their variance being hardly determined."""

FEWEST_OCCASIONS = 3
"""Rows of a unit, or waves, below which a slope of its own is not told from what each row adds."""

FEWEST_WITH_SLOPES = 6
"""Groups below which no variance of a slope is estimated."""

FEWEST_IMPUTATIONS = 2
"""Imputations, or plausible values of a score, below which their spread is unknown."""

MANY_LEFT_OUT = 0.05
"""Share of the rows kept that lack a value, above which findings and checks tell it."""

FEW_ROWS = 10
"""Rows of a group on average below which scaled weights bias its variance."""
