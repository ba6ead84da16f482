"""The settled model of several imputations: chosen once, fitted to all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.pooling.pooled_solution import PooledSolution, solve_each
from mlm.statistics.selection.imputed_reduction import ImputedReduction, reduce_imputed
from mlm.statistics.selection.random_part.path import RandomPath
from mlm.statistics.selection.random_part.slopes import SlopeTrial
from mlm.statistics.selection.settle import settled_random_part

PooledPair = tuple[PooledSolution, PooledSolution]
"""A model by ML and by REML."""


@dataclass(frozen=True)
class ImputedSettling:
    """The settled model, and the models on the way to it.

    Attributes
    ----------
    null, full, settled : tuple of PooledSolution
        Time alone, every configured term under the settled random part, and what the reduction
        kept, each by ML and by REML.
    random : RandomPath
        How the forms over waves were settled; its tests are those with the median p-value.
    slopes : tuple of SlopeTrial
        Random slopes that were tried.
    searched : int
        Imputations in which the random part was searched.
    reduction : ImputedReduction
        The path from the full model to the settled one.
    """

    null: PooledPair
    full: PooledPair
    settled: PooledPair
    random: RandomPath
    slopes: tuple[SlopeTrial, ...]
    searched: int
    reduction: ImputedReduction

    @cached_property
    def intervals(self) -> dict[int, VarianceIntervals]:
        """Those of the variances of each fit of the settled model, by the fit's identity.

        Ends are looked for in the imputations that were searched.
        """
        fits = self.settled[1].different
        return {
            id(each): VarianceIntervals(each.released(), place < self.searched)
            for place, each in enumerate(fits)
        }

    def trials(self, place: int) -> tuple[SlopeTrial, ...]:
        """Slopes that were tried, with the fit to one of the imputations that were searched."""
        fits = [(trial, (trial.fit, *trial.beside)) for trial in self.slopes]
        return tuple(
            replace(trial, fit=own[place]) if place < len(own) else trial for trial, own in fits
        )

    def fits(self) -> dict[str, Fit]:
        """The fits that are stored, one an imputation, by the name of their file."""
        out = {}
        for name in ("null", "full", "settled"):
            for pooled in getattr(self, name):
                for i, each in enumerate(pooled.solutions, 1):
                    out[f"{name}.{each.fit.criterion.lower()}.{i}"] = each.fit
        return out


def settle_imputed(
    plan: Plan, null: Model, full: Model, imputations: CompletedSamples
) -> ImputedSettling:
    """The settled model of an analysis of several imputations.

    The random part is searched in the first few of them at once: at each step the test with the
    median p-value decides. The mean is reduced by D1 tests over all.

    Parameters
    ----------
    plan : Plan
        Levels, time, slopes, protected terms, and the level of the tests.
    null, full : Model
        Time alone, and every configured term, with the intercepts of the levels of the sample.
    imputations : CompletedSamples
        The evidence.

    Raises
    ------
    ModelError, FitError
        When a model cannot be identified or fitted.
    """
    first, *others = imputations.searched
    by_ml = solve_each(null, imputations, "ML")
    path, slopes = settled_random_part(plan, full, first, others)
    whole = solve_each(path.reml.fit.model, imputations, "REML", path.reml.fit)
    reduction = reduce_imputed(plan, whole)
    return ImputedSettling(
        null=(by_ml, by_ml.by("REML")),
        full=(whole.by("ML"), whole),
        settled=(reduction.reml.by("ML"), reduction.reml),
        random=path,
        slopes=tuple(slopes),
        searched=1 + len(others),
        reduction=reduction,
    )
