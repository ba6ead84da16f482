"""The variables of the models as recorded: means and shares by wave."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.node import Node, derive
from mlm.pages.numbers import NOT_AVAILABLE, Number, decimals_for_size, fixed, percent


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
    columns += [column(context.labels.wave(wave["wave"].value)) for wave in waves]
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
    title = group_row(f"{label} ({unit})" if unit else label)
    if all(item.get("counts").missing for item in found):
        spreads = [item.get("sd").value for item in found if item.get("sd").value]
        decimals = decimals_for_size(max(spreads, default=1.0), 3)
        return [
            title,
            *(
                row(words, *(_moment(item.get(key), decimals) for item in found), indented=True)
                for key, words in (("mean", _("Mean")), ("sd", _("SD")))
            ),
        ]
    codes = list(dict.fromkeys(code for item in found for code in item.get("counts").value or ()))
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


def _moment(value: Node, decimals: int) -> Number | str:
    return NOT_AVAILABLE if value.missing else fixed(value, decimals)


def _share(item: Node, code: str) -> Number | str:
    if not item.get("n").value:
        return NOT_AVAILABLE
    return percent(derive("ratio", item["counts"].get(code), item["n"]))
