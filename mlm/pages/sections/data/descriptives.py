"""The variables of the models as recorded: means and shares by wave."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.blocks import Block, column, group_row, heading, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import (
    NOT_AVAILABLE,
    Number,
    decimals_for_mean,
    decimals_for_spread,
    fixed,
    percent,
)
from mlm.results.reading import At
from mlm.results.survey.account import NumberSummary


def describe_blocks(context: Context, notes: Sequence[str] = ()) -> list[Block]:
    """A table of the outcome and the variables of the full model, all rows kept.

    Parameters
    ----------
    context : Context
    notes : sequence of str
        Printed below it, after what its numbers are.
    """
    waves = list(context.survey.waves)
    rows = [found for name in context.variables for found in _rows(context, name, waves)]
    if not rows:
        return []
    columns = [column(_("Variable"), "text")]
    columns += [column(context.labels.wave(wave.wave.value)) for wave in waves]
    what = [
        _(
            "Of the rows in which the variable is recorded, before incomplete rows are left out. "
            "Categories: share of these rows; other variables: mean and standard deviation (SD)."
        )
    ]
    caption = _("Variables of the models by wave, rows kept")
    return [
        heading("describe", _("The variables as recorded")),
        table("describe", caption, columns, rows, [*what, *notes]),
    ]


def _rows(context: Context, name: str, waves: list[At]) -> list[dict]:
    found = [wave.variables.find(variable=name) for wave in waves]
    if not found or None in found:
        return []
    label, unit = context.labels.variable(name), context.labels.unit_of(name)
    title = group_row(f"{label} ({unit})" if unit else label)
    if isinstance(found[0].value, NumberSummary):
        return [
            title,
            *(
                row(words, *(_moment(item, name) for item in found), indented=True)
                for words, name in ((_("Mean"), "mean"), (_("SD"), "sd"))
            ),
        ]
    codes = dict.fromkeys(part.category.value for item in found for part in item.counts)
    return [
        title,
        *(
            row(
                capitalise(context.labels.category(name, code)),
                *(_share(item, code) for item in found),
                indented=True,
            )
            for code in codes
        ),
    ]


def _moment(item: At, name: str) -> Number | str:
    value = getattr(item, name)
    rule = decimals_for_mean if name == "mean" else decimals_for_spread
    decimals = rule(item.sd.value, item.n.value)
    return NOT_AVAILABLE if value.missing else fixed(value, decimals)


def _share(item: At, code: str) -> Number | str:
    if not item.n.value:
        return NOT_AVAILABLE
    return percent(derive("ratio", item.counts.find(category=code).n, item.n))
