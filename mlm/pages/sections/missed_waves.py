"""Waves whose residuals do not average zero: known to questions on time and to diagnostics."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.results.reading import At

TWO_SIDED = 1.959963984540054


def missed_waves(context: Context) -> list[At]:
    """Mean residuals of the waves whose 95% interval excludes zero; of small waves none."""
    return [part.mean for part in shown_waves(context) if _misses(part)]


def shown_waves(context: Context) -> list[At]:
    """Residuals of the waves that hold enough rows to be shown."""
    enough = [
        part for part in context.residuals.waves if not context.rules.is_small(part.rows.value)
    ]
    return [part for part in enough if not part.sd.missing and not part.std_error.missing]


def _misses(part: At) -> bool:
    return abs(part.mean.value) > TWO_SIDED * part.std_error.value
