"""Coefficients of the full and the settled model side by side: a table."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import error_of, signed_cells
from mlm.pages.rounding import NOT_IN_MODEL, degrees, number, p_value, percent, signed
from mlm.pages.sections.method.fit_notes import aliased_words
from mlm.pages.text import say
from mlm.pages.words.terms import term_words
from mlm.results.coefficient import Term
from mlm.results.reading import At


def coefficients_table(context: Context) -> Block:
    """Estimates by REML: full model, settled model, and the tests."""
    rows, current = [], None
    found = {item.term.value: item for item in context.settled.fixed}
    for item in _union(context):
        name = term_words(item.term.value, context.labels)
        if name.heading != current and name.label != name.heading:
            rows.append(group_row(name.heading))
        current = name.heading
        kept = found.get(item.term.value)
        estimates = (_in_full(context, item.term.value), kept)
        cells = [cell for each in estimates for cell in signed_cells(each)]
        cells += _detail_cells(kept)
        cells += _missing_cells(context, kept)
        rows.append(row(name.label, *cells, indented=name.label != name.heading))
    return table(
        "coefficients",
        say(
            _("Coefficients of the full and the settled model, in {unit} (REML)"),
            unit=context.labels.unit,
        ),
        _columns(context),
        rows,
        [*_notes(context), *aliased_words(context)],
    )


def _missing_cells(context: Context, kept: At | None) -> list:
    """The fraction of missing information of a coefficient, where values were imputed."""
    if not context.is_pooled:
        return []
    return [NOT_IN_MODEL if kept is None else percent(kept.missing_information)]


def _columns(context: Context) -> list:
    models = (_("Full model"), _("Settled model"))
    estimates = [
        column(label, group=model, main=model == models[-1])
        for model in models
        for label in (_("Estimate"), _("SE"))
    ]
    return [
        column(_("Term"), "text"),
        *estimates,
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column(_("df"), group=_("Test")),
        column("p", group=_("Test"), main=True),
        *([column(_("Missing information"))] if context.is_pooled else []),
    ]


def _notes(context: Context) -> list[str]:
    first = _(
        "Interval and test are those of the settled model. SE: standard error. df: degrees "
        "of freedom of the t distribution, by Satterthwaite's method. A dash: the term was "
        "dropped."
    )
    if not context.is_pooled:
        return [first]
    second = _(
        "Pooled over imputations: degrees of freedom by Barnard and Rubin (1999), with "
        "Satterthwaite's for complete data. Missing information: the part of what complete data "
        "would tell of a coefficient that missing values took."
    )
    return [first, second]


def _union(context: Context) -> list[At]:
    """Rows of the full model, then rows that only the settled model has."""
    full = list(context.results.full.reml.fixed)
    names = {item.term.value for item in full}
    return full + [i for i in context.settled.fixed if i.term.value not in names]


def _in_full(context: Context, term: Term) -> At | None:
    return context.results.full.reml.fixed.find(term=term)


def _detail_cells(item: At | None) -> list:
    if item is None:
        return [NOT_IN_MODEL] * 4
    error = error_of(item)
    shown = signed if item.term.value else number
    return [
        shown(item.lower, error),
        shown(item.upper, error),
        degrees(item.df),
        p_value(item.p_value),
    ]
