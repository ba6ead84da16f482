"""The path of the reduction: a table and a chart."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, raw, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import degrees, fixed, p_value, tally
from mlm.pages.text import plain_text
from mlm.results.reading import At

EMPTY = "–"


def _dropped_label(context: Context, step: At) -> str:
    return plain_text(context.labels.terms(step.dropped.value))


def path_table(context: Context) -> Block:
    """Deviance, test and information criteria at every step."""
    rows = []
    for position, step in enumerate(context.results.reduction.path):
        tests = (
            [
                fixed(step.statistic, 1),
                degrees(step.df),
                degrees(step.denominator),
                p_value(step.p_value),
            ]
            if step.dropped.value
            else [EMPTY] * 4
        )
        rows.append(
            row(
                str(position),
                _dropped_label(context, step) or _("Full model"),
                tally(step.n_params),
                fixed(step.deviance, 1),
                *tests,
                fixed(step.aic, 1),
                fixed(step.bic, 1),
            )
        )
    columns = [
        column(_("Step"), "text"),
        column(_("Dropped"), "text"),
        column(_("Parameters")),
        column(_("Deviance")),
        column("F", group=_("Test")),
        column(_("df"), group=_("Test")),
        column(_("Denominator df"), group=_("Test")),
        column("p", group=_("Test")),
        column("AIC"),
        column("BIC"),
    ]
    return table(
        "path", _("Path of the reduction (F tests by REML, criteria by ML)"), columns, rows
    )


def path_figure(context: Context) -> Block:
    """Deviance above the full model, step by step, with the simultaneous bound."""
    path = context.results.reduction.path
    start = path[0].deviance.value
    data = {
        "step": list(range(len(path))),
        "dropped": [_dropped_label(context, step) or _("Full model") for step in path],
        "cost": [step.deviance.value - start for step in path],
        "p_value": [raw(step.p_value) for step in path],
    }
    bound = context.results.reduction.bound.critical
    return figure(
        "path",
        "path",
        _("What each dropped term cost"),
        _(
            "The line climbs by the deviance that dropped terms cost. Small steps are terms the "
            "data can do without. The dashed line is the bound for all dropped terms together: a "
            "model above it has lost something that matters."
        ),
        _(
            "Cumulative cost in deviance of the terms dropped; the numbers are in the table Path "
            "of the reduction."
        ),
        data,
        {
            "bound": raw(bound),
            "y": _("Deviance above the full model"),
            "x": _("Terms dropped, in order"),
        },
    )
