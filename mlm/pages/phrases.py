"""Phrases used by several sections: an estimate with its unit and interval, a test, a list."""

from __future__ import annotations

from mlm.pages.derived import derive
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_IN_MODEL, Number, number, percent, signed
from mlm.pages.text import Run, say
from mlm.pages.words.references import made_words
from mlm.results.reading import At
from mlm.results.test import Test

CONSERVATIVE = N_(
    "Where several variances are tested at once, the reference distribution is "
    "conservative: p tends to be too large."
)


def error_of(row: At) -> At:
    """The standard error of an estimate row."""
    return row.std_error


def widest_error(*rows: At) -> At:
    """The largest standard error of rows of which one sentence tells, with as many decimals."""
    return max(map(error_of, rows), key=lambda error: -1.0 if error.missing else error.value)


def interval(row: At) -> list[Run]:
    """``95% interval 6.5 to 10.1``, rounded by the standard error."""
    error = error_of(row)
    return say(
        _("95% interval {lower} to {upper}"),
        lower=number(row.lower, error),
        upper=number(row.upper, error),
    )


def estimate(row: At, unit: str) -> list[Run]:
    """``8.3 scale points (95% interval 6.5 to 10.1)``."""
    return say(
        "{value} {unit} ({interval})",
        value=number(row.estimate, error_of(row)).bold(),
        unit=unit,
        interval=interval(row),
    )


def size(row: At, unit: str) -> list[Run]:
    """A difference in words: ``8.3 scale points higher (95% interval 6.5 to 10.1)``.

    The printed number is the size of the estimate; where the estimate is negative, the interval's
    ends change sign and place with it.
    """
    negative = row.estimate.value < 0
    error = error_of(row)
    ends = (row.upper, row.lower) if negative else (row.lower, row.upper)
    value = row.estimate
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


def negate(at: At) -> At:
    """The value with its sign changed."""
    return derive("negative", at)


def unsigned(at: At) -> At:
    """The size of a value."""
    return at if at.missing or at.value >= 0 else negate(at)


def share(row: At) -> list[Run]:
    """``20.2% (95% interval 16.1% to 24.0%)``; without interval where none was computed."""
    value = percent(row.share).bold()
    if row.lower.missing or row.upper.missing:
        return say("{value}", value=value)
    return say(
        _("{value} (95% interval {lower} to {upper})"),
        value=value,
        lower=percent(row.lower),
        upper=percent(row.upper),
    )


def excludes_zero(row: At) -> bool:
    """Whether the interval of an estimate lies on one side of zero."""
    lower, upper = row.lower, row.upper
    return not lower.missing and not upper.missing and lower.value * upper.value > 0


def test(found: At) -> list[Run]:
    """A test that was made: ``χ² = 9.1 on 2 degrees of freedom, p = 0.011``."""
    return made_words(found)


def is_made(found: At) -> bool:
    """Whether there is a test: neither refused nor left out."""
    return isinstance(found.value, Test)


def is_clear(found: At, alpha: float) -> bool:
    """Whether a test was made and its p-value lies below a level."""
    return is_made(found) and found.p_value.value < alpha


def p_adjusted(found: At) -> At:
    """The p-value of a test adjusted for its family; its own where the family is the test alone."""
    return found.p_value if found.p_adjusted.missing else found.p_adjusted


def is_conservative(found: At) -> bool:
    """Whether the reference distribution is one that makes p too large rather than too small."""
    reference = found.reference
    return reference.kind.value == "chi_squared" and not reference.conservative.missing


def signed_cells(row: At | None) -> list[Number | str]:
    """Estimate and standard error for a table; empty where the model has no such coefficient."""
    if row is None:
        return [NOT_IN_MODEL, NOT_IN_MODEL]
    error = error_of(row)
    shown = signed if row.term.value else number
    return [shown(row.estimate, error), number(error, error)]
