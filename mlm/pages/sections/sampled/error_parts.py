"""What the errors of estimates are made of: sampling, measurement, the link between scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.blocks import Block, Cell, column, group_row, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_APPLICABLE, NOT_IN_MODEL, Number, fixed, percent
from mlm.pages.sections.sampled.estimates import ERROR_STYLES, NUMBER, df_cell, shown
from mlm.pages.text import Run, say
from mlm.results.reading import At

PARTS = {
    "sampling_error": N_("Sampling"),
    "measurement_error": N_("Measurement"),
    "linking_error": N_("Link of scales"),
}
TERMS = (
    (N_("Sampling"), N_("The standard error if the outcome were known without error.")),
    (N_("Measurement"), N_("What plausible values add: the root of the variance they add.")),
    (N_("Link of scales"), N_("The standard error of the link between the scales of two waves.")),
    (N_("df"), N_("Degrees of freedom of the t distribution of intervals and tests.")),
    (
        N_("Missing information"),
        N_(
            "The part of the information on an estimate that is lost because the outcome is known "
            "by plausible values only."
        ),
    ),
    (
        N_("Design effect"),
        N_("The variance of sampling over that which the model alone would give."),
    ),
)


@dataclass(frozen=True)
class Told:
    """An estimate with its name in a table and the style of its numbers; a heading without one."""

    name: str
    item: At | None = None
    style: str = NUMBER


def errors_table(
    identifier: str, caption: Sequence[Run] | str, told: Sequence[Told]
) -> list[Block]:
    """What the errors of estimates are made of; nothing where there is no more than one part.

    Parameters
    ----------
    identifier : str
        Name of the table.
    caption : text or runs
    told : sequence of Told
        Estimates in their order, headings between them.
    """
    items = [each.item for each in told if each.item is not None and not each.item.missing]
    parts = [name for name in PARTS if any(_has(item, name) for item in items)]
    others = [name for name in ("missing_information", "design_effect") if _any(items, name)]
    if len(parts) + len(others) < 2 and not _any(items, "df"):
        return []
    rows = [_error_row(each, parts, others) for each in told if _is_told(each)]
    group = _("Parts of it")
    columns = [column(_("Estimate"), "text"), column(_("SE"), main=True)]
    columns += [column(_(PARTS[name]), group=group, main=True) for name in parts]
    columns.append(column(_("df")))
    names = {
        "missing_information": _("Missing information"),
        "design_effect": _("Design effect"),
    }
    columns += [column(names[name]) for name in others]
    notes = [_squares()] if len(parts) > 1 else []
    return [table(identifier, caption, columns, rows, notes)]


def _squares() -> str:
    return _("The squares of the parts add up to the square of the standard error (SE).")


def _is_told(each: Told) -> bool:
    return each.item is None or not each.item.missing


def _any(items: Sequence[At], name: str) -> bool:
    return any(_has(item, name) for item in items)


def _has(item: At, name: str) -> bool:
    """Whether an estimate has a part of its error; only changes have a link."""
    return name in type(item.value).model_fields and not getattr(item, name).missing


def _error_row(each: Told, parts: Sequence[str], others: Sequence[str]) -> dict[str, Any]:
    item = each.item
    if item is None:
        return group_row(each.name)
    style = ERROR_STYLES.get(each.style, each.style)
    cells: list[Cell] = [shown(item.std_error, item, style)]
    cells += [
        shown(getattr(item, name), item, style) if _has(item, name) else NOT_APPLICABLE
        for name in parts
    ]
    cells.append(df_cell(item))
    for name in others:
        cells.append(_other(name, item) if _has(item, name) else NOT_APPLICABLE)
    return row(each.name, *cells)


def _other(name: str, item: At) -> Number:
    value = getattr(item, name)
    return percent(value, 0) if name == "missing_information" else fixed(value, 2)


def part_columns(items: Sequence[At], group: str) -> list[dict[str, Any]]:
    """Columns of the parts that the errors of some estimates have; none of one part alone."""
    return [column(_(PARTS[name]), group=group) for name in parts_of(items)]


def part_cells(items: Sequence[At], item: At | None) -> list[Cell]:
    """The parts of the error of one of these estimates, None for one that is not in the model."""
    names = parts_of(items)
    if item is None:
        return [NOT_IN_MODEL] * len(names)
    return [
        shown(getattr(item, name), item) if _has(item, name) else NOT_APPLICABLE for name in names
    ]


def parts_of(items: Sequence[At]) -> list[str]:
    """The parts that the errors of some estimates have; none of one part alone."""
    found = [name for name in PARTS if _any(items, name)]
    return found if len(found) > 1 else []


def error_words(context: Context, item: At) -> list[Run]:
    """Which part of the error of a mean is of sampling and which of measurement."""
    if item.missing or item.measurement_error.missing or item.sampling_error.missing:
        return []
    return say(
        _(
            "The standard error of the mean in {wave} is {whole} {unit}: {sampling} from sampling "
            "and {measurement} from measuring with plausible values (their squares add up)."
        ),
        wave=context.labels.wave(item.wave.value),
        whole=shown(item.std_error, item),
        sampling=shown(item.sampling_error, item),
        measurement=shown(item.measurement_error, item),
        unit=context.labels.unit,
    )
