"""Model reduction: backward elimination, and Aitkin's minimal adequate subsets beside it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mlm.errors import SingularFit
from mlm.nouns.marginality import Marginality
from mlm.nouns.model import Model, Term
from mlm.results.reference import ChiSquared
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model, warn_of
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.inference.reference import tested
from mlm.statistics.selection.adequate import AdequateModels, Subset, minimal_adequate
from mlm.statistics.selection.bound import BOUND_DRAWS, SimultaneousBound, simultaneous_bound
from mlm.statistics.selection.submodels import Estimates

# A term stays without a fit if the rise of the deviance, all of it between the units of the level
# that has the fewest, their variance estimated anew, is this many times what is needed.
BETWEEN_GROUPS_DOUBT = 3.0


@dataclass(frozen=True)
class BackwardStep:
    """One model on the path of the elimination.

    Attributes
    ----------
    dropped : Term or None
        The term that left to make this model; None for the full model.
    fit : Fit
        The model, fitted by ML.
    test : Test or None
        Against the model before.
    """

    dropped: Term | None
    fit: Fit
    test: Test | None


@dataclass(frozen=True)
class Reduction:
    """The path from the full model, and the final models.

    Attributes
    ----------
    alpha : float
        Level of each test and of the simultaneous bound.
    path : tuple of BackwardStep
        From the full model to the final model of the elimination.
    bound : SimultaneousBound
        Deviance over the full model up to which a model is adequate.
    minimal : AdequateModels
        The minimal adequate models.
    """

    alpha: float
    path: tuple[BackwardStep, ...]
    bound: SimultaneousBound
    minimal: AdequateModels

    @property
    def adequate(self) -> tuple[Subset, ...]:
        """Minimal adequate models that are fitted, the fewest parameters first."""
        return self.minimal.subsets

    @property
    def is_settled(self) -> bool:
        """Whether other draws behind the bound would not change which models are adequate."""
        return self.minimal.is_stable(self.bound.critical, self.bound.margin)

    @property
    def full(self) -> Fit:
        """The full model by ML."""
        return self.path[0].fit

    @property
    def final(self) -> Fit:
        """The final model of the elimination by ML."""
        return self.path[-1].fit

    @property
    def excess(self) -> float:
        """Deviance of the final model over that of the full model."""
        return max(self.final.deviance - self.full.deviance, 0.0)


def reduce(
    model: Model | str,
    stats: CrossProducts,
    alpha: float = 0.05,
    protected: Iterable[Term] = (),
    draws: int = BOUND_DRAWS,
) -> Reduction:
    """Reduce a model by whole terms, keeping every margin of a term that stays.

    Parameters
    ----------
    model : Model or str
        The full model, or its formula.
    stats : CrossProducts
        The sample, with all columns of the full model.
    alpha : float
        Level of the tests.
    protected : iterable of Term
        Terms that stay.
    draws : int
        Draws behind the simultaneous bound where a level has few units; 0 takes chi-squared.

    Returns
    -------
    Reduction

    Raises
    ------
    StatisticsError, FitError
        When the full model cannot be fitted.

    Source
    ------
    Simultaneous bound and minimal adequate subsets: Aitkin (1974), Technometrics 16, 221-227, with
    the deviance in place of the sum of squares. Marginality: Nelder (1977), J. R. Statist. Soc. A
    140, 48-77.
    """
    from mlm.nouns.formula import parse_formula

    model = parse_formula(model) if isinstance(model, str) else model
    protected = tuple(protected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)  # of the final model alone, below
        path = eliminate(model, stats, alpha, protected)
        full = path[0].fit
        gone = [tuple(step.dropped for step in path[1 : i + 1]) for i in range(len(path))]
        known = [(terms, step.fit) for terms, step in zip(gone, path, strict=True)]
        search = _SearchAtBounds(full, stats, protected, known)
        bound = simultaneous_bound(full, stats, alpha, protected, draws, search.is_settled)
        minimal = search.at(bound)
    warn_of(path[-1].fit)
    return Reduction(alpha, tuple(path), bound, minimal)


class _SearchAtBounds:
    """The minimal adequate models at bounds that come nearer to the true one."""

    def __init__(self, full: Fit, stats: CrossProducts, protected, known):
        self._full, self._stats, self._protected = full, stats, protected
        self._known = list(known)
        self._last: tuple[SimultaneousBound, AdequateModels] | None = None

    def at(self, bound: SimultaneousBound) -> AdequateModels:
        """Those at one bound."""
        if self._last is None or self._last[0] != bound:
            found = minimal_adequate(
                self._full, self._stats, bound.critical, self._protected, self._known, bound.margin
            )
            self._last = bound, found
        return self._last[1]

    def is_settled(self, bound: SimultaneousBound) -> bool:
        """Whether they are the same within the Monte Carlo error of the bound."""
        return self.at(bound).is_stable(bound.critical, bound.margin)


def eliminate(
    model: Model,
    stats: CrossProducts,
    alpha: float,
    protected: tuple[Term, ...] = (),
    start: Fit | None = None,
) -> list[BackwardStep]:
    """Drop the least needed term, highest order first, while its test exceeds alpha.

    Parameters
    ----------
    model, stats, alpha, protected
        As for :func:`reduce`.
    start : Fit, optional
        A fit of a similar model.

    Returns
    -------
    list of BackwardStep
        The model first; each next one without one more term.
    """
    fit = fit_model(model, stats, "ML", start)
    path = [BackwardStep(None, fit, None)]
    while True:
        step = _next_step(fit, stats, alpha, protected)
        if step is None:
            return path
        path.append(step)
        fit = step.fit


def _next_step(fit: Fit, stats: CrossProducts, alpha: float, protected) -> BackwardStep | None:
    """The next term whose likelihood-ratio test exceeds alpha.

    Terms are tried by their p-value at the current variance components, which is never above that
    of the test itself. Those that are clear beyond doubt are not fitted.
    """
    from scipy.stats import chi2

    estimates, few = Estimates.of(fit), min(fit.n_groups.values(), default=fit.n_obs)
    rule = Marginality(fit.model.terms, [*protected, *fit.model.slopes])
    columns = [np.flatnonzero([name == str(term) for name in fit.terms]) for term in rule.terms]
    made: dict[int, BackwardStep] = {}

    def p_value(i: int) -> float:
        return estimates.p_value(columns[i], fit.n_obs)

    def may_leave(i: int, _: float) -> bool:
        excess = estimates.excess(columns[i], fit.n_obs)
        needed = chi2.isf(alpha, max(columns[i].size, 1))
        if BETWEEN_GROUPS_DOUBT * needed <= few * np.log1p(excess / few):
            return False
        smaller, test = _dropped(fit, rule.terms[i], stats)
        made[i] = BackwardStep(rule.terms[i], smaller, test)
        return test.is_valid and test.p_value > alpha

    chosen = rule.next_to_leave(rule.all, p_value, may_leave)
    return None if chosen is None else made[chosen]


def _dropped(fit: Fit, term: Term, stats: CrossProducts) -> tuple[Fit, Test | RefusedTest]:
    smaller = fit_model(fit.model.without(term), stats, "ML", start=fit)
    if smaller.n_params == fit.n_params:
        return smaller, tested(0.0, 0, ChiSquared(df=0))  # all its columns are aliased
    return smaller, likelihood_ratio_test(smaller, fit)
