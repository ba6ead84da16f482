"""The fits of one model to all imputations, asked for combinations of its fixed effects."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from mlm.errors import SingularFit
from mlm.nouns.coding import CodedColumn
from mlm.nouns.machine.side_by_side import parts
from mlm.nouns.model import Model
from mlm.results.coefficient import Estimate
from mlm.results.reason import NotInModel
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.completed_samples import MOST_SEARCHED, CompletedSamples
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.remembered import answered
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.satterthwaite import estimate_record
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.f_tests import (
    f_test,
    independent,
    joint_denominator,
    uncorrelated,
)
from mlm.statistics.inference.reference import f_distribution, tested
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.pooling.beside import solved_alike, solved_near
from mlm.statistics.pooling.joint_tests import d1
from mlm.statistics.pooling.pool import pool
from mlm.statistics.pooling.pooled_fit import PooledFit
from mlm.statistics.pooling.rubin import pooled

Weights = Callable[[Solution], np.ndarray]
"""From the fit of an imputation to combinations (c, p) of its fixed effects."""


@dataclass(frozen=True)
class PooledSolution:
    """A model fitted to every imputation.

    It answers what is linear in the fixed effects, by Rubin's rules, as a :class:`Solution` does of
    one sample. What a single fit has beside that, such as its search or its effects of groups, it
    has not: nothing is taken from one imputation for all.

    Attributes
    ----------
    imputations : CompletedSamples
        The evidence.
    solutions : tuple of Solution
        One an imputation; the same one where the model holds nothing that was imputed.
    """

    imputations: CompletedSamples
    solutions: tuple[Solution, ...]

    @property
    def first(self) -> Solution:
        """The fit to the first imputation."""
        return self.solutions[0]

    @property
    def different(self) -> tuple[Solution, ...]:
        """The fits, each once."""
        return tuple({id(each): each for each in self.solutions}.values())

    @property
    def curved(self) -> tuple[Solution, ...]:
        """The fits with a curvature of their own, each once, which tell degrees of freedom."""
        return tuple(each for each in self.different if not each.curved)

    @cached_property
    def fit(self) -> PooledFit:
        """The conclusion of all fits."""
        return pool([each.fit for each in self.solutions])

    @property
    def stats(self) -> CrossProducts:
        """Average total sums, which tell means of columns; they have no units."""
        return self.imputations.mean

    @property
    def fixed(self) -> tuple[CodedColumn, ...]:
        """The columns of the fixed part, in the order of ``fit.names``."""
        return self.first.fixed

    def fitted(self, model: Model, curved: int = 1) -> PooledSolution:
        """A similar model of the same imputations; errors, and ``curved``, as ``solve_each``."""
        return self._near(model, self.first.fit.criterion, curved)

    def by(self, criterion: Criterion) -> PooledSolution:
        """The same model by another criterion, or by the same; errors as ``solve``."""
        return self._near(self.first.fit.model, criterion, MOST_SEARCHED)

    def _near(self, model: Model, criterion: Criterion, curved: int) -> PooledSolution:
        starts = {id(each.stats): each.fit for each in self.solutions}
        return solve_each(model, self.imputations, criterion, starts, curved)

    def contrast(self, weights: np.ndarray) -> Estimate:
        """What ``Solution.contrast`` gives of one sample, pooled.

        Returns
        -------
        Estimate
            With the degrees of freedom of Barnard and Rubin (1999), those of complete data being
            the mean of Satterthwaite's, and the fraction of missing information; where nothing
            was imputed those of the one fit, and none is missing.
        """
        if len(self.different) == 1:
            return self.first.contrast(weights).model_copy(update={"missing_information": 0.0})
        found = pooled(*self.inside(weights[None, :]))
        return estimate_record(
            float(found.estimate[0]),
            float(found.std_error[0]),
            float(found.df[0]),
            float(found.fmi[0]),
        )

    def inside(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Combinations (c, p) in each imputation.

        Returns
        -------
        estimates : ndarray (M, c)
        covariances : ndarray (M, c, c)
            Of their errors, the imputed values taken as known.
        df : ndarray (c,)
            Mean degrees of freedom of each with complete data.
        """
        estimates = np.array([weights @ each.fit.beta for each in self.solutions])
        covariances = [weights @ each.fit.covariance @ weights.T for each in self.solutions]
        df = _mean([each.degrees_of(weights) for each in self.curved])
        return estimates, np.array(covariances), df

    @property
    def missing_information(self) -> np.ndarray:
        """Fraction (p,) of missing information of each fixed effect."""
        fmi = self.fit.effects.fmi
        return np.zeros(fmi.shape) if len(self.different) == 1 else fmi

    def joint_test(self, weights: np.ndarray | Weights) -> Test | RefusedTest:
        """Joint test that some combinations (c, p) of the fixed effects are zero, by D1.

        Where they differ between imputations they are asked for fit by fit. The degrees of freedom
        of complete data are the mean of those of F tests by Satterthwaite's.

        Source
        ------
        Li, Raghunathan and Rubin (1991), J. Am. Stat. Assoc. 86, 1065-1073; Reiter (2007),
        Biometrika 94, 502-508.
        """
        own = weights if callable(weights) else lambda _: weights
        if len(self.different) == 1:
            test = f_test(self.first, own(self.first))
            return test.model_copy(update={"pooled": "D1"}) if isinstance(test, Test) else test
        rows = [own(each) for each in self.solutions]
        if not len(rows[0]):
            return RefusedTest(reason=NotInModel(what="variable"))
        fits = [each.fit for each in self.solutions]
        inside = np.array([r @ f.covariance @ r.T for r, f in zip(rows, fits, strict=True)])
        kept = independent(inside.mean(axis=0))
        estimates = np.array([kept @ r @ f.beta for r, f in zip(rows, fits, strict=True)])
        pairs = zip(self.solutions, rows, strict=True)
        asked = {id(e): _joint_degrees(e, kept @ row) for e, row in pairs if not e.curved}
        df = float(np.mean(list(asked.values())))
        found = d1(estimates, kept @ inside @ kept.T, df)
        reference = f_distribution(found.df, found.denominator)
        made = tested(found.statistic, found.df, reference)
        return made.model_copy(update={"pooled": "D1"})


@f_test.register
def _(solution: PooledSolution, weights: np.ndarray) -> Test | RefusedTest:
    return solution.joint_test(weights)


def _joint_degrees(each: Solution, weights: np.ndarray) -> float:
    """Denominator degrees of freedom of the F test of some combinations in one imputation."""
    found = uncorrelated(weights, each.fit.covariance)
    return joint_denominator(each.degrees_of(found.weights))


def _mean(values: list[np.ndarray]) -> np.ndarray:
    return values[0] if len(values) == 1 else np.mean(values, axis=0)


def solve_each(
    model: Model,
    imputations: CompletedSamples,
    criterion: Criterion = "REML",
    starts: dict[int, Fit] | Fit | None = None,
    curved: int = MOST_SEARCHED,
) -> PooledSolution:
    """Fit a model to every imputation, each search begun where an earlier one ended.

    Parameters
    ----------
    model : Model
        The claim.
    imputations : CompletedSamples
        The evidence; one fit serves all where the model holds nothing that was imputed.
    criterion : {"REML", "ML"}
        What is optimised.
    starts : dict of int to Fit, or Fit, optional
        A fit of a similar model to each sample, by the identity of the sample, or one to begin the
        first search with; a sample without one begins at the fit before.
    curved : int
        Imputations, the first that differ, with a curvature of their own, which tells the degrees
        of freedom; others are fitted beside them by descents.
    """
    known, first = (starts, None) if isinstance(starts, dict) else ({}, starts)
    draws, found = imputations.of_model(model), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)  # told of all
        if known:
            begun = [(stats, known.get(id(stats))) for stats in draws[:curved]]
            found = _answered(
                [partial(solve, model, own, criterion, at) for own, at in begun], draws
            )
        else:
            for stats in draws[:curved]:
                near = found[-1:]
                own = solved_near(*near, stats) if near else solve(model, stats, criterion, first)
                found.append(own.lightened())
        places = enumerate(draws[curved:], start=len(found))
        rest = [partial(solved_alike, found[:], stats, place) for place, stats in places]
        found += _answered(rest, draws, found)
    return PooledSolution(imputations, imputations.each(found))


def _answered(
    fits: Sequence[Callable[[], Solution]],
    draws: Sequence[CrossProducts],
    near: Sequence[Solution] = (),
) -> list[Solution]:
    """Fits to imputations, each by itself, lightened; draws and fits near them are not sent."""
    hands = parts(fits)
    found = answered(draws, [partial(_lightened, hand) for hand in hands], near)
    return [found[place % len(hands)][place // len(hands)] for place in range(len(fits))]


def _lightened(fits: Sequence[Callable[[], Solution]]) -> list[Solution]:
    return [fit().lightened() for fit in fits]
