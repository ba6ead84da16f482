"""Deletion of outermost units: what the estimates would be without each of them.

All units are left out in one Newton step each; without those that matter most the model is fitted
again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.results.diagnostics import RefusedDeletion
from mlm.results.reason import (
    CrossedUnits,
    EachGroupNeeded,
    InSeveralGroups,
    RandomSlopes,
    Reason,
    TooFewGroups,
    UnitSumsNotKept,
)
from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.names import level_record
from mlm.statistics.evidence.unit_totals import UnitTotals, unit_totals
from mlm.statistics.fitting.evaluated import evaluation_of, working_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.covariance import working_theta
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.refusals import NotWhereCrossed, UnitsInSeveral
from mlm.statistics.likelihood.structure import EstimatesWithout, Solved
from mlm.statistics.likelihood.working import Working

REFITTED_UNITS = 10  # units, those of the largest distance, without which the model is fitted again
# groups of all levels and refits together; beyond it fewer units are refitted
MAX_REFITTED_GROUPS = 200_000
FEWEST_LEFT = 3  # units that must be left


@dataclass(frozen=True)
class DeletionEffects:
    """What leaving out each outermost unit moves.

    Attributes
    ----------
    units : list of tuple of str
        Ids of the U units without which all fixed effects can be estimated.
    names : tuple of str
        The p fixed effects.
    change : ndarray (U, p)
        Estimate without the unit minus that with it, in standard errors of the latter.
    distance : ndarray (U,)
        Cook's distance: squared change of all fixed effects together, over their number.
    groups : tuple of str
        Variance components, the residual last.
    variances : ndarray (U, v)
        Variances without the unit, in squared units of the response.
    exact : ndarray of bool (U,)
        Whether the model was fitted again without the unit; else one Newton step was made.
    """

    units: list[tuple[str, ...]]
    names: tuple[str, ...]
    change: np.ndarray
    distance: np.ndarray
    groups: tuple[str, ...]
    variances: np.ndarray
    exact: np.ndarray


def unit_deletion(
    plan: Plan, fit: Fit, stats: CrossProducts, exact: int | None = None
) -> DeletionEffects | RefusedDeletion:
    """Leave out each outermost unit of a model with random intercepts.

    Parameters
    ----------
    plan : Plan
        Names the waves.
    fit : Fit
        The model.
    stats : CrossProducts
        Its sample, with the bundles of its waves.
    exact : int, optional
        Number of units, those of the largest distance, without which it is fitted again, beside
        that of the largest single move; default: ten, or fewer (at least three) where there are
        very many groups.

    Returns
    -------
    DeletionEffects or RefusedDeletion
        Refused where the cross-products of single units were not kept, because there are too many,
        where the units are too few, have slopes, or are each needed by the fixed effects; beside
        crossed units also where single evaluations take long, or where one of the lowest units was
        in two of these units in one wave.

    Source
    ------
    Deletion of groups and Cook's distance: Snijders and Berkhof (2008), Handbook of Multilevel
    Analysis, chapter 3; Demidenko and Stukel (2005), Statistics in Medicine 24, 893-909.
    """
    part = excerpt(fit.model, stats)
    outer = part.inwards[0]
    refused = partial(RefusedDeletion, level=level_record(plan, outer.name))
    found = unit_totals(plan, part)
    reason = _missing(part, outer, found)
    if reason is not None:
        return refused(reason=reason)
    evaluated = evaluation_of(fit, part)
    working, at = evaluated.working, evaluated.at
    if any(width != 1 for width in working.structure.widths):
        return refused(reason=RandomSlopes())
    waves = {name: _by_unit(part, outer, found, own) for name, own in found.waves.items()}
    try:
        units = working.structure.units_apart(plan, fit.model, stats, waves)
    except NotWhereCrossed as error:
        return refused(reason=CrossedUnits(effects=error.effects, limit=error.limit))
    except UnitsInSeveral as error:
        inside = level_record(plan, error.group)
        return refused(reason=InSeveralGroups(level=inside, units=error.units))
    solved = Solved(working, at, working_theta(fit.omegas, working.blocks), fit.criterion)
    apart = partial(working_of, fit, pooled=False)
    moved = working.structure.newton_without(solved, units, apart)
    if not moved.places.size:
        return refused(reason=EachGroupNeeded())
    deletion = _deletion(fit, [units.ids[i] for i in moved.places], working, at, moved)
    number = _refits(part) if exact is None else exact
    return _refitted(deletion, fit, lambda i: units.without(moved.places[i]), number)


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


def _refits(part: CrossProducts) -> int:
    """Units without which the model is fitted again: fewer where groups are very many."""
    groups = sum(level.size for level in part.levels)
    return min(max(MAX_REFITTED_GROUPS // groups, 3), REFITTED_UNITS)


def _by_unit(
    part: CrossProducts, outer: GroupSums | CrossedFactor, found: UnitTotals, own: np.ndarray
) -> np.ndarray:
    """Cross-products (U, k, k) in the order of the outermost units."""
    place = {label: i for i, label in enumerate(outer.labels.tolist())}
    totals = np.zeros((len(place), *part.total.shape))
    np.add.at(totals, [place[unit] for unit in found.units.tolist()], own)
    return totals


def _deletion(
    fit: Fit, ids, working: Working, at: Evaluation, moved: EstimatesWithout
) -> DeletionEffects:
    unit = working.response[1]
    change = moved.beta - at.beta
    spread = fixed_covariance(at) * at.sigma2
    distance = np.einsum("up,pq,uq->u", change, np.linalg.inv(spread), change) / working.n_fixed
    back = np.linalg.inv(working.transform)
    error = np.sqrt(np.diagonal(back @ spread @ back.T))
    groups = tuple(working.names[i] for i in working.structure.inwards)
    variances = np.column_stack([moved.omegas * moved.sigma2[:, None], moved.sigma2]) * unit**2
    return DeletionEffects(
        ids,
        fit.names,
        (change @ back.T) / error,
        distance,
        (*groups, "residual"),
        variances,
        np.zeros(len(change), dtype=bool),
    )


def _refitted(
    found: DeletionEffects, fit: Fit, without: Callable[[int], CrossProducts], exact: int
) -> DeletionEffects:
    """The same, fitted again without the units of the largest distance and the largest move."""
    change, distance = found.change.copy(), found.distance.copy()
    variances, known = found.variances.copy(), found.exact.copy()
    error, precision = np.sqrt(np.diagonal(fit.covariance)), np.linalg.inv(fit.covariance)
    first = np.argsort(-distance, kind="stable")[:exact].tolist()
    farthest = int(np.abs(change).max(axis=1).argmax())
    for unit in dict.fromkeys([*first, farthest] if exact else []):
        try:
            other = fit_model(fit.model, without(unit), fit.criterion, fit)
        except MLMError:
            continue
        if other.names != fit.names:
            continue
        moved = other.beta - fit.beta
        change[unit] = moved / error
        distance[unit] = moved @ precision @ moved / moved.size
        variances[unit] = [other.variance(group) for group in found.groups]
        known[unit] = True
    return replace(found, change=change, distance=distance, variances=variances, exact=known)
