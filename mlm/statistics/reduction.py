"""Model reduction: backward elimination, and Aitkin's minimal adequate subsets beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mlm.model import Model, Term
from mlm.statistics.crossproducts import CrossProducts
from mlm.statistics.fit import Fit
from mlm.statistics.inference import Comparison, likelihood_ratio_test
from mlm.statistics.simultaneous import DRAWS, Bound, simultaneous_bound
from mlm.statistics.solution import evaluation_of, fit_model

MAX_SUBSETS = 20_000  # adequate models that the search for minimal ones may visit
MAX_FITS = 400  # models that it may fit
MAX_SHOWN = 12  # minimal adequate models that are fitted and kept


@dataclass(frozen=True)
class Step:
    """One model on the path of the elimination.

    Attributes
    ----------
    dropped : Term or None
        The term that left to make this model; None for the full model.
    fit : Fit
        The model, fitted by ML.
    test : Comparison or None
        Against the model before.
    """

    dropped: Term | None
    fit: Fit
    test: Comparison | None


@dataclass(frozen=True)
class Subset:
    """A minimal adequate model: adequate, while every smaller one of its kind is not.

    Attributes
    ----------
    dropped : tuple of Term
        Terms of the full model that it lacks.
    fit : Fit
        The model, fitted by ML.
    """

    dropped: tuple[Term, ...]
    fit: Fit


@dataclass(frozen=True)
class Reduction:
    """The path from the full model, and the final models.

    Attributes
    ----------
    alpha : float
        Level of each test and of the simultaneous bound.
    path : tuple of Step
        From the full model to the final model of the elimination.
    bound : Bound
        Deviance over the full model up to which a model is adequate.
    adequate : tuple of Subset
        Minimal adequate subsets, the fewest parameters first.
    complete : bool
        Whether the search for adequate subsets saw all of them.
    """

    alpha: float
    path: tuple[Step, ...]
    bound: Bound
    adequate: tuple[Subset, ...]
    complete: bool

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
    draws: int = DRAWS,
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
    from mlm.formula import parse_formula

    model = parse_formula(model) if isinstance(model, str) else model
    protected = tuple(protected)
    path = _eliminate(model, stats, alpha, protected)
    full = path[0].fit
    bound = simultaneous_bound(full, stats, alpha, protected, draws)
    adequate, complete = _adequate(path, stats, bound.critical, protected)
    return Reduction(alpha, tuple(path), bound, tuple(adequate), complete)


def _eliminate(model: Model, stats: CrossProducts, alpha: float, protected) -> list[Step]:
    """Drop the least needed term, highest order first, while its test exceeds alpha."""
    fit = fit_model(model, stats, "ML")
    path = [Step(None, fit, None)]
    while True:
        step = _next_step(fit, stats, alpha, protected)
        if step is None:
            return path
        path.append(step)
        fit = step.fit


def _next_step(fit: Fit, stats: CrossProducts, alpha: float, protected) -> Step | None:
    """The first term whose likelihood-ratio test exceeds alpha, tried from the least needed on.

    Within an order, terms are tried by their p-value at the current variance components, which is
    never above that of the test itself.
    """
    from scipy.stats import chi2

    screen = Screen(fit, stats)
    ranked = []
    for term in fit.model.droppable(protected):
        excess, df = screen.excess({term.key})
        ranked.append((-_order(term), -chi2.sf(excess, max(df, 1)), str(term), term))
    for *_, term in sorted(ranked, key=lambda item: item[:3]):
        smaller, test = _dropped(fit, term, stats)
        if test.is_valid and test.p_value > alpha:
            return Step(term, smaller, test)
    return None


def _dropped(fit: Fit, term: Term, stats: CrossProducts) -> tuple[Fit, Comparison]:
    smaller = fit_model(fit.model.without(term), stats, "ML", start=fit)
    if smaller.n_params == fit.n_params:
        return smaller, Comparison(0.0, 0, "all columns are aliased", 1.0)
    return smaller, likelihood_ratio_test(smaller, fit)


def _order(term: Term) -> int:
    return sum(factor.exponent for factor in term.factors)


class Screen:
    """Deviances of submodels at the variance components of one fit, without any search.

    The variance components of the submodel are not its own, so its deviance is an upper bound.
    """

    def __init__(self, fit: Fit, stats: CrossProducts):
        working, at = evaluation_of(fit, stats)
        p = working.n_fixed
        self.n_obs = working.n_obs
        self.keys = [column.term.key for column in working.fixed]
        self.gram = at.fixed_root.T @ at.fixed_root
        self.cross = self.gram @ at.beta
        self.residual = at.residual
        self.square = at.residual + float(at.beta @ self.cross) if p else at.residual

    def excess(self, dropped: Iterable[frozenset]) -> tuple[float, int]:
        """Upper bound of the deviance over that of the fit, and the columns that leave."""
        gone = set(dropped)
        kept = np.array([key not in gone for key in self.keys])
        if kept.all():
            return 0.0, 0
        inner = np.linalg.solve(self.gram[np.ix_(kept, kept)], self.cross[kept])
        residual = self.square - float(inner @ self.cross[kept])
        return self.n_obs * float(np.log(residual / self.residual)), int((~kept).sum())


def _adequate(path, stats, critical, protected) -> tuple[list[Subset], bool]:
    """Minimal adequate subsets, by depth-first search from the full model.

    Dropping a term never lowers the deviance: nothing below an inadequate model is adequate. A
    model is fitted only where the upper bound at the full model's variance components does not
    decide.
    """
    full = path[0].fit
    screen = Screen(full, stats)
    fits = {
        frozenset(s.dropped.key for s in path[1 : i + 1]): step.fit for i, step in enumerate(path)
    }
    inadequate: list[frozenset] = []
    complete = True

    def is_adequate(gone: frozenset, model: Model) -> bool:
        nonlocal complete
        if any(bad <= gone for bad in inadequate):
            return False
        if gone not in fits and screen.excess(gone)[0] <= critical:
            return True
        if gone not in fits:
            if len(fits) >= MAX_FITS:
                complete = False
                return False
            fits[gone] = fit_model(model, stats, "ML", start=full)
        if fits[gone].deviance - full.deviance <= critical:
            return True
        inadequate.append(gone)
        return False

    minimal: dict[frozenset, Model] = {}
    stack, seen = [(frozenset(), full.model)], {frozenset()}
    while stack:
        gone, model = stack.pop()
        smaller = [(gone | {t.key}, model.without(t)) for t in model.droppable(protected)]
        adequate = [item for item in smaller if is_adequate(*item)]
        if not adequate:
            minimal[gone] = model
        for item in adequate:
            if item[0] not in seen and len(seen) < MAX_SUBSETS:
                seen.add(item[0])
                stack.append(item)
            elif item[0] not in seen:
                complete = False
    return _fitted_subsets(minimal, fits, full, stats), complete


def _fitted_subsets(minimal, fits, full: Fit, stats: CrossProducts) -> list[Subset]:
    """The smallest of the minimal adequate models, fitted."""
    terms = {term.key: term for term in full.model.terms}
    widths = {gone: sum(key in gone for key in _column_keys(full)) for gone in minimal}
    chosen = sorted(minimal, key=lambda gone: (-widths[gone], sorted(map(str, gone))))[:MAX_SHOWN]
    subsets = []
    for gone in chosen:
        fit = fits.get(gone) or fit_model(minimal[gone], stats, "ML", start=full)
        subsets.append(Subset(tuple(terms[key] for key in terms if key in gone), fit))
    return sorted(subsets, key=lambda s: (s.fit.n_params, s.fit.deviance))


def _column_keys(fit: Fit) -> list[frozenset]:
    by_name = {str(term): term.key for term in fit.model.terms}
    return [by_name[name] for name in fit.terms]
