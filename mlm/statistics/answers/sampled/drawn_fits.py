"""A model fitted to every draw of the outcome: what is concluded of all draws together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.nouns.plausible_values import PlausibleValues, models_of
from mlm.results.sampled.estimate import SampledChange, SampledEstimate
from mlm.results.sampled.reason import NestedDraws, TooFewDegrees
from mlm.results.sampled.selection import RefusedSampledTest, SampledTest
from mlm.statistics.answers.sampled.pooled_estimates import change_of, estimate_of, pooled_draws
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.f_tests import independent
from mlm.statistics.inference.reference import f_distribution, tested
from mlm.statistics.pooling.components import components_of, share_weights
from mlm.statistics.pooling.draws import solutions_of_draws
from mlm.statistics.pooling.joint_tests import d1
from mlm.statistics.pooling.naming import Naming
from mlm.statistics.pooling.pool import shares_by_design
from mlm.statistics.pooling.pooled_components import (
    PooledComponent,
    PooledShare,
    pooled_components,
    pooled_shares,
)
from mlm.statistics.pooling.rubin import Pooled
from mlm.statistics.replication.refitted_errors import RefittedErrors


class Refitting(Protocol):
    """From the fits of some models to their errors from fits to every replicate."""

    made_from: Literal["clusters", "classes", "rows"]

    def __call__(self, solutions: Sequence[Solution]) -> tuple[RefittedErrors, ...]:
        """Errors of some fits."""


Weights = Callable[[Solution], np.ndarray]
"""From the fit of a draw to combinations (c, p) of its fixed effects."""


@dataclass(frozen=True)
class DrawnFits:
    """The fits of one model to each draw of the outcome; one where it is observed.

    Attributes
    ----------
    model : Model
        The claim, by the names of the scores.
    solutions : tuple of Solution
        One a draw.
    scores : tuple of PlausibleValues
        Known by draws; empty where nothing is.
    refits : bool
        Whether errors come from fits to every replicate.
    again : callable or None
        How the first draw of models beside it is fitted to every replicate; None: their errors need
        no refits.
    """

    model: Model
    solutions: tuple[Solution, ...]
    scores: tuple[PlausibleValues, ...] = ()
    refits: bool = False
    again: Refitting | None = None

    @property
    def first(self) -> Solution:
        """The fit of the first draw, whose columns are those of all."""
        return self.solutions[0]

    @property
    def fits(self) -> list:
        """The conclusions, one a draw."""
        return [each.fit for each in self.solutions]

    @property
    def stats(self) -> CrossProducts:
        """The sample."""
        return self.first.stats

    @property
    def is_weighted(self) -> bool:
        """Whether errors are those of a design."""
        return self.first.fit.design is not None

    @property
    def nests(self) -> int | None:
        """Nests of the draws; None where they are not nested."""
        return self.scores[0].nests if self.scores else None

    @cached_property
    def naming(self) -> Naming:
        """How the parts are called, by the names of the scores."""
        if not self.scores:
            return Naming.of(self.first.fit)
        return Naming.by_scores(self.model, self.scores, self.first.fit)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the draws: (M,), or (nests, M / nests)."""
        m = len(self.solutions)
        return (m,) if self.nests is None else (self.nests, m // self.nests)

    @property
    def df(self) -> float:
        """Degrees of freedom of the design; infinite where there is none."""
        if not self.is_weighted:
            return np.inf
        return min(fit.design.df for fit in self.fits)

    def beside(self, model: Model) -> DrawnFits:
        """A similar model of the same draws, for its estimates: its errors are linearised."""
        models = models_of(model, self.scores) if self.scores else (model,)
        starts = zip(models, self.fits, strict=True)
        found = tuple(solve(each, self.stats, "ML", start) for each, start in starts)
        return replace(self, model=model, solutions=found, refits=False)

    def refitted(self, errors: Sequence[RefittedErrors]) -> DrawnFits:
        """The same with its errors from fits to every replicate, one a draw."""
        pairs = zip(self.solutions, errors, strict=True)
        moved = tuple(replace(each, fit=found.fit) for each, found in pairs)
        return replace(self, solutions=moved, refits=True)

    # --- combinations of fixed effects ---------------------------------------------------

    def pooled(self, weights: Weights | np.ndarray) -> Pooled:
        """Combinations of the fixed effects by Rubin's rules, with the errors of the design.

        Parameters
        ----------
        weights : callable, or ndarray (c, p)
            Combinations, which may differ between draws.
        """
        estimates, covariances, df = self._inside(weights, None)
        return pooled_draws(estimates, covariances, df, self.shape)

    def _inside(self, weights, added) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        estimates, covariances, degrees = [], [], []
        for each in self.solutions:
            own = np.atleast_2d(weights(each) if callable(weights) else weights)
            estimates.append(own @ each.fit.beta)
            inner = own @ each.fit.covariance @ own.T
            covariances.append(inner if added is None else inner + added)
            degrees.append(each.degrees_of(own))
        return np.array(estimates), np.array(covariances), np.mean(degrees, axis=0)

    def contrast(self, weights: Weights | np.ndarray) -> SampledEstimate:
        """One combination of the fixed effects."""
        return estimate_of(self.pooled(weights), drawn=bool(self.scores))

    def change(self, weights: Weights | np.ndarray, link: float | None) -> SampledChange:
        """A combination that is a difference between waves, with the error of their link."""
        return change_of(self.pooled(weights), link, drawn=bool(self.scores))

    def test(self, weights: Weights | np.ndarray, added: np.ndarray | None = None) -> SampledTest:
        """Joint Wald test that some combinations are zero.

        What is ``added`` to the covariance (c, c) inside each draw is that of links between scales.
        Of one draw F with the degrees of freedom of the design, ``(d - k + 1) / (k d) W``; of
        several D1, with Reiter's degrees of freedom.

        Source
        ------
        Korn and Graubard (1990), Am. Statist. 44, 270-276; Li, Raghunathan and Rubin (1991), J. Am.
        Stat. Assoc. 86, 1065-1073; Reiter (2007), Biometrika 94, 502-508.
        """
        estimates, covariances, df = self._inside(weights, added)
        return self.joint(estimates, covariances, self._joint_degrees(weights, df))

    def joint(self, estimates: np.ndarray, covariances: np.ndarray, df: float) -> SampledTest:
        """The same of any quantities of each draw.

        Parameters
        ----------
        estimates : ndarray (M, c)
        covariances : ndarray (M, c, c)
            Of their errors of sampling.
        df : float
            Degrees of freedom of these.
        """
        kept = independent(covariances.mean(axis=0))
        estimates = estimates @ kept.T
        covariances = kept @ covariances @ kept.T
        k = len(kept)
        if df - k + 1.0 < 1.0:
            return RefusedSampledTest(reason=TooFewDegrees(coefficients=k, df=df))
        if len(self.solutions) == 1:
            return wald_test(estimates[0], covariances[0], df)
        if self.nests is not None:
            if k > 1:
                return RefusedSampledTest(reason=NestedDraws(coefficients=k))
            one = pooled_draws(estimates, covariances, df, self.shape)
            square = float(one.estimate[0] ** 2 / one.total[0, 0])
            return tested(square, 1, f_distribution(1, float(one.df[0])))
        found = d1(estimates, covariances, df)
        return tested(found.statistic, k, f_distribution(k, found.denominator))

    def _joint_degrees(self, weights, df: np.ndarray) -> float:
        """Degrees of freedom of the test of some combinations: of the design as their mean."""
        if not self.is_weighted:
            return float(np.min(df))
        found = []
        for each in self.solutions:
            own = np.atleast_2d(weights(each) if callable(weights) else weights)
            found.append(each.fit.degrees_of(own))
        return float(np.mean(found))

    def columns_test(self, columns: Sequence[int]) -> SampledTest:
        """Joint test that some fixed effects are zero."""
        return self.test(np.eye(self.first.fit.beta.size)[list(columns)])

    # --- variances ----------------------------------------------------------------------

    @cached_property
    def parts(self) -> list:
        """The (co)variances of each draw, with the covariance of their errors."""
        names = self.naming.random_names
        return [components_of(each.fit, names, each.stats) for each in self.solutions]

    @cached_property
    def components(self) -> tuple[PooledComponent, ...]:
        """Variances and covariances, pooled."""
        return pooled_components(self.parts, self.shape)

    @cached_property
    def shares(self) -> tuple[PooledShare, ...]:
        """Shares of the variance, pooled; with slopes of their mean over the rows."""
        weights = [
            share_weights(each.fit, part.entries, each.stats)
            for each, part in zip(self.solutions, self.parts, strict=True)
        ]
        return pooled_shares(self.parts, weights, self.shape, shares_by_design(self.fits))


def wald_test(estimates: np.ndarray, covariance: np.ndarray, df: float) -> SampledTest:
    """F test that some quantities are zero, ``(d - k + 1) / (k d) W`` on k and d - k + 1 degrees.

    Parameters
    ----------
    estimates : ndarray (k,)
    covariance : ndarray (k, k)
        Of their errors; quantities that others determine are left out.
    df : float
        Degrees of freedom of the design; infinite where it is known.

    Source
    ------
    Korn and Graubard (1990), Am. Statist. 44, 270-276.
    """
    kept = independent(covariance)
    estimates, covariance, k = kept @ estimates, kept @ covariance @ kept.T, len(kept)
    denominator = df - k + 1.0
    if denominator < 1.0:
        return RefusedSampledTest(reason=TooFewDegrees(coefficients=k, df=df))
    wald = float(estimates @ np.linalg.solve(covariance, estimates))
    scale = 1.0 / k if np.isinf(df) else denominator / (k * df)
    return tested(scale * wald, k, f_distribution(k, denominator))


def fit_draws(
    plan: Plan,
    model: Model,
    stats: CrossProducts,
    beside: DrawnFits | None = None,
    again: Refitting | None = None,
) -> DrawnFits:
    """A model fitted to every draw, by maximum (pseudo-)likelihood.

    Parameters
    ----------
    plan : Plan
        Names the scores.
    model : Model
        The claim, by their names.
    stats : CrossProducts
        The sample, with the columns of all draws.
    beside : DrawnFits, optional
        Fits of a similar model, where the searches begin.
    again : callable, optional
        How its first draw is fitted to every replicate, and that of models that begin beside it.
    """
    scores = tuple(score for score in plan.sampling.scores if _names(model, score.name))
    models = models_of(model, scores) if scores else (model,)
    starts = () if beside is None else [each.fit for each in beside.solutions]
    if len(starts) != len(models):
        starts = ()
    found = DrawnFits(model, tuple(solutions_of_draws(models, stats, "ML", starts)), scores)
    if again is None and beside is not None and beside.stats is stats:
        again = beside.again
    return found if again is None else replace(_screened(found, again), again=again)


OF_REFITS = ("method", "df", "degrees", "covariance", "log_errors")


def _screened(fits: DrawnFits, again: Refitting) -> DrawnFits:
    """The fits with the errors of sampling of the first draw, from its fits to every replicate.

    Enough while searching: draws differ little in them, and in what they add to them not at all.
    """
    ((first,), (one, *others)) = again(fits.solutions[:1]), fits.solutions
    known = first.fit.design
    parts = {name: getattr(known, name) for name in OF_REFITS}
    moved = [replace(one, fit=first.fit)]
    for each in others:
        pairs = zip(each.fit.design.shares, known.shares, strict=True)
        shares = tuple(
            replace(own, df=other.df, logit_error=other.logit_error) for own, other in pairs
        )
        design = replace(each.fit.design, **parts, shares=shares)
        fit = replace(each.fit, design=design, covariance=first.fit.covariance)
        moved.append(replace(each, fit=replace(fit, degrees=first.fit.degrees)))
    return replace(fits, solutions=tuple(moved))


def _names(model: Model, name: str) -> bool:
    terms = [*model.terms, *(t for r in model.random for t in r.terms)]
    return name == model.response or any(name in term.variables for term in terms)
