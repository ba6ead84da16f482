"""Rows that have the outcome and lack a covariate: how many, and how they differ, in words."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.disclosure.support import is_weak
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, negate
from mlm.pages.rounding import Number, decimals_for_mean, fixed
from mlm.pages.text import Run, say
from mlm.results.reading import At

MOST_PATTERNS = 8
"""Combinations of missing covariates that are told; the others stand together."""


@dataclass(frozen=True)
class Lacking:
    """Rows with the outcome that the models leave out.

    Attributes
    ----------
    rows, lost, share : At
        Rows that have the outcome; those of them that lack a covariate; their share.
    most : At
        The covariate that most of them lack (`LackingVariable`).
    """

    rows: At
    lost: At
    share: At
    most: At


def rows_of(item: At) -> At:
    """Rows of all waves that lack a covariate."""
    return derive("sum", *(wave.rows for wave in item.by_wave))


def with_outcome(item: At) -> At:
    """Rows of all waves that have the outcome."""
    return derive("sum", *(wave.with_outcome for wave in item.by_wave))


def lacking_variables(context: Context) -> list[At]:
    """Covariates of the analysis that any row with the outcome lacks, the most lacking first."""
    account = context.survey.missing_covariates.find(outcome=context.results.outcome.value)
    if account is None:
        return []
    found = [item for item in account.variables if item.variable.value in context.variables]
    return sorted(found, key=lambda item: -rows_of(item).value)


def patterns_of(context: Context) -> At | None:
    """Rows with the outcome by what they lack (`PatternsOfAnalysis`); None where not known."""
    account = context.survey.missing_covariates.find(outcome=context.results.outcome.value)
    return None if account is None else account.analyses.find(analysis=context.analysis)


def rows_lacking(context: Context, least: float = 0.0) -> Lacking | None:
    """The rows left out for a covariate where their share is above the least.

    None too where they are too few to be told.
    """
    found, items = patterns_of(context), lacking_variables(context)
    complete = None if found is None else found.patterns.find(variables=())
    if complete is None or not items:
        return None
    rows = with_outcome(items[0])
    lost = derive("difference", rows, complete.rows)
    share = derive("ratio", lost, rows)
    if share.value <= least or context.rules.is_small(lost.value):
        return None
    return Lacking(rows, lost, share, items[0])


def patterns_told(context: Context, analysis: At) -> list[At]:
    """Combinations of missing covariates of enough rows to be told, the most frequent first.

    Parameters
    ----------
    analysis : At
        A `PatternsOfAnalysis`.
    """
    found = [item for item in analysis.patterns if item.variables.value]
    return [item for item in found if not context.rules.is_small(item.rows.value)][:MOST_PATTERNS]


def may_tell(context: Context, item: At) -> bool:
    """Whether how rows differ rests on enough of them, and of those in and outside a category."""
    rules, n, members = context.rules, item.n.value, item.members.value
    few = rules.is_small(n) or rules.are_few_units(item.groups.value)
    if members is None or few:
        return not few
    column = item.column.value
    few = rules.is_small(members) or rules.is_small(n - members)
    return not few and not is_weak(column.variable, column.category, None, context)


def in_sd(item: At, value: At) -> Number:
    """A difference in standard deviations, as precise as one row fewer leaves it open."""
    return fixed(value, min(decimals_for_mean(1.0, item.n.value), 2))


def outcome_words(context: Context, item: At) -> list[Run]:
    """How the outcome of rows that lack a variable differs: one sentence; none where few lack it.

    Parameters
    ----------
    item : At
        A `LackingVariable`.
    """
    own = (
        each for each in item.unlike if each.column.variable.value == context.results.outcome.value
    )
    found = next(own, None)
    if found is None or not may_tell(context, found):
        return []
    low, high, size = found.lower, found.upper, found.standardised
    if not excludes_zero(found):
        return say(
            _(
                "In rows without {variable}, {outcome} does not clearly differ from that in the "
                "others of their wave ({low} to {high} SD)."
            ),
            outcome=context.labels.phrase(context.results.outcome.value),
            variable=context.labels.phrase(item.variable.value),
            low=in_sd(found, low),
            high=in_sd(found, high),
        )
    if size.value < 0:
        size, low, high = negate(size), negate(high), negate(low)
        template = _(
            "In rows without {variable}, {outcome} is {size} SD lower than in the others of "
            "their wave (95% interval {low} to {high})."
        )
    else:
        template = _(
            "In rows without {variable}, {outcome} is {size} SD higher than in the others of "
            "their wave (95% interval {low} to {high})."
        )
    return say(
        template,
        outcome=context.labels.phrase(context.results.outcome.value),
        variable=context.labels.phrase(item.variable.value),
        size=in_sd(found, size).bold(),
        low=in_sd(found, low),
        high=in_sd(found, high),
    )
