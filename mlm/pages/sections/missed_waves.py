"""Waves whose residuals do not average zero: told beside adjusted means and by diagnostics."""

from __future__ import annotations

from collections.abc import Iterable

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.pages.context import Context
from mlm.results.reading import At


def missed_waves(context: Context) -> list[At]:
    """Mean residuals of the waves whose 95% interval excludes zero; of small waves none."""
    waves = shown_parts(context, context.residuals.waves)
    reach = [(wave.mean, TWO_SIDED_95 * wave.std_error.value) for wave in waves]
    return [mean for mean, most in reach if abs(mean.value) > most]


def shown_parts(context: Context, parts: Iterable[At]) -> list[At]:
    """Residuals of the parts, or waves, that hold enough rows to be shown."""
    enough = [part for part in parts if not context.rules.is_small(part.rows.value)]
    return [part for part in enough if not part.sd.missing and not part.std_error.missing]
