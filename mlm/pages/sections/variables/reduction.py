"""The path of the reduction: a table and a chart."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.rounding import NOT_APPLICABLE, degrees, fixed, p_value, tally, whole
from mlm.pages.text import plain_text
from mlm.results.reading import At


def _dropped_label(context: Context, step: At) -> str:
    return plain_text(context.labels.terms(step.dropped.value))


def path_table(context: Context) -> Block:
    """Deviance, test and information criteria at every step; of imputations the tests alone."""
    rows = []
    path = list(context.results.reduction.path)
    is_pooled = context.is_pooled
    for position, step in enumerate(path):
        tests = (
            [
                fixed(step.statistic, 1),
                degrees(step.df),
                degrees(step.denominator),
                p_value(step.p_value),
            ]
            if step.dropped.value
            else [NOT_APPLICABLE] * 4
        )
        rows.append(
            row(
                tally(derive("items", *(other.n_params for other in path[:position]))),
                _dropped_label(context, step) or _("Full model"),
                tally(step.n_params),
                *([] if is_pooled else [whole(step.deviance)]),
                *tests,
                *([] if is_pooled else [whole(step.aic), whole(step.bic)]),
            )
        )
    columns = [
        column(_("Step")),
        column(_("Dropped"), "text", main=True),
        column(_("Parameters")),
        *([] if is_pooled else [column(_("Deviance"))]),
        column("F", group=_("Test")),
        column(_("df"), group=_("Test")),
        column(_("Denominator df"), group=_("Test")),
        column("p", group=_("Test"), main=True),
        *([] if is_pooled else [column("AIC"), column("BIC")]),
    ]
    caption = (
        _("Path of the reduction (D1 over the imputations, from fits by REML)")
        if is_pooled
        else _("Path of the reduction (F tests by REML, criteria by ML)")
    )
    return table("path", caption, columns, rows)


def path_figure(context: Context) -> Block:
    """What each step cost in deviance by itself."""
    path = list(context.results.reduction.path)
    steps = list(zip(path, path[1:], strict=False))
    data = {
        "step": list(range(1, len(path))),
        "dropped": [_dropped_label(context, step) for _before, step in steps],
        "cost": [
            fixed(derive("difference", step.deviance, before.deviance), 1) for before, step in steps
        ],
        "p_value": [p_value(step.p_value) for _before, step in steps],
    }
    return figure(
        "path",
        "path",
        _("What each dropped term cost"),
        _(
            "One bar per step, from the first term dropped to the last: by how much the "
            "deviance rose when that term left. Short bars are terms that explain little."
        ),
        _(
            "Cost in deviance of each term dropped; it is the difference of neighbouring "
            "deviances in the table Path of the reduction."
        ),
        data,
        {"x": _("Rise of the deviance")},
        unit=_("deviance"),
    )
