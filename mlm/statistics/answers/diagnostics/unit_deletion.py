"""Deletion of outermost units: what the estimates would be without each of them.

All units are left out in one Newton step each; without those that matter most the model is fitted
again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.plan import Plan
from mlm.results.diagnostics import RefusedDeletion
from mlm.results.reason import (
    CrossedUnits,
    EachGroupNeeded,
    InSeveralGroups,
    Reason,
    TooFewGroups,
    UnitSumsNotKept,
)
from mlm.statistics.answers.diagnostics.influence import unit_influence
from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.names import level_record
from mlm.statistics.evidence.unit_totals import UnitTotals, unit_totals
from mlm.statistics.fitting.estimates import estimates_near
from mlm.statistics.fitting.evaluated import evaluation_of, working_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.refusals import NotWhereCrossed, UnitsInSeveral
from mlm.statistics.likelihood.structure import EstimatesWithout, Solved, VarianceSearch
from mlm.statistics.likelihood.working import Working
from mlm.statistics.selection.random_part.forms import shares_of_waves, weights_of_covariances

REFITTED_UNITS = 10  # units, those of the largest distance, without which the model is fitted again
# groups of all levels and refits together; beyond it fewer units are refitted
MAX_REFITTED_GROUPS = 200_000
FEWEST_REFITTED = 3
FEWEST_LEFT = 3  # units that must be left
# deviance that a further step could gain at a refit: a 30,000th of a standard error
REFIT_GAIN = 1e-9


@dataclass(frozen=True)
class DeletionEffects:
    """What leaving out each outermost unit moves.

    Attributes
    ----------
    units : list of tuple of str
        Ids of the U units that were left out, without which all fixed effects can be estimated.
    names : tuple of str
        The p fixed effects.
    change : ndarray (U, p)
        Estimate without the unit minus that with it, in standard errors of the latter.
    distance : ndarray (U,)
        Cook's distance: squared change of all fixed effects together, over their number.
    groups : tuple of str
        Variance components, the residual last.
    variances : ndarray (U, v)
        Variances without the unit, in squared units of the response; with slopes or forms over
        waves their means over the rows.
    whole : ndarray (v,)
        The same with all units.
    exact : ndarray of bool (U,)
        Whether the model was fitted again without the unit; else one Newton step was made.
    of : int or None
        Units of the level, where only those of the largest influence were left out.
    """

    units: list[tuple[str, ...]]
    names: tuple[str, ...]
    change: np.ndarray
    distance: np.ndarray
    groups: tuple[str, ...]
    variances: np.ndarray
    whole: np.ndarray
    exact: np.ndarray
    of: int | None = None


def unit_deletion(
    plan: Plan, solution: Solution, exact: int | None = None
) -> DeletionEffects | RefusedDeletion:
    """Leave out each outermost unit of a model.

    Beside crossed units, where evaluations take long, those whose means move the fixed effects
    most.

    Parameters
    ----------
    plan : Plan
        Names the waves.
    solution : Solution
        The model and its sample, with the bundles of its waves.
    exact : int, optional
        Number of units, those of the largest distance, without which it is fitted again, beside
        that of the largest single move; default: ten, or fewer (at least three) where there are
        very many groups.

    Returns
    -------
    DeletionEffects or RefusedDeletion
        Refused where the cross-products of single units were not kept, because there are too many,
        where the units are too few or are each needed by the fixed effects; beside crossed units
        also where single evaluations take long, or where one of the lowest units was in two of
        these units in one wave.

    Source
    ------
    Deletion of groups and Cook's distance: Snijders and Berkhof (2008), Handbook of Multilevel
    Analysis, chapter 3; Demidenko and Stukel (2005), Statistics in Medicine 24, 893-909.
    """
    fit, stats = solution.fit, solution.stats
    part = excerpt(fit.model, stats)
    outer = part.inwards[0]
    refused = partial(RefusedDeletion, level=level_record(plan, outer.name))
    found = unit_totals(plan, part)
    reason = _missing(part, outer, found)
    if reason is not None:
        return refused(reason=reason)
    evaluated = evaluation_of(fit, part)
    working, at = evaluated.working, evaluated.at
    waves = {name: _by_unit(part, outer, found, own) for name, own in found.waves.items()}
    try:
        units = working.structure.units_apart(plan, fit.model, stats, waves)
    except NotWhereCrossed as error:
        return refused(reason=CrossedUnits(effects=error.effects, limit=error.limit))
    except UnitsInSeveral as error:
        inside = level_record(plan, error.group)
        return refused(reason=InSeveralGroups(level=inside, units=error.units))
    solved = _solved(solution, working)
    chosen, some = np.arange(outer.size), units.most < outer.size
    if some:
        distance = unit_influence(solution.evaluated).distance
        chosen = np.argsort(-distance, kind="stable")[: units.most]
    moved = working.structure.newton_without(solved, units, chosen)
    if not moved.places.size:
        return refused(reason=EachGroupNeeded())
    measure = Variances.of(plan, solution)
    ids = [units.ids[i] for i in moved.places]
    deletion = _deletion(fit, ids, solved, at, moved, measure)
    deletion = replace(deletion, of=outer.size if some else None)
    number = _refits(solved.search, part) if exact is None else exact
    return _refitted(deletion, solution, lambda i: units.without(moved.places[i]), number, measure)


def _solved(solution: Solution, working: Working) -> Solved:
    """The model at its estimates, with its search here and on other samples."""
    fit, best = solution.fit, solution.best

    def search_without(stats: CrossProducts) -> VarianceSearch:
        return search_of(working_of(fit, stats, pooled=False), fit.criterion)

    own = search_of(working, fit.criterion)
    return Solved(own, best.theta, best.hessian, fit.criterion, search_without)


@dataclass(frozen=True)
class Variances:
    """The variance of each level of a model, its mean over the rows, from covariances of effects.

    Attributes
    ----------
    groups : tuple of str
        Grouping factors, outermost first, and ``residual`` where the rows have a variance.
    terms : tuple of tuple of (int, ndarray (q, q))
        For each factor its random terms: place in the model, and weights of the covariances.
    """

    groups: tuple[str, ...]
    terms: tuple[tuple[tuple[int, np.ndarray], ...], ...]

    @classmethod
    def of(cls, plan: Plan, solution: Solution) -> Variances:
        """Those of a model, variables with slopes at their mean."""
        model, stats = solution.fit.model, solution.stats
        shares = shares_of_waves(plan, stats)
        by_wave = weights_of_covariances(plan, model, stats)
        weights = [np.tensordot(shares, own, axes=1) for own in by_wave]
        names = {level.name for level in excerpt(model, stats).inwards}
        order = [level.name for level in stats.inwards if level.name in names]
        terms = [
            tuple((i, weights[i]) for i, r in enumerate(model.random) if r.name == name)
            for name in order
        ]
        has_rows = solution.fit.residual is None
        return cls((*order, *([RESIDUAL] if has_rows else [])), tuple(terms))

    def at(self, covariances: Sequence[np.ndarray], residual: float) -> np.ndarray:
        """The variances (v,) at covariances of the effects and a mean residual variance."""
        found = [sum(np.sum(w * covariances[i]) for i, w in own) for own in self.terms]
        return np.array([*found, *([residual] if RESIDUAL in self.groups else [])])


def _missing(
    part: CrossProducts, outer: GroupSums | CrossedFactor, found: UnitTotals | None
) -> Reason | None:
    """What a sample lacks for its outermost units to be left out."""
    if not part.bundles:
        return UnitSumsNotKept(what="none")
    if found is None:
        return UnitSumsNotKept(what="other_rows")
    if found.bits < 0:
        return UnitSumsNotKept(what="shared")
    if outer.group != found.outer:
        return UnitSumsNotKept(what="other_level")
    if outer.size <= FEWEST_LEFT:
        return TooFewGroups(groups=outer.size, needed=FEWEST_LEFT + 1, what="deletion")
    return None


def _refits(search: Search, part: CrossProducts) -> int:
    """Units without which the model is fitted again: fewer where an evaluation takes long."""
    if search.is_costly:
        return FEWEST_REFITTED
    groups = sum(level.size for level in part.levels)
    return min(max(MAX_REFITTED_GROUPS // groups, FEWEST_REFITTED), REFITTED_UNITS)


def _by_unit(
    part: CrossProducts, outer: GroupSums | CrossedFactor, found: UnitTotals, own: np.ndarray
) -> np.ndarray:
    """Cross-products (U, k, k) in the order of the outermost units."""
    place = {label: i for i, label in enumerate(outer.labels.tolist())}
    totals = np.zeros((len(place), *part.total.shape))
    np.add.at(totals, [place[unit] for unit in found.units.tolist()], own)
    return totals


def _deletion(
    fit: Fit, ids, solved: Solved, at: Evaluation, moved: EstimatesWithout, measure: Variances
) -> DeletionEffects:
    working = solved.search.working
    unit = working.response[1]
    change = moved.beta - at.beta
    spread = fixed_covariance(at) * at.sigma2
    distance = np.einsum("up,pq,uq->u", change, np.linalg.inv(spread), change) / working.n_fixed
    back = np.linalg.inv(working.transform)
    error = np.sqrt(np.diagonal(back @ spread @ back.T))
    variances = []
    for theta, scale, residual in zip(moved.theta, moved.scale, moved.residual, strict=True):
        covariances = [scale * each for each in solved.search.covariances(theta)]
        variances.append(measure.at(covariances, residual))
    return DeletionEffects(
        ids,
        fit.names,
        (change @ back.T) / error,
        distance,
        measure.groups,
        np.array(variances) * unit**2,
        measure.at(fit.covariances, fit.sigma2),
        np.zeros(len(change), dtype=bool),
    )


def _refitted(
    found: DeletionEffects,
    solution: Solution,
    without: Callable[[int], CrossProducts],
    exact: int,
    measure: Variances,
) -> DeletionEffects:
    """The same, fitted again without the units of the largest distance and the largest move."""
    fit = solution.fit
    change, distance = found.change.copy(), found.distance.copy()
    variances, known = found.variances.copy(), found.exact.copy()
    error, precision = np.sqrt(np.diagonal(fit.covariance)), np.linalg.inv(fit.covariance)
    first = np.argsort(-distance, kind="stable")[:exact].tolist()
    farthest = int(np.abs(change).max(axis=1).argmax())
    for unit in dict.fromkeys([*first, farthest] if exact else []):
        try:
            other = estimates_near(
                fit.model, without(unit), fit.criterion, solution.beside, REFIT_GAIN
            )
        except MLMError:
            continue
        if other.names != fit.names:
            continue
        moved = other.beta - fit.beta
        change[unit] = moved / error
        distance[unit] = moved @ precision @ moved / moved.size
        variances[unit] = measure.at(other.covariances, other.sigma2)
        known[unit] = True
    return replace(found, change=change, distance=distance, variances=variances, exact=known)
