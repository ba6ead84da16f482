"""Random slopes: does the effect of a variable differ between groups?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.errors import FitError, ModelError
from mlm.nouns.coding import code_terms
from mlm.nouns.columns import Column
from mlm.nouns.fewest import FEWEST_WITH_SLOPES
from mlm.nouns.model import INTERCEPT, Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.coefficient import Factor as FactorRecord
from mlm.results.reason import (
    ColumnsNotKept,
    NotFitted,
    NoVariationWithin,
    Reason,
    TooFewGroups,
    TooFewRowsInGroup,
)
from mlm.results.reason import NotIdentified as NotIdentifiedRecord
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.remembered import answered
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution, fit_model, solve
from mlm.statistics.inference.holm import holm
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.pooling.beside import solved_beside
from mlm.statistics.pooling.median_test import median_ratio_test, median_test
from mlm.statistics.selection.random_part.catalogue import UNITS_A_PARAMETER

ABOUT_AS_WELL = 2.0  # deviance by which one level may explain a slope better and not be told apart
MIN_WITHIN = 1e-9  # share of a column's square that must lie within groups


@dataclass(frozen=True)
class SlopeTrial:
    """One variable's slope over one level, tested against the full model without it.

    Attributes
    ----------
    variable : str
        The variable.
    group : str
        Grouping factor over which its effect may differ.
    reason : Reason or None
        Why it was not tested; None when it was.
    fit : Fit or None
        The full model with the slope, by REML.
    test : Test or RefusedTest or None
        Against the full model by REML.
    beside : tuple of Fit
        The same as ``fit``, of other imputations.
    """

    variable: str
    group: str
    reason: Reason | None
    fit: Fit | None = None
    test: Test | RefusedTest | None = None
    beside: tuple[Fit, ...] = ()


@dataclass(frozen=True)
class SlopeEffects:
    """What a model says of one variable's slope over the units of a level.

    Attributes
    ----------
    names : tuple of str
        Names of its c columns: of a number, or of categories against the reference.
    columns : tuple of Factor
        What they stand for.
    covariance : ndarray (c, c)
        In units of the response.
    correlations : ndarray (c,) or None
        With the intercept of the units, NaN where a variance is zero; None where they have none:
        their effects change with the waves.
    """

    names: tuple[str, ...]
    columns: tuple[FactorRecord, ...]
    covariance: np.ndarray
    correlations: np.ndarray | None


def slope_effects(fit: Fit, variable: str, group: str) -> SlopeEffects:
    """The slope of a variable over the units of a level, in a model that holds it.

    Parameters
    ----------
    fit : Fit
        The model.
    variable : str
        The variable.
    group : str
        Grouping factor.
    """
    term, random = Term((Factor(variable),)), fit.model.random
    place = next(i for i, r in enumerate(random) if r.name == group and term in r.terms)
    names, terms = fit.random_names[place], fit.random_coefficients[place]
    own = [i for i, c in enumerate(terms) if [factor.variable for factor in c] == [variable]]
    omega = fit.omegas[place]
    columns = tuple(terms[i][0] for i in own)
    covariance = fit.sigma2 * omega[np.ix_(own, own)]
    correlations = None
    if INTERCEPT in names:
        sd, first = np.sqrt(np.diagonal(omega)), names.index(INTERCEPT)
        with np.errstate(invalid="ignore", divide="ignore"):
            correlations = omega[first, own] / (sd[first] * sd[own])
    return SlopeEffects(tuple(names[i] for i in own), columns, covariance, correlations)


def tried_slopes(
    plan: Plan,
    model: Model,
    stats: CrossProducts,
    start: Fit | None = None,
    others: Sequence[CrossProducts] = (),
) -> list[SlopeTrial]:
    """Each slope variable of the full model over each level above it, one at a time.

    Lines of time are forms over waves, and not tried again here.

    Parameters
    ----------
    plan : Plan
        Which variables may have slopes, and where they vary.
    model : Model
        The full model with the forms over waves of its levels.
    stats : CrossProducts
        The sample.
    start : Fit, optional
        The same model, fitted before.
    others : sequence of CrossProducts
        Other imputations of the sample, whose tests count as much.

    Returns
    -------
    list of SlopeTrial
        Tested or refused with a reason; a slope is tried only where its fixed effect is in the
        model. P-values are adjusted for the number of slopes that were tested.
    """
    base = fit_model(model, stats, "REML", start)
    present = {term.key for term in model.terms}
    groups = {term.group for term in model.random}
    wanted = [
        (group, term)
        for group in plan.groups
        if group in groups
        for term in (Term((Factor(variable),)) for variable in plan.slope_variables(group))
        if term.key in present
    ]
    variables = [str(term) for _, term in wanted]
    order = sorted(range(len(wanted)), key=lambda i: variables.index(variables[i]))
    trials = [partial(_tested, plan, base, stats, *wanted[i][::-1], others) for i in order]
    found = answered([stats, *others], trials)  # those of one variable share what they are made of
    slopes = [found[order.index(i)] for i in range(len(wanted))]
    tests = [slope.test for slope in slopes]
    adjusted = holm([test.p_value if isinstance(test, Test) else None for test in tests])
    return [
        slope if p is None else replace(slope, test=slope.test.adjusted(p))
        for slope, p in zip(slopes, adjusted, strict=True)
    ]


def _tested(plan: Plan, base: Fit, stats: CrossProducts, term: Term, group, others) -> SlopeTrial:
    variable, name = str(term), ":".join(group)
    reason = slope_refusal(plan, stats, group, term)
    if reason is not None:
        return SlopeTrial(variable, name, reason)
    room = with_room(base.model, group, term, stats)
    if room is None:
        groups, needed = stats.level(group).size, _needed(base.model, group, stats)
        few = TooFewGroups(groups=groups, needed=needed, what="slope_beside_waves")
        return SlopeTrial(variable, name, few)
    model = with_slope(room, group, term)
    try:
        small = solve(room, stats, "REML", start=base)
        large = solve(model, stats, "REML", start=small.fit, degrees=bool(others))
        pairs = [(small, large), *_pairs(small, large, others)]
    except ModelError:  # the data do not tell its variances, or the parameters of forms, apart
        return SlopeTrial(variable, name, NotIdentifiedRecord(formula=model.formula))
    except FitError:
        return SlopeTrial(variable, name, NotFitted(what="model"))
    test = median_ratio_test([(one.fit, other.fit, other.stats) for one, other in pairs])
    fit, *beside = (other.fit for _, other in pairs)
    return SlopeTrial(variable, name, None, fit, test, tuple(beside))


def _pairs(small: Solution, large: Solution, others: Sequence[CrossProducts]) -> list[tuple]:
    """Two models fitted to other imputations."""
    return list(zip(solved_beside(small, others), solved_beside(large, others), strict=True))


def with_room(
    model: Model, group: tuple[str, ...], term: Term, stats: CrossProducts
) -> Model | None:
    """The model in which a slope over some groups is tried; None where they are too few for it.

    Contrasts of a category are correlated with the effects of the groups, or they would depend on
    the reference. Where these have a form of their covariance they are given any covariance first.

    Parameters
    ----------
    model : Model
        The model.
    group : tuple of str
        Id columns of the units.
    term : Term
        What varies over them.
    stats : CrossProducts
        The sample.
    """
    formed, categories = _formed(model, group, stats), stats.columns.categories
    if formed is None or not any(v in categories for v in term.variables):
        return model
    if stats.level(group).size < _needed(model, group, stats):
        return None
    free = replace(formed, form=None)
    return model.with_random([free if r is formed else r for r in model.random])


def _formed(model: Model, group: tuple[str, ...], stats: CrossProducts) -> RandomTerm | None:
    """The term of the effects of some groups, where their covariance has a form."""
    own = [r for r in model.random if r.group == group]
    if any(r.form is None and _holds_effects(r, stats) for r in own):
        return None
    return next((r for r in own if r.form is not None), None)


def _holds_effects(random: RandomTerm, stats: CrossProducts) -> bool:
    """Whether a random term holds effects of the groups themselves, and not slopes alone."""
    return any(
        term == Term() or (len(term.factors) == 1 and str(term) in stats.columns.categories)
        for term in random.terms
    )


def _needed(model: Model, group: tuple[str, ...], stats: CrossProducts) -> int:
    """Units from which effects of each wave carry any covariance."""
    (variable,) = _formed(model, group, stats).terms[0].variables
    waves = len(stats.columns.categories[variable])
    return UNITS_A_PARAMETER * waves * (waves + 1) // 2


def with_slope(model: Model, group: tuple[str, ...], term: Term) -> Model:
    """The model with one more column that varies over some groups.

    It stands in their random term, correlated with the other effects; beside a form of their
    covariance in a term of its own, independent of them.

    Parameters
    ----------
    model : Model
        The model.
    group : tuple of str
        Id columns of the units.
    term : Term
        What the column stands for.
    """
    own = [r for r in model.random if r.group == group and r.form is None]
    if own:
        larger = replace(own[0], terms=(*own[0].terms, term))  # their effects come before slopes
        return model.with_random([larger if r is own[0] else r for r in model.random])
    return model.with_random([*model.random, RandomTerm(group, (term,))])


def slope_refusal(plan: Plan, stats: CrossProducts, group, term: Term) -> Reason | None:
    """Why a slope is not tried; None where it may be.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        The sample.
    group : tuple of str
        Id columns of the units.
    term : Term
        What would vary over them.
    """
    columns = [c.column for c in code_terms((Term(), term), plan.categories)[1:]]
    level, positions = stats.level(group), stats.columns.positions
    if level.size < FEWEST_WITH_SLOPES:
        return TooFewGroups(groups=level.size, needed=FEWEST_WITH_SLOPES, what="slope_variance")
    size, mean = len(columns) + 1, float(level.rows.sum() / level.size)
    kept = all(column in level.candidates for column in columns)
    if kept and any(_within_share(level, c, positions[c]) < MIN_WITHIN for c in columns):
        return NoVariationWithin()
    if level.rows.sum() <= level.size * size:
        return TooFewRowsInGroup(mean=mean, effects=size)
    return None if kept else ColumnsNotKept()


def _within_share(level: GroupSums, column: Column, position: int) -> float:
    """Part of a column's sum of squares, over all rows, that lies within groups."""
    sums = level.sums[level.candidates.index(column)]
    square = float(sums[:, position].sum())
    between = float(np.sum(sums[:, 0] ** 2 / level.rows))
    return (square - between) / square if square > 0.0 else 0.0


def clear_slopes(slopes: Sequence[SlopeTrial], alpha: float) -> list[SlopeTrial]:
    """Slopes that differ between groups by a test below alpha, adjusted for those tested."""
    return [s for s in slopes if isinstance(s.test, Test) and s.test.p_adjusted < alpha]


def as_well_over(slope: SlopeTrial, slopes: Sequence[SlopeTrial]) -> list[str]:
    """Other levels over which the slope of a variable explains the data about as well.

    All are tested against the same model, so their statistics differ as their deviances do.
    """
    if not isinstance(slope.test, Test):
        return []
    return [
        other.group
        for other in slopes
        if other.variable == slope.variable
        and other.group != slope.group
        and isinstance(other.test, Test)
        and abs(other.test.statistic - slope.test.statistic) < ABOUT_AS_WELL
    ]


def keep_slopes(
    slopes: list[SlopeTrial],
    model: Model,
    stats: CrossProducts,
    alpha: float,
    start: Fit | None = None,
    others: Sequence[CrossProducts] = (),
) -> Solution:
    """The full model with the slopes that hold in each other's presence, by REML.

    The clearest slope enters first; each next one stays only if its test against the model with
    those before it is below alpha. A fit on a bound counts as any other: a slope does not matter
    less because another variance is zero.

    Parameters
    ----------
    slopes : list of SlopeTrial
        Slopes that were tried.
    model : Model
        The full model without slopes.
    stats : CrossProducts
        The sample.
    alpha : float
        Level of each test.
    start : Fit, optional
        The same model, fitted before.
    others : sequence of CrossProducts
        As for ``tried_slopes``.
    """
    clear = clear_slopes(slopes, alpha)
    kept = base = solve(model, stats, "REML", start)
    for slope in sorted(clear, key=lambda s: s.test.p_value):
        group = tuple(slope.group.split(":"))
        term = Term((Factor(slope.variable),))
        room = with_room(kept.fit.model, group, term, stats)
        if room is None:
            continue
        try:
            small = solve(room, stats, "REML", kept.fit)
            near = slope.fit if kept is base else small.fit
            candidate = solve(with_slope(room, group, term), stats, "REML", near)
            pairs = [(small, candidate), *_pairs(small, candidate, others)]
        except (FitError, ModelError):
            continue
        if candidate.fit.converged and _is_clear(pairs, alpha):
            kept = candidate
    return kept


def _is_clear(pairs: Sequence[tuple[Solution, Solution]], alpha: float) -> bool:
    """Whether the larger model is needed; the mixture is computed where it could tell otherwise.

    The p-value by the mixture is never above the conservative one. Of several imputations the
    median p-value decides.
    """
    rough = median_test([likelihood_ratio_test(one.fit, other.fit) for one, other in pairs])
    if isinstance(rough, Test) and rough.p_value < alpha:
        return True
    test = median_ratio_test([(one.fit, other.fit, other.stats) for one, other in pairs])
    return isinstance(test, Test) and test.p_value < alpha
