"""Residuals of an analysis from the cleaned rows of its waves, one wave after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.results.residuals import (
    CategoryResiduals,
    GroupResiduals,
    Residuals,
    RowResiduals,
    WaveResiduals,
)
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.parquet_source import ParquetSource
from mlm.rows.accumulating.sources import LabelledRows
from mlm.rows.residuals.residuals import residuals_of
from mlm.statistics.answers.diagnostics.outcome_counts import OutcomeSums
from mlm.statistics.answers.policy.overlap import row_overlaps
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_and_sd
from mlm.statistics.fitting.fit import Fit


class WaveSource:
    """The cleaned rows of all waves, with the columns that say their wave and its time.

    Parameters
    ----------
    plan : Plan
        Names the waves and their times.
    files : mapping of str to Path
        Parquet file of each wave, in the order of the waves.
    """

    def __init__(self, plan: Plan, files: Mapping[str, Path]):
        self._waves = [
            LabelledRows(ParquetSource.of([Path(path)]), plan.time.columns_of(wave))
            for wave, path in files.items()
        ]
        first = self._waves[0].names
        self.names = tuple(n for n in first if all(n in w.names for w in self._waves))
        self.where = f"the waves {', '.join(files)}"
        self.rows = sum(wave.rows for wave in self._waves)

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, wave by wave."""
        return itertools.chain.from_iterable(wave.batches(names) for wave in self._waves)


def residuals_by_wave(
    plan: Plan, fit: Fit, stats: CrossProducts, files: Mapping[str, Path]
) -> Residuals:
    """Residuals of a fit of an analysis, by wave too, with the overlap of policies of rows.

    Parameters
    ----------
    plan : Plan
        The plan of the analysis.
    fit : Fit
        One of its fits.
    stats : CrossProducts
        The merged sample of all waves.
    files : mapping of str to Path
        Cleaned rows (Parquet) of each wave, in order.

    Raises
    ------
    SurveyError
        When the rows are not those of the sample.
    """
    overlaps = row_overlaps(plan, stats)
    scores = OutcomeSums(plan.outcome, *mean_and_sd(plan.outcome, stats))
    found = residuals_of(fit, stats, WaveSource(plan, files), WAVE, overlaps, scores)
    by_wave = {group.category: group for group in found.groups}
    return Residuals(
        **{name: getattr(found, name) for name in RowResiduals.model_fields},
        survey=plan.survey,
        analysis=plan.analysis,
        outcome=plan.outcome,
        waves=tuple(
            WaveResiduals(**_moments(by_wave[wave]), wave=wave, scores=scores.counts(wave))
            for wave in plan.time.waves
            if wave in by_wave
        ),
        overlap=tuple(rows for sums in overlaps if (rows := sums.overlap()) is not None),
    )


def _moments(group: CategoryResiduals) -> dict[str, Any]:
    return {name: getattr(group, name) for name in GroupResiduals.model_fields}
