"""Residuals of an analysis from the cleaned rows of its waves, of all together or wave by wave."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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
from mlm.rows.residuals.residuals import check_same_rows
from mlm.rows.residuals.wave_sums import WaveSums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit


class WaveSource:
    """The cleaned rows of some waves, with the columns that say their wave and its time.

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
        self.where = _where(files)
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
    return _told(plan, fit, stats, sums_of_waves(plan, fit, stats, files), files)


def sums_of_waves(
    plan: Plan, fit: Fit, stats: CrossProducts, files: Mapping[str, Path]
) -> WaveSums:
    """Sums over the rows of some waves of an analysis; parameters as above."""
    return WaveSums.over(plan, fit, stats, WaveSource(plan, files))


def residuals_from_sums(
    plan: Plan, fit: Fit, stats: CrossProducts, files: Mapping[str, Path]
) -> Residuals:
    """The same from sums over the rows of each wave, which ``WaveSums.save`` wrote.

    Parameters
    ----------
    files : mapping of str to Path
        Those of each wave, in order.

    Raises
    ------
    ResultError
        When a file is none of these.
    SurveyError
        When the rows are not those of the sample.
    """
    return _told(plan, fit, stats, WaveSums.load(plan, stats, files.values()), files)


def _told(
    plan: Plan, fit: Fit, stats: CrossProducts, sums: WaveSums, waves: Iterable[str]
) -> Residuals:
    check_same_rows(sums.residuals, stats, fit, _where(waves))
    found = sums.residuals.residuals(fit.formula)
    by_wave = {group.category: group for group in found.groups}
    return Residuals(
        **{name: getattr(found, name) for name in RowResiduals.model_fields},
        survey=plan.survey,
        analysis=plan.analysis,
        outcome=plan.outcome,
        waves=tuple(
            WaveResiduals(**_moments(by_wave[wave]), wave=wave, scores=sums.scores.counts(wave))
            for wave in plan.time.waves
            if wave in by_wave
        ),
        overlap=tuple(rows for each in sums.overlaps if (rows := each.overlap()) is not None),
    )


def _where(waves: Iterable[str]) -> str:
    return f"the waves {', '.join(waves)}"


def _moments(group: CategoryResiduals) -> dict[str, Any]:
    return {name: getattr(group, name) for name in GroupResiduals.model_fields}
