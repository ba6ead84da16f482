"""Estimates of a sample in tables: with their errors and intervals."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Cell, column
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import (
    MAX_DECIMALS,
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    SHARES,
    Number,
    decimals_for_error,
    decimals_for_mean,
    decimals_for_size,
    degrees,
    drawn,
    number,
    percent,
    points,
    signed,
)
from mlm.results.reading import At

ENDS = ("estimate", "lower", "upper")
NUMBER, SIGNED, PERCENT, POINTS = "number", "signed", "percent", "points"
ERROR_STYLES = {SIGNED: NUMBER, PERCENT: POINTS}  # of the errors of estimates in a style
SHARE_FORMS = {PERCENT: percent, POINTS: points}


def has_ends(item: At) -> bool:
    """Whether both ends of an estimate's interval are known; few clusters may leave one open."""
    return not (item.lower.missing or item.upper.missing)


def decimals_of(item: At, most: int = MAX_DECIMALS) -> int:
    """The decimals that the error of an estimate supports, and no more than `most`."""
    default = decimals_for_size(item.estimate.value)
    return min(decimals_for_error(item.std_error.value, default), most)


def fewest_decimals(*items: At, most: int = MAX_DECIMALS) -> int:
    """The decimals of all estimates of which one sentence tells: those of the least sure."""
    return min(decimals_of(item, most) for item in items)


def mean_decimals(context: Context, item: At) -> int:
    """The most decimals of a mean over rows, by which no row's value is known."""
    found = context.results.weighted_moments.find(wave=item.wave.value)
    sd = None if found is None else found.weighted_sd.value
    return decimals_for_mean(sd, item.rows.value) if sd else MAX_DECIMALS


def shown(value: At, item: At, style: str = NUMBER, most: int = MAX_DECIMALS) -> Number:
    """An estimate, its error or an end of its interval, rounded by the error."""
    if style in SHARES:
        return SHARE_FORMS[style](value)
    form = signed if style == SIGNED else number
    return form(value, decimals=decimals_of(item, most))


def charted(value: At, item: At, style: str = NUMBER, most: int = MAX_DECIMALS) -> Number | str:
    """The same for a chart; a mark where there is none."""
    if value.missing:
        return NOT_APPLICABLE
    if style in SHARES:
        return SHARE_FORMS[style](value)
    return drawn(value, decimals=decimals_of(item, most))


def estimate_cells(item: At, style: str = NUMBER, most: int = MAX_DECIMALS) -> list[Cell]:
    """Estimate, standard error and ends of the interval; marks where there is no estimate."""
    if item.missing:
        return [NOT_APPLICABLE] * 4
    plain = ERROR_STYLES.get(style, style)
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
        column(_("SE"), group=group),
        column(_("Lower"), group=group, main=main),
        column(_("Upper"), group=group, main=main),
    ]


def interval_note() -> str:
    """What lower and upper are."""
    return _("SE: standard error. Lower and upper: ends of the 95% interval.")


def df_cell(item: At) -> Cell:
    """Degrees of freedom of t; infinite where there are none."""
    if item.std_error.missing:
        return NOT_AVAILABLE
    return "∞" if item.df.missing else degrees(item.df)
