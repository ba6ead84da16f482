"""What the rows of some waves are read once more for, in sums that add up over waves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlm.errors import ResultError
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.sources import Rows
from mlm.rows.residuals.residuals import sums_of_residuals
from mlm.statistics.answers.diagnostics.outcome_counts import OutcomeSums
from mlm.statistics.answers.diagnostics.residual_sums import ResidualSums
from mlm.statistics.answers.policy.overlap import OverlapSums, row_overlaps
from mlm.statistics.evidence.arrays.array_files import write_arrays
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_and_sd
from mlm.statistics.evidence.storage import UNREADABLE
from mlm.statistics.fitting.fit import Fit

RESIDUALS, SCORES, OVERLAP = "residuals", "scores", "overlap_{}"
"""What the arrays of a file begin with, before a dot."""


@dataclass(frozen=True)
class WaveSums:
    """Sums over the rows of some waves of an analysis.

    Attributes
    ----------
    residuals : ResidualSums
        Of its fit, by wave too.
    scores : OutcomeSums
        Counts of the outcome by wave.
    overlaps : tuple of OverlapSums
        One a policy of rows and category.
    """

    residuals: ResidualSums
    scores: OutcomeSums
    overlaps: tuple[OverlapSums, ...]

    @classmethod
    def over(cls, plan: Plan, fit: Fit, stats: CrossProducts, source: Rows) -> WaveSums:
        """Sums over the rows of a source, in one pass.

        Parameters
        ----------
        plan : Plan
            The plan of the analysis.
        fit : Fit
            One of its fits.
        stats : CrossProducts
            The merged sample of all waves.
        source : Rows
            Rows of it that name their wave.

        Raises
        ------
        SurveyError
            When rows are in groups that the sample has not, or at fault.
        """
        scores, overlaps = _empty(plan, stats)
        return cls(sums_of_residuals(fit, stats, source, WAVE, overlaps, scores), scores, overlaps)

    def save(self, path: Path) -> None:
        """Write the sums to a file (``.npz``); the same sums are the same bytes."""
        parts = {RESIDUALS: self.residuals, SCORES: self.scores}
        parts |= {OVERLAP.format(i): each for i, each in enumerate(self.overlaps)}
        write_arrays(
            path,
            {
                f"{name}.{key}": array
                for name, part in parts.items()
                for key, array in part.arrays().items()
            },
        )

    @classmethod
    def load(cls, plan: Plan, stats: CrossProducts, paths: Iterable[Path]) -> WaveSums:
        """What ``save`` wrote of the rows of several waves, added up.

        Raises
        ------
        ResultError
            When a file is none of these, or of another analysis.
        """
        scores, overlaps = _empty(plan, stats)
        residuals = []
        for path in paths:
            try:
                with np.load(path, allow_pickle=False) as file:
                    stored = {name: file[name] for name in file.files}
                residuals.append(_part(stored, RESIDUALS))
                scores.take(_part(stored, SCORES))
                for i, each in enumerate(overlaps):
                    each.take(_part(stored, OVERLAP.format(i)))
            except UNREADABLE as error:
                raise ResultError(f"{path}: not sums over the rows of a wave ({error}).") from error
        return cls(ResidualSums.of(residuals), scores, overlaps)


def _empty(plan: Plan, stats: CrossProducts) -> tuple[OutcomeSums, tuple[OverlapSums, ...]]:
    scores = OutcomeSums(plan.outcome, *mean_and_sd(plan.outcome, stats))
    return scores, tuple(row_overlaps(plan, stats))


def _part(stored: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """Arrays of one of the sums, by their own names."""
    return {
        key.partition(".")[2]: array
        for key, array in stored.items()
        if key.partition(".")[0] == name
    }
