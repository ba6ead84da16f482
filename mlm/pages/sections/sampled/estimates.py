"""Estimates of a sample in tables: with error and interval, and what their errors are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.blocks import Block, Cell, column, group_row, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import (
    MAX_DECIMALS,
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    Number,
    decimals_for_error,
    decimals_for_mean,
    decimals_for_size,
    degrees,
    drawn,
    fixed,
    number,
    percent,
    signed,
)
from mlm.pages.text import Run, say
from mlm.results.reading import At

ENDS = ("estimate", "lower", "upper")
NUMBER, SIGNED, PERCENT = "number", "signed", "percent"
PARTS = {
    "sampling_error": N_("Sampling"),
    "measurement_error": N_("Measurement"),
    "linking_error": N_("Link of scales"),
}
NOTES = {
    "sampling_error": N_("Sampling: the standard error if the outcome were known without error."),
    "measurement_error": N_(
        "Measurement: what the plausible values add, as the root of its variance."
    ),
    "linking_error": N_("Link of scales: the standard error of the link between two waves."),
    "missing_information": N_(
        "Missing information: the part of the information on an estimate that is lost because the "
        "outcome is known by plausible values only."
    ),
    "design_effect": N_(
        "Design effect: the variance of sampling over that which the model alone would give."
    ),
}


@dataclass(frozen=True)
class Told:
    """An estimate with its name in a table and the style of its numbers; a heading without one."""

    name: str
    item: At | None = None
    style: str = NUMBER


def decimals_of(item: At, most: int = MAX_DECIMALS) -> int:
    """The decimals that the error of an estimate supports, and no more than `most`."""
    default = decimals_for_size(item.estimate.value)
    return min(decimals_for_error(item.std_error.value, default), most)


def mean_decimals(context: Context, item: At) -> int:
    """The most decimals of a mean over rows, by which no row's value is known."""
    found = context.results.weighted_moments.find(wave=item.wave.value)
    sd = None if found is None else found.weighted_sd.value
    return decimals_for_mean(sd, item.rows.value) if sd else MAX_DECIMALS


def shown(value: At, item: At, style: str = NUMBER, most: int = MAX_DECIMALS) -> Number:
    """An estimate, its error or an end of its interval, rounded by the error."""
    if style == PERCENT:
        return percent(value)
    form = signed if style == SIGNED else number
    return form(value, decimals=decimals_of(item, most))


def charted(value: At, item: At, style: str = NUMBER, most: int = MAX_DECIMALS) -> Number | str:
    """The same for a chart; a mark where there is none."""
    if value.missing:
        return NOT_APPLICABLE
    if style == PERCENT:
        return percent(value)
    return drawn(value, decimals=decimals_of(item, most))


def estimate_cells(item: At, style: str = NUMBER, most: int = MAX_DECIMALS) -> list[Cell]:
    """Estimate, standard error and ends of the interval; marks where there is no estimate."""
    if item.missing:
        return [NOT_APPLICABLE] * 4
    plain = NUMBER if style == SIGNED else style
    return [
        shown(item.estimate, item, style, most),
        shown(item.std_error, item, plain, most),
        shown(item.lower, item, style, most),
        shown(item.upper, item, style, most),
    ]


def estimate_columns(label: str, group: str = "", main: bool = True) -> list[dict[str, Any]]:
    """Columns of `estimate_cells`."""
    return [
        column(label, group=group, main=main),
        column(_("SE"), group=group, main=main),
        column(_("Lower"), group=group),
        column(_("Upper"), group=group),
    ]


def interval_note() -> str:
    """What lower and upper are."""
    return _("SE: standard error. Lower and upper: ends of the 95% interval.")


def errors_table(identifier: str, caption: Sequence[Run] | str, told: Sequence[Told]) -> list[Block]:
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
    notes = [_("df: degrees of freedom of the t distribution."), _squares()]
    notes += [_(NOTES[name]) for name in (*parts, *others)]
    return [table(identifier, caption, columns, rows, notes, alike=[range(1, 2 + len(parts))])]


def _squares() -> str:
    return _("The squares of the parts add up to the square of the standard error.")


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
    style = NUMBER if each.style == SIGNED else each.style
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


def df_cell(item: At) -> Cell:
    """Degrees of freedom of t; infinite where there are none."""
    if item.std_error.missing:
        return NOT_AVAILABLE
    return "∞" if item.df.missing else degrees(item.df)


def error_words(context: Context, item: At, unit: str) -> list[Run]:
    """Which part of an error is of sampling and which of measurement; nothing of one part alone."""
    if item.missing or item.measurement_error.missing or item.sampling_error.missing:
        return []
    return say(
        _(
            "Its standard error is {whole} {unit}: {sampling} from sampling and {measurement} from "
            "measuring with plausible values."
        ),
        whole=shown(item.std_error, item),
        sampling=shown(item.sampling_error, item),
        measurement=shown(item.measurement_error, item),
        unit=unit,
    )
