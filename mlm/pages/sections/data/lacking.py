"""Rows with the outcome that lack a covariate: by variable, by combination, and unlike whom."""

from __future__ import annotations

from mlm.nouns.fewest import MANY_LEFT_OUT
from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.lacking import (
    Lacking,
    in_sd,
    lacking_variables,
    may_tell,
    outcome_words,
    patterns_of,
    patterns_told,
    rows_lacking,
    rows_of,
)
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero
from mlm.pages.rounding import count, percent
from mlm.pages.text import Run, join, plain_text, say
from mlm.pages.words.terms import term_words
from mlm.results.reading import At

MOST_UNLIKE = 3
"""Covariates beside the outcome by which rows without a variable are told to differ."""


def lacking_blocks(context: Context) -> list[Block]:
    """What the models lose to missing covariates, and whether it is like what they keep."""
    found = rows_lacking(context)
    if found is None:
        return []
    blocks = [heading("lacking", _("Rows that lack a covariate"))]
    blocks += [paragraph(_summary(context, found)), _by_variable(context, found)]
    return [*blocks, *_by_pattern(context, found), *_unlike(context)]


def _summary(context: Context, found: Lacking) -> list[Run]:
    words = say(
        _(
            "{share} of the rows that have the outcome ({lost} of {rows}) lack a covariate, most "
            "often {variable}; its values were imputed."
        )
        if context.is_imputed
        else _(
            "{share} of the rows that have the outcome ({lost} of {rows}) are left out of the "
            "models, as they lack a covariate, most often {variable}."
        ),
        share=percent(found.share).bold(),
        lost=count(found.lost),
        rows=count(found.rows),
        variable=context.labels.phrase(found.most.variable.value),
    )
    told = outcome_words(context, found.most)
    return join(words, _by_default(context, found), told)


def _by_default(context: Context, found: Lacking) -> list[Run]:
    """That few rows are left out where the configuration does not say what becomes of them."""
    said = context.configuration.missing.method is not None or context.configuration.is_sampled
    if said or context.is_imputed or found.share.value > MANY_LEFT_OUT:
        return []
    return say(_("Were they more than 5%, their values would be imputed (key missing)."))


def _by_variable(context: Context, found: Lacking) -> Block:
    """Rows that lack each covariate; in public as shares, which leave open what lacks two."""
    counted = not context.rules.is_public
    rows = [
        row(
            context.labels.variable(item.variable.value),
            _described(context, item),
            *([count(rows_of(item))] if counted else []),
            percent(derive("ratio", rows_of(item), found.rows)),
            *([count(_units(context, item))] if counted else []),
        )
        for item in lacking_variables(context)
    ]
    columns = [
        column(_("Covariate"), "text"),
        column(_("Describes"), "text"),
        *([column(_("Rows"))] if counted else []),
        column(_("Share of the rows"), main=True),
        *([column(_("Units without it"))] if counted else []),
    ]
    words = _("Units without it: those that the covariate describes, counted in each wave.")
    caption = _("Rows with the outcome that lack a covariate")
    return table("lacking", caption, columns, rows, [words] if counted else [])


def _described(context: Context, item: At) -> str:
    """What a covariate describes, in the plural."""
    if item.level.value in context.configuration.level_names:
        return capitalise(context.labels.plural(item.level.value))
    return capitalise(context.rows_word)


def _units(context: Context, item: At) -> At:
    """Units that lack a covariate, in each wave; of rows and persons the rows."""
    names = context.configuration.level_names
    if item.level.value not in names[:-1]:
        return rows_of(item)
    return derive("sum", *(wave.groups for wave in item.by_wave))


def _by_pattern(context: Context, found: Lacking) -> list[Block]:
    """Covariates that are missing together; combinations of few rows stand together."""
    account = patterns_of(context)
    n_patterns = sum(1 for item in account.patterns if item.variables.value)
    told = patterns_told(context, account)
    if n_patterns < 2 or not told:
        return []
    rows = [
        row(
            ", ".join(map(context.labels.variable, item.variables.value)),
            percent(derive("ratio", item.rows, found.rows)),
            count(item.groups),
        )
        for item in told
    ]
    if len(told) < n_patterns:
        others = derive("difference", found.lost, derive("sum", *(item.rows for item in told)))
        rows.append(
            row(_("Other combinations"), percent(derive("ratio", others, found.rows)), None)
        )
    units = capitalise(context.labels.plural(account.level.value))
    columns = [column(_("Missing together"), "text"), column(_("Share of the rows"), main=True)]
    columns.append(column(units))
    caption = _("Combinations of missing covariates")
    return [table("lacking-together", caption, columns, rows, folded=True)]


def _unlike(context: Context) -> list[Block]:
    """The outcome, and the covariates by which rows that lack one differ most."""
    rows = []
    for item in lacking_variables(context):
        for each in _told(context, item):
            rows.append(
                row(
                    context.labels.variable(item.variable.value),
                    plain_text(term_words((each.column.value,), context.labels).full),
                    in_sd(each, each.standardised),
                    in_sd(each, each.lower),
                    in_sd(each, each.upper),
                )
            )
    if not rows:
        return []
    columns = [
        column(_("Rows without"), "text"),
        column(_("Differ in"), "text"),
        column(_("Difference"), group=_("In SD"), main=True),
        column(_("Lower"), group=_("In SD")),
        column(_("Upper"), group=_("In SD")),
    ]
    caption = _("How rows that lack a covariate differ from those that have it")
    notes = [
        _(
            "Means of rows with the outcome, compared within waves; 95% intervals from the "
            "differences between the outermost units. The outcome, and at most three covariates "
            "that differ clearly and most. Where the outcome differs, rows with gaps are no random "
            "part of all."
        )
    ]
    return [table("lacking-unlike", caption, columns, rows, notes)]


def _told(context: Context, item: At) -> list[At]:
    """The outcome, then the covariates that differ clearly and most, each by one column."""
    outcome = context.results.outcome.value
    known = [each for each in item.unlike if may_tell(context, each)]
    own = [each for each in known if each.column.variable.value == outcome]
    others: dict[str, At] = {}
    for each in sorted(known, key=lambda each: -abs(each.standardised.value)):
        name = each.column.variable.value
        if name in context.variables and name != outcome and excludes_zero(each):
            others.setdefault(name, each)
    return [*own, *list(others.values())[:MOST_UNLIKE]]
