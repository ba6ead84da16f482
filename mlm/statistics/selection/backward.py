"""Model reduction: backward elimination, and Aitkin's minimal adequate subsets beside it."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import SingularFit
from mlm.nouns.model import Model, Term
from mlm.results.reference import ChiSquared
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.concluding import warn_of
from mlm.statistics.fitting.deviance_fit import DevianceFit, deviance_fit
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, fit_model, solve
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.inference.reference import tested
from mlm.statistics.selection.adequate import AdequateModels, Subset, minimal_adequate
from mlm.statistics.selection.backward_rule import BackwardRule
from mlm.statistics.selection.bound import BOUND_DRAWS, SimultaneousBound, simultaneous_bound


@dataclass(frozen=True)
class BackwardStep:
    """One model on the path of the elimination.

    Attributes
    ----------
    dropped : tuple of Term
        The terms that left to make this model: one, or all of a variable; none for the full model.
    fit : DevianceFit
        The model by ML.
    reml : Solution
        The model by REML.
    test : Test or None
        F test that they have no effect in the model before.
    """

    dropped: tuple[Term, ...]
    fit: DevianceFit
    reml: Solution
    test: Test | None


@dataclass(frozen=True)
class Reduction:
    """The path from the full model, and the settled models.

    Attributes
    ----------
    alpha : float
        Level of each test and of the simultaneous bound.
    path : tuple of BackwardStep
        From the full model to the settled model of the elimination.
    bound : SimultaneousBound
        Deviance over the full model up to which a model is adequate.
    minimal : AdequateModels
        The minimal adequate models.
    full, reduced : Fit
        The full model and the settled model of the elimination, by ML.
    """

    alpha: float
    path: tuple[BackwardStep, ...]
    bound: SimultaneousBound
    minimal: AdequateModels
    full: Fit
    reduced: Fit

    @property
    def adequate(self) -> tuple[Subset, ...]:
        """Minimal adequate models that are fitted, the fewest parameters first."""
        return self.minimal.subsets

    @property
    def is_settled(self) -> bool:
        """Whether other draws behind the bound would not change which models are adequate."""
        return self.minimal.is_stable(self.bound.critical, self.bound.margin)

    @property
    def excess(self) -> float:
        """Deviance of the settled model over that of the full model."""
        return max(self.reduced.deviance - self.full.deviance, 0.0)


def reduce(
    model: Model | str,
    stats: CrossProducts,
    alpha: float = 0.05,
    protected: Iterable[Term] = (),
    draws: int = BOUND_DRAWS,
) -> Reduction:
    """Reduce a model by whole terms, keeping every margin of a term that stays.

    The random part stays as it is. Every step is an F test by REML, as in tables of coefficients
    and of associations of the same model.

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
        warnings.simplefilter("ignore", SingularFit)  # of the settled model alone, below
        path = eliminate(model, stats, alpha, protected)
        full = fit_model(path[0].fit.model, stats, "ML", start=path[0].fit.start)
        gone = itertools.accumulate(step.dropped for step in path)
        known = [(terms, step.fit) for terms, step in zip(gone, path, strict=True)]
        search = _SearchAtBounds(full, stats, protected, known)
        bound = simultaneous_bound(full, stats, alpha, protected, draws, search.distance)
        minimal = search.at(bound)
        reduced = fit_model(path[-1].fit.model, stats, "ML", start=path[-1].fit.start)
    warn_of(reduced)
    return Reduction(alpha, tuple(path), bound, minimal, full, reduced)


class _SearchAtBounds:
    """The minimal adequate models at bounds that come nearer to the true one."""

    def __init__(self, full: Fit, stats: CrossProducts, protected, known):
        self._full, self._stats, self._protected = full, stats, protected
        self._known = list(known)
        self._last: tuple[SimultaneousBound, AdequateModels] | None = None

    def at(self, bound: SimultaneousBound) -> AdequateModels:
        """Those at one bound."""
        if self._last is None or self._last[0] != bound:
            near = (bound.margin, bound.least_margin)
            found = minimal_adequate(
                self._full, self._stats, bound.critical, self._protected, self._known, *near
            )
            self._last = bound, found
        return self._last[1]

    def distance(self, bound: SimultaneousBound) -> float:
        """How far the bound could move before others are minimal."""
        return self.at(bound).distance(bound.critical)


def eliminate(
    model: Model,
    stats: CrossProducts,
    alpha: float,
    protected: tuple[Term, ...] = (),
    start: Fit | None = None,
) -> list[BackwardStep]:
    """Drop what is least needed while its F test exceeds alpha.

    Parameters
    ----------
    model, stats, alpha, protected
        As for :func:`reduce`.
    start : Fit, optional
        A fit of a similar model.

    Returns
    -------
    list of BackwardStep
        The model first; each next one without one more term, or without a variable.
    """
    full = solve(model, stats, "ML", start)
    fit, hessian = full.fit, full.best.hessian
    reml = solve(fit.model, stats, "REML", start=fit)
    path = [BackwardStep((), DevianceFit.of(fit), reml, None)]
    rule = BackwardRule(fit.model.terms, [*protected, *fit.model.slopes])
    kept = rule.all
    while True:
        tests = _Tests(path[-1].reml, rule)
        left = rule.next_to_leave(kept, tests.p_value, alpha)
        if not left:
            return path
        kept &= ~left
        path[-1] = replace(path[-1], reml=path[-1].reml.released())
        terms = rule.marginality.members(left)
        smaller = _model_without(path[-1].fit.model, terms)
        by_ml = deviance_fit(smaller, stats, fit, hessian, path[-1].fit.start)
        reml = solve(smaller, stats, "REML", start=path[-1].reml.fit)
        path.append(BackwardStep(tuple(terms), by_ml, reml, tests.made[left]))


def _model_without(model: Model, terms: list[Term]) -> Model:
    gone = {term.key for term in terms}
    return model.with_terms(term for term in model.terms if term.key not in gone)


class _Tests:
    """F tests of sets of terms in one model; those that were made are kept."""

    def __init__(self, solution: Solution, rule: BackwardRule):
        self._solution, self._rule = solution, rule
        self.made: dict[int, Test | RefusedTest] = {}

    def p_value(self, chosen: int) -> float:
        """Of the test that a set of terms has no effect; 0 where no test can be made."""
        names = {str(term) for term in self._rule.marginality.members(chosen)}
        fit = self._solution.fit
        columns = [i for i, name in enumerate(fit.terms) if name in names]
        if columns:
            test = f_test(self._solution, np.eye(fit.beta.size)[columns])
        else:
            test = tested(0.0, 0, ChiSquared(df=0))  # all its columns are aliased
        self.made[chosen] = test
        return test.p_value if isinstance(test, Test) else 0.0
