"""Counts of rows that have an outcome and lack covariates: what ties them to other counts.

Over all waves: of single waves nothing is printed.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlm.nouns.levels import ROW
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.disclosure.check_relations import Terms
from mlm.pages.lacking import patterns_told, rows_of, with_outcome
from mlm.results.reading import At


def lacking_relations(context: Context) -> Iterator[Terms]:
    """What the account of missing covariates says of rows of the ledger and of the models."""
    for account in context.survey.missing_covariates:
        for item in account.variables:
            yield from _of_the_ledger(context, account.outcome.value, item)
        for analysis in account.analyses:
            yield from _patterns(context, account, analysis)
            if analysis.analysis.value == context.analysis:
                yield from _of_the_models(context, account, analysis)


def _of_the_ledger(context: Context, outcome: str, item: At) -> Iterator[Terms]:
    """Rows without a variable have the outcome or lack both; rows of persons are their units."""
    waves, lacking = list(context.survey.waves), rows_of(item)
    if item.level.value in (ROW, context.configuration.level_names[-1]):
        yield from ([(1, wave.rows), (-1, wave.groups)] for wave in item.by_wave)
    summaries = [wave.variables.find(variable=outcome) for wave in waves]
    if waves and all(summary is not None for summary in summaries):
        yield [(1, with_outcome(item)), *((-1, summary.n) for summary in summaries)]
    cells, gone = (
        [c.cells for wave in waves for c in wave.missing_ if c.variable.value == name]
        for name in (item.variable.value, outcome)
    )
    if not cells:
        return
    both = derive("difference", derive("sum", *cells), lacking)
    yield [(1, lacking), (1, both), *((-1, each) for each in cells)]
    if gone:  # of the rows without the outcome some have the variable
        other = derive("difference", derive("sum", *gone), both)
        yield [(1, both), (1, other), *((-1, each) for each in gone)]


def _patterns(context: Context, account: At, analysis: At) -> Iterator[Terms]:
    """Rows that lack a variable are those of the combinations told, and others."""
    told = patterns_told(context, analysis)
    for item in account.variables:
        found = [each.rows for each in told if item.variable.value in each.variables.value]
        if found:
            rest = derive("difference", rows_of(item), derive("sum", *found))
            yield [(1, rows_of(item)), *((-1, rows) for rows in found), (-1, rest)]


def _of_the_models(context: Context, account: At, analysis: At) -> Iterator[Terms]:
    """Complete rows are those of the models; those without a variable are among the others."""
    complete = analysis.patterns.find(variables=())
    if complete is None:
        return
    yield from ([(1, complete.rows), (-1, rows)] for rows in _complete_rows(context))
    for item in account.variables:
        if item.variable.value in context.variables:
            lost = derive("difference", with_outcome(item), complete.rows)
            rest = derive("difference", lost, rows_of(item))
            yield [(1, lost), (-1, rows_of(item)), (-1, rest)]
            yield [(1, lost), (-1, with_outcome(item)), (1, complete.rows)]


def _complete_rows(context: Context) -> Iterator[At]:
    """Rows of the models; where values are imputed, those of the complete rows beside them."""
    if context.is_imputed:
        beside = context.results.imputed.complete_cases
        if beside.kind.value == "made":
            yield beside.rows
    else:
        yield context.results.n_obs
