"""Residuals of an analysis from the cleaned rows of its waves, one wave after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlm.nouns.plan import WAVE, Plan
from mlm.rows.accumulating.batches import Batch, Coded
from mlm.rows.accumulating.parquet import ParquetSource
from mlm.rows.residuals.residuals import residuals_of
from mlm.statistics.answers.diagnostics.residual_sums import Residuals
from mlm.statistics.answers.policy.overlap import RowOverlap, row_overlaps
from mlm.statistics.evidence.crossproducts import CrossProducts
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
        self._plan = plan
        self._waves = {wave: ParquetSource.of([Path(path)]) for wave, path in files.items()}
        sources = list(self._waves.values())
        common = [n for n in sources[0].names if all(n in s.names for s in sources)]
        self.names = tuple(dict.fromkeys([*common, WAVE, plan.time.name]))
        self.where = f"the waves {', '.join(files)}"

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, wave by wave."""
        return itertools.chain.from_iterable(
            self._of_wave(wave, source, names) for wave, source in self._waves.items()
        )

    def _of_wave(self, wave: str, source: ParquetSource, names: Sequence[str]) -> Iterator[Batch]:
        time = self._plan.time
        made = {WAVE, time.name}
        for batch in source.batches([name for name in names if name not in made]):
            columns = dict(batch.columns)
            if WAVE in names or time.factor in names:
                label = Coded(np.zeros(batch.rows, dtype=np.int8), np.array([wave], dtype=object))
                columns |= dict.fromkeys({WAVE, time.factor} & set(names), label)
            if time.name in names and time.name != time.factor:
                columns[time.name] = np.full(batch.rows, time.times[time.waves.index(wave)])
            yield replace(batch, columns=columns)


def residuals_by_wave(
    plan: Plan, fit: Fit, stats: CrossProducts, files: Mapping[str, Path]
) -> tuple[Residuals, list[RowOverlap]]:
    """Residuals of a fit of an analysis, by wave too, and the overlap of policies of rows.

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
    residuals = residuals_of(fit, stats, WaveSource(plan, files), WAVE, overlaps)
    return residuals, [found for sums in overlaps if (found := sums.overlap()) is not None]
