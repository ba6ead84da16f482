"""Residuals of an analysis from the cleaned rows of its waves, one wave after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlm.nouns.plan import WAVE, Plan
from mlm.results.residuals import (
    CategoryResiduals,
    GroupResiduals,
    Residuals,
    RowResiduals,
    WaveResiduals,
)
from mlm.rows.accumulating.batches import Batch, Coded
from mlm.rows.accumulating.parquet import ParquetSource
from mlm.rows.residuals.residuals import residuals_of
from mlm.statistics.answers.policy.overlap import row_overlaps
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
    found = residuals_of(fit, stats, WaveSource(plan, files), WAVE, overlaps)
    by_wave = {group.category: group for group in found.groups}
    return Residuals(
        **{name: getattr(found, name) for name in RowResiduals.model_fields},
        survey=plan.survey,
        analysis=plan.analysis,
        outcome=plan.outcome,
        waves=tuple(_of_wave(by_wave[w]) for w in plan.time.waves if w in by_wave),
        overlap=tuple(rows for sums in overlaps if (rows := sums.overlap()) is not None),
    )


def _of_wave(group: CategoryResiduals) -> WaveResiduals:
    values = {name: getattr(group, name) for name in GroupResiduals.model_fields}
    return WaveResiduals(**values, wave=group.category)
