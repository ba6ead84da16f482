"""Coefficients of the full and the final model side by side: a table and a chart."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, group_row, raw, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.node import Node
from mlm.pages.numbers import degrees, number, p_value, signed
from mlm.pages.phrases import error_of, signed_cells
from mlm.pages.terms import INTERCEPT, read_term
from mlm.pages.text import say

EMPTY = "–"


def coefficients_table(context: Context) -> Block:
    """Estimates by REML: full model, final model with interval, degrees of freedom and p."""
    rows, current = [], None
    final = {item["term"].value: item for item in context.final.get("fixed")}
    for item in _union(context):
        name = read_term(item["term"].value, context.labels)
        if name.heading != current and name.label != name.heading:
            rows.append(group_row(name.heading))
        current = name.heading
        kept = final.get(item["term"].value)
        full = _in_full(context, item["term"].value)
        cells = [*signed_cells(full), *signed_cells(kept), *_detail_cells(kept)]
        rows.append(row(name.label, *cells, indented=name.label != name.heading))
    return table(
        "coefficients",
        say(
            _("Coefficients of the full and the final model, in {unit} (REML)"),
            unit=context.labels.unit,
        ),
        [
            column(_("Term"), "text"),
            column(_("Estimate"), group=_("Full model")),
            column(_("SE"), group=_("Full model")),
            column(_("Estimate"), group=_("Final model")),
            column(_("SE"), group=_("Final model")),
            column(_("Lower"), group=_("95% interval")),
            column(_("Upper"), group=_("95% interval")),
            column(_("df"), group=_("Test")),
            column("p", group=_("Test")),
        ],
        rows,
        [
            _(
                "Interval and test are those of the final model. SE: standard error. df: degrees "
                "of freedom of the t distribution, by Satterthwaite's method. A dash: the term was "
                "dropped."
            )
        ],
    )


def _union(context: Context) -> list[Node]:
    """Rows of the full model, then rows that only the final model has."""
    full = list(context.results.get("full", "reml", "fixed"))
    names = {item["term"].value for item in full}
    return full + [i for i in context.final.get("fixed") if i["term"].value not in names]


def _in_full(context: Context, term: str) -> Node | None:
    return context.results.get("full", "reml", "fixed").find(term=term)


def _detail_cells(item: Node | None) -> list:
    if item is None:
        return [EMPTY] * 4
    error = error_of(item)
    shown = number if item["term"].value == INTERCEPT else signed
    return [
        shown(item["lower"], error),
        shown(item["upper"], error),
        degrees(item["df"]),
        p_value(item["p_value"]),
    ]


def coefficients_figure(context: Context) -> Block:
    """Full beside final, one variable at a time: no constant, no time alone, no products."""
    keys = ("model", "heading", "label", "estimate", "lower", "upper")
    data: dict[str, list] = {key: [] for key in keys}
    models = ((_("Full model"), ("full", "reml")), (_("Final model"), ("final", "reml")))
    for model, keys in models:
        for item in context.results.get(*keys, "fixed"):
            name = read_term(item["term"].value, context.labels)
            if len(name.variables) != 1 or name.variables == (context.time,):
                continue
            data["model"].append(model)
            data["heading"].append(name.heading)
            data["label"].append(name.label)
            for key in ("estimate", "lower", "upper"):
                data[key].append(raw(item[key]))
    caption = say(_("Coefficients of the full and the final model, with 95% intervals"))
    how = say(
        _(
            "Each mark is an estimated difference in {outcome}, in {unit}; the line is its 95% "
            "interval. An interval that crosses zero leaves the direction open. Circles: full "
            "model; squares: final model. Coefficients of numbers are per unit of the variable. A "
            "variable that also enters a product has its coefficient here at the reference of the "
            "other variable; products are in the table."
        ),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    alt = _(
        "Coefficients of the full and the final model with 95% intervals; the numbers are in the "
        "table Coefficients of the full and the final model."
    )
    options = {
        "x": _("Difference in {outcome} ({unit})").format(
            outcome=context.labels.outcome, unit=context.labels.unit
        )
    }
    return figure("coefficients", "coefficients", caption, how, alt, data, options)
