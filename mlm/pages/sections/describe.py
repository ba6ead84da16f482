"""The variables of the models as recorded: means and shares by wave."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.node import Node, derive
from mlm.pages.numbers import NOT_AVAILABLE, decimals_for_size, fixed, percent

NOTHING = "–"


def describe_blocks(context: Context) -> list[Block]:
    """A table of the outcome and the variables of the full model, all rows kept."""
    waves = list(context.survey.get("waves"))
    rows = [
        found
        for name in context.variables
        if any(not wave.get("variables", name).empty for wave in waves)
        for found in _rows(context, name, waves)
    ]
    if not rows:
        return []
    columns = [column(_("Variable"), "text")]
    for wave in waves:
        label = context.labels.wave(wave["wave"].value)
        columns.append(column(_("Mean or share"), group=label))
        columns.append(column(_("SD"), group=label))
    notes = [
        _(
            "Of the rows in which the variable is recorded, before incomplete rows are left out. "
            "Categories: share of these rows; other variables: mean and standard deviation (SD)."
        )
    ]
    caption = _("Variables of the models by wave, rows kept")
    return [
        heading("describe", _("The variables as recorded")),
        table("describe", caption, columns, rows, notes),
    ]


def _rows(context: Context, name: str, waves: list[Node]) -> list[dict]:
    found = [wave.get("variables", name) for wave in waves]
    label, unit = context.labels.variable(name), context.labels.unit_of(name)
    title = f"{label} ({unit})" if unit else label
    if all(item.get("counts").missing for item in found):
        return [row(title, *(cell for item in found for cell in _moments(item, found)))]
    codes = list(dict.fromkeys(code for item in found for code in item.get("counts").value or ()))
    return [
        group_row(title),
        *(
            row(
                capitalise(context.labels.category(name, code)),
                *(cell for item in found for cell in _share(item, code)),
                indented=True,
            )
            for code in codes
        ),
    ]


def _moments(item: Node, found: list[Node]) -> list:
    spreads = [other.get("sd").value for other in found if other.get("sd").value]
    decimals = decimals_for_size(max(spreads, default=1.0), 3)
    return [
        NOT_AVAILABLE if item.get(key).missing else fixed(item[key], decimals)
        for key in ("mean", "sd")
    ]


def _share(item: Node, code: str) -> list:
    if not item.get("n").value:
        return [NOT_AVAILABLE, NOTHING]
    return [percent(derive("ratio", item["counts"].get(code), item["n"])), NOTHING]
