"""Phrases used by several sections: an estimate with its unit and interval, a test, a list."""

from __future__ import annotations

import re

from mlm.pages.language import N_, _
from mlm.pages.node import Node
from mlm.pages.numbers import NO_BREAK, Number, degrees, fixed, number, p_equals, percent, signed
from mlm.pages.terms import INTERCEPT
from mlm.pages.text import Run, say

SUBSCRIPT = re.compile(r"\((\d+)\)")
SMALL_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
CONSERVATIVE = N_(
    "Where several variances are tested at once, the reference distribution is conservative: p is "
    "rather too large than too small."
)


def error_of(row: Node) -> Node:
    """The standard error of an estimate row."""
    return row.get("std_error")


def interval(row: Node) -> list[Run]:
    """``95% interval 6.5 to 10.1``, rounded by the standard error."""
    error = error_of(row)
    return say(
        _("95% interval {lower} to {upper}"),
        lower=number(row.get("lower"), error),
        upper=number(row.get("upper"), error),
    )


def estimate(row: Node, unit: str, field: str = "estimate") -> list[Run]:
    """``8.3 scale points (95% interval 6.5 to 10.1)``."""
    return say(
        "{value} {unit} ({interval})",
        value=number(row.get(field), error_of(row)).bold(),
        unit=unit,
        interval=interval(row),
    )


def size(row: Node, unit: str) -> list[Run]:
    """A difference in words: ``8.3 scale points higher (95% interval 6.5 to 10.1)``.

    The printed number is the size of the estimate; where the estimate is negative, the interval's
    ends change sign and place with it.
    """
    negative = row["estimate"].value < 0
    error = error_of(row)
    ends = (
        (row.get("upper"), row.get("lower")) if negative else (row.get("lower"), row.get("upper"))
    )
    value = row["estimate"]
    if negative:
        value, ends = negate(value), tuple(negate(end) for end in ends)
    return say(
        _("{value} {unit} lower (95% interval {lower} to {upper})")
        if negative
        else _("{value} {unit} higher (95% interval {lower} to {upper})"),
        value=number(value, error).bold(),
        unit=unit,
        lower=number(ends[0], error),
        upper=number(ends[1], error),
    )


def negate(node: Node) -> Node:
    """The value with its sign changed."""
    value = None if node.missing else -node.value
    return Node(value, {"op": "negative", "of": [node.source]})


def unsigned(node: Node) -> Node:
    """The size of a value."""
    return node if node.missing or node.value >= 0 else negate(node)


def share(row: Node) -> list[Run]:
    """``20.2% (95% interval 16.1% to 24.0%)``; without interval where none was computed."""
    value = percent(row["share"]).bold()
    if row.get("lower").missing or row.get("upper").missing:
        return say("{value}", value=value)
    return say(
        _("{value} (95% interval {lower} to {upper})"),
        value=value,
        lower=percent(row["lower"]),
        upper=percent(row["upper"]),
    )


def excludes_zero(row: Node) -> bool:
    """Whether the interval of an estimate lies on one side of zero."""
    lower, upper = row.get("lower"), row.get("upper")
    return not lower.missing and not upper.missing and lower.value * upper.value > 0


def test(row: Node) -> list[Run]:
    """``χ² = 9.1 on 2 degrees of freedom, p = 0.011``; a mixture is named instead of its df."""
    reference = row.get("reference").text()
    if "*" in reference:
        return say(
            _whole(_("χ² = {statistic} against {mixture}, p {p}")),
            statistic=fixed(row.get("statistic"), 1),
            mixture=mixture(reference),
            p=p_equals(row.get("p_value")),
        )
    df = row.get("df")
    if not row.get("denominator_df").missing:
        return say(
            _whole(_("F = {statistic} on {df} and {denominator} degrees of freedom, p {p}")),
            statistic=fixed(row.get("statistic"), 1),
            df=degrees(df),
            denominator=degrees(row["denominator_df"]),
            p=p_equals(row.get("p_value")),
        )
    template = (
        _("χ² = {statistic} on {df} degree of freedom, p {p}")
        if df.value == 1
        else _("χ² = {statistic} on {df} degrees of freedom, p {p}")
    )
    return say(
        _whole(template),
        statistic=fixed(row.get("statistic"), 1),
        df=degrees(df),
        p=p_equals(row.get("p_value")),
    )


def _whole(template: str) -> str:
    """The template with p kept on one line with its value."""
    return template.replace("p {p}", f"p{NO_BREAK}{{p}}")


def mixture(reference: str) -> str:
    """A reference distribution in print: ``½χ²₀ + ½χ²₁``; remarks in brackets are left out."""
    text = reference.partition(" (")[0].replace("0.5*", "½").replace("chi2", "χ²")
    return SUBSCRIPT.sub(lambda found: found[1].translate(SMALL_DIGITS), text)


def is_conservative(row: Node) -> bool:
    """Whether the reference distribution is one that makes p too large rather than too small."""
    return "conservative" in row.get("reference").text()


def signed_cells(row: Node | None) -> list[Number | str]:
    """Estimate and standard error for a table; empty where the model has no such coefficient."""
    if row is None:
        return ["–", "–"]
    error = error_of(row)
    shown = number if row["term"].value == INTERCEPT else signed
    return [shown(row["estimate"], error), number(error, error)]
