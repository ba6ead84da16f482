"""Coefficients of the full and the settled model of a sample, and what their errors are made of."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, group_row, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import NOT_IN_MODEL, fixed, p_value
from mlm.pages.sections.sampled.error_parts import (
    Told,
    errors_table,
    part_cells,
    part_columns,
)
from mlm.pages.sections.sampled.estimates import (
    SIGNED,
    df_cell,
    estimate_cells,
    estimate_columns,
    interval_note,
)
from mlm.pages.text import say
from mlm.pages.words.terms import term_words
from mlm.results.reading import At


def coefficients_table(context: Context) -> Block:
    """Estimates of the full and of the settled model, one row a coefficient."""
    full, settled = context.results.full.fixed, context.results.settled.fixed
    rows: list[dict[str, Any]] = []
    parted, current = list(settled), None
    for item in _union(full, settled):
        name = term_words(item.term.value, context.labels)
        if name.heading != current and name.label != name.heading:
            rows.append(group_row(name.heading))
        current = name.heading
        kept = settled.find(term=item.term.value)
        before = _cells(full.find(term=item.term.value))
        cells = [
            *(*before[:2], before[-1]),
            *_cells(kept),
            *part_cells(parted, kept),
        ]
        rows.append(row(name.label, *cells, indented=name.label != name.heading))
    models = (context.model_title("full"), context.model_title("settled"))
    columns = [
        column(_("Term"), "text"),
        *estimate_columns(_("Estimate"), models[0], main=False)[:2],
        column("p", group=models[0]),
        *estimate_columns(_("Estimate"), models[1]),
        column("t", group=models[1]),
        column(_("df"), group=models[1]),
        column("p", group=models[1], main=True),
        *part_columns(parted, _("Parts of the SE")),
    ]
    caption = say(
        _("Coefficients of the full and the settled model, in {unit}"), unit=context.labels.unit
    )
    notes = [interval_note(), _("df: degrees of freedom of t. A dash: the term was dropped.")]
    return table("coefficients", caption, columns, rows, notes)


def _union(full: At, settled: At) -> list[At]:
    """Rows of the full model, then rows that only the settled model has."""
    names = {item.term.value for item in full}
    return [*full, *(item for item in settled if item.term.value not in names)]


def _cells(item: At | None) -> list[Any]:
    if item is None:
        return [NOT_IN_MODEL] * 7
    cells = estimate_cells(item, SIGNED if item.term.value else "number")
    return [*cells, fixed(item.t, 2), df_cell(item), p_value(item.p_value)]


def null_table(context: Context) -> Block:
    """Coefficients of the null model: time alone."""
    rows = [
        row(term_words(item.term.value, context.labels).full, *_cells(item))
        for item in context.results.null.fixed
    ]
    columns = [column(_("Term"), "text"), *estimate_columns(_("Estimate"))]
    columns += [column("t"), column(_("df")), column("p", main=True)]
    caption = say(_("Coefficients of the null model, in {unit}"), unit=context.labels.unit)
    return table("coefficients-null", caption, columns, rows, [interval_note()])


def coefficient_errors(context: Context) -> list[Block]:
    """What the errors of all coefficients and variances are made of, model by model."""
    told: list[Told] = []
    for key in ("null", "full", "settled"):
        told.append(Told(context.model_title(key)))
        for item in getattr(context.results, key).fixed:
            style = SIGNED if item.term.value else "number"
            told.append(Told(term_words(item.term.value, context.labels).full, item, style))
    caption = say(
        _("What the errors of the coefficients are made of, in {unit}"), unit=context.labels.unit
    )
    return errors_table("errors-coefficients", caption, told)
