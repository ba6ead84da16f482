"""What a random slope means: its size, shares of variance along its variable, what explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.candidates import main_variables
from mlm.nouns.coding import code_terms
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.reason import (
    ColumnsNotKept,
    DeterminedByOthers,
    InLargerProduct,
    NotFitted,
    OfOuterGroups,
    Reason,
)
from mlm.results.reason import NotIdentified as NotIdentifiedRecord
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_and_sd, raw_vector, variances
from mlm.statistics.evidence.names import level_record, term_record, term_records
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.inference.explained import variances_along
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.likelihood.identification import NotIdentified
from mlm.statistics.selection.random_part.slopes import SlopeTrial, slope_effects

USUAL_REACH = 2.0  # standard deviations of a variable around its mean that count as its range
SHARE_POINTS = 21  # values of a variable at which shares are computed


@dataclass(frozen=True)
class ShareCurves:
    """Shares of the variance as a function of a variable with a random slope.

    Attributes
    ----------
    values : ndarray (v,)
        Values of a number, in its unit; or positions of the categories, the reference first.
    labels : tuple of str
        Categories; none for a number.
    groups : tuple of str
        Grouping factors, outermost first, the residual last where there is one.
    shares : ndarray (v, g)
        Share of each level at each value; rows add to 1.
    total : ndarray (v,)
        Total variance at each value, in squared units of the response.
    """

    values: np.ndarray
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    shares: np.ndarray
    total: np.ndarray


def shares_along(plan: Plan, slope: SlopeTrial, stats: CrossProducts) -> ShareCurves:
    """Variance partition over the range of a slope's variable.

    Parameters
    ----------
    plan : Plan
        Levels and categories.
    slope : SlopeTrial
        A slope that was fitted.
    stats : CrossProducts
        The sample; gives the mean and standard deviation of the variable.

    Returns
    -------
    ShareCurves
        For a number, from two standard deviations below its mean to two above; for time, at the
        waves.

    Source
    ------
    Goldstein, Browne and Rasbash (2002), Understanding Statistics 1, 223-231.
    """
    fit, variable = slope.fit, slope.variable
    if variable in plan.categories:
        labels = tuple(plan.categories[variable])
        values, at = np.arange(float(len(labels))), labels
    else:
        labels, values = (), _range(plan, variable, stats)
        at = values.tolist()
    found = variances_along(fit, stats, variable, at)
    if any(fit.in_place):  # no residual beside the effects of the lowest level
        del found["residual"]
    groups = tuple(level.key for level in plan.levels if level.key in found)
    by_level = np.column_stack([found[group] for group in groups])
    total = by_level.sum(axis=1)
    shown = values + plan.time.origin if variable == plan.time.name and not labels else values
    return ShareCurves(shown, labels, groups, by_level / total[:, None], total)


def _range(plan: Plan, variable: str, stats: CrossProducts) -> np.ndarray:
    if variable == plan.time.name:
        return np.array(plan.time.times)
    mean, sd = mean_and_sd(variable, stats)
    return mean + sd * np.linspace(-USUAL_REACH, USUAL_REACH, SHARE_POINTS)


def column_spread(plan: Plan, variable: str, stats: CrossProducts) -> dict[str, float]:
    """Standard deviation over the rows of each raw column of a variable, by column name.

    Parameters
    ----------
    plan : Plan
        The analysis.
    variable : str
        The variable.
    stats : CrossProducts
        The sample.
    """
    coded = code_terms((Term(), Term((Factor(variable),))), plan.categories)[1:]
    vectors = np.stack([raw_vector(c.column, stats) for c in coded])
    spreads = np.sqrt(variances(vectors, stats)).tolist()
    return dict(zip((c.name for c in coded), spreads, strict=True))


@dataclass(frozen=True)
class Explanation:
    """How far one cross-level product accounts for the differences of a slope.

    Attributes
    ----------
    term : Term
        Group variable times slope variable.
    before, after : float
        Sum of the slope variances without the product and with it.
    test : Test or RefusedTest
        F test of the product by REML, with Satterthwaite degrees of freedom.
    is_configured : bool
        Whether the model held the product already.
    """

    term: Term
    before: float
    after: float
    test: Test | RefusedTest
    is_configured: bool

    @property
    def share(self) -> float | None:
        """Share of the slope variance that the product accounts for; negative when it grows."""
        return 1.0 - self.after / self.before if self.before > 0.0 else None


@dataclass(frozen=True)
class NotExplained:
    """A cross-level product that was not tried.

    Attributes
    ----------
    term : Term
        Group variable times slope variable.
    reason : Reason
        Why it was not tried.
    """

    term: Term
    reason: Reason


def explanations(
    plan: Plan, slope: SlopeTrial, settled: Solution, clear: Sequence[SlopeTrial] = ()
) -> list[Explanation | NotExplained]:
    """Each product of a group variable with the slope's variable in the settled model, in turn.

    One that the model holds is taken out, another one is added: with the group variable itself,
    where the reduction has left that out.

    Parameters
    ----------
    plan : Plan
        Names the group variables.
    slope : SlopeTrial
        A slope that the settled model holds, as it was tried under the full mean, whose group
        variables are looked at.
    settled : Solution
        The settled model, and the sample with the columns of the products.
    clear : sequence of SlopeTrial
        Slopes that differ clearly. Where one is of the same variable over groups around these, the
        variables of those groups are left to it: here they would count as if each of the inner
        groups told something new.

    Returns
    -------
    list of Explanation or NotExplained
        For variables of the slope's groups or of groups around them, in the order of the model.
    """
    keys = [level.key for level in plan.levels]
    place = keys.index(slope.group)
    same = [keys.index(other.group) for other in clear if other.variable == slope.variable]
    above = max((other for other in same if other < place), default=-1)
    mains = [v for v in main_variables(slope.fit.model.terms) if v in plan.variable_levels]
    out: list[Explanation | NotExplained] = []
    for variable in mains:
        if plan.depth(variable) > place or variable == slope.variable:
            continue
        term = Term((Factor(variable), Factor(slope.variable)))
        if plan.depth(variable) <= above:
            outer = OfOuterGroups(level=level_record(plan, keys[above]))
            out.append(NotExplained(term, outer))
        else:
            out.append(_explanation(plan, replace(slope, fit=settled.fit), settled, term))
    return out


def _explanation(
    plan: Plan, slope: SlopeTrial, settled: Solution, term: Term
) -> Explanation | NotExplained:
    """The slope with a product and without it, or why it was not tried."""
    stats, model = settled.stats, settled.fit.model
    if not _has_columns(plan, term, stats):
        return NotExplained(term, ColumnsNotKept())
    known = {t.key for t in model.terms}
    inside = term.key in known
    held = [t for t in model.terms if t.contains(term)]
    if inside and held:
        return NotExplained(term, InLargerProduct(terms=term_records(held)))
    other = model.without(term)
    if not inside:
        alone = [t for t in (Term((term.factors[0],)),) if t.key not in known]
        other = model.with_terms([*model.terms, *alone, term])
    try:
        found = solve(other, stats, "REML", settled.start(other))
    except NotIdentified:
        return NotExplained(term, NotIdentifiedRecord(formula=other.formula))
    except MLMError:
        return NotExplained(term, NotFitted(what="model"))
    small, large = (found, settled) if inside else (settled, found)
    if not _weights(large, term).size:
        return NotExplained(term, DeterminedByOthers(terms=(term_record(term),)))
    test = f_test(large, _weights(large, term))
    before, after = (_slope_variance(each.fit, slope) for each in (small, large))
    return Explanation(term, before, after, test, inside)


def _has_columns(plan: Plan, term: Term, stats: CrossProducts) -> bool:
    margins = [Term(), *(Term((factor,)) for factor in term.factors)]
    coded = code_terms((*margins, term), plan.categories)
    return all(c.column in stats.columns.positions for c in coded if c.term == term)


def _weights(solution: Solution, term: Term) -> np.ndarray:
    names = [str(t) for t in solution.fit.model.terms if t.key == term.key]
    chosen = [i for i, name in enumerate(solution.fit.terms) if name in names]
    return np.eye(solution.fit.beta.size)[chosen]


def _slope_variance(fit, slope: SlopeTrial) -> float:
    return float(np.trace(slope_effects(fit, slope.variable, slope.group).covariance))
