"""Rounding: the one place where a number becomes a published value and its text.

What is published of a number is the rounded value alone: pages, tables, charts and files are made
of it, never of the exact one. The rule:

- an estimate, its standard error and the ends of its interval share the decimals with which the
  error has two significant digits;
- a mean and a standard deviation over rows have the decimals of their own standard errors, and so
  few that whoever knows them with and without one row does not know that row's value better than
  to half a standard deviation each way;
- sizes without an error have three significant digits; shares of counts one decimal of a per cent;
  correlations and sizes in standard deviations two decimals, tests one, deviances none;
- p-values have three decimals, below 0.001 two significant digits;
- counts are exact, and left to the rules of disclosure.

The last digits of a number differ between processors and libraries. So every value is first taken
to twelve significant digits, and halves then go to the even digit: a share of 0.4215 is 42.2 per
cent whether its sixteenth digit is above or below.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from mlm.pages.language import N_, current
from mlm.results.reading import At

MAX_DECIMALS = 9
STEADY_DIGITS = 12  # significant digits that a value has everywhere
OPEN = 0.5  # standard deviations to each side by which the value of one row stays open
MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"
CONFIDENTIAL = "[c]"
LOW = "[low]"
NOT_IN_MODEL = "–"
SHORTHAND = {
    CONFIDENTIAL: N_("hidden, so that few people cannot be recognised"),
    LOW: N_("low reliability"),
    NOT_AVAILABLE: N_("not available"),
    NOT_APPLICABLE: N_("not applicable"),
    NOT_IN_MODEL: N_("not in the model"),
}
COUNTS = ("count", "tally")  # styles of numbers of rows, units, waves or terms
SHARES = ("percent", "points", "chance")  # styles of values that are a hundredth of what is printed
SMALLEST_P = 0.001
LARGEST_BELOW = 0.00099  # the largest p-value that is printed as below the smallest


@dataclass(frozen=True)
class Number:
    """A number as published: rounded value, text, and where the value comes from.

    ``decimals`` and ``style`` are kept so that the text can be made again from the value. Negative
    decimals are places before the decimal point: -1 for tens.
    """

    value: float | int | None
    text: str
    source: Any
    decimals: int
    style: str
    strong: bool = False

    def bold(self) -> Number:
        """The same number, emphasised."""
        return replace(self, strong=True)

    def run(self) -> dict[str, Any]:
        """The number as a run of text in the document."""
        run = {
            "text": self.text,
            "value": self.value,
            "source": self.source,
            "decimals": self.decimals,
            "style": self.style,
        }
        return run | {"strong": True} if self.strong else run


ANY_FLOAT = Context(prec=sys.float_info.max_10_exp - sys.float_info.min_10_exp + STEADY_DIGITS)
"""Digits enough for any number at any decimals: an end may lie far beyond its error."""


def steady(value: float) -> float:
    """A value without the digits that differ between processors and libraries."""
    return float(f"{value:.{STEADY_DIGITS - 1}e}")


def half_even(value: float, decimals: int) -> float:
    """A value rounded by its decimal digits, halves to the even digit.

    Parameters
    ----------
    value : float
    decimals : int
        Digits after the decimal point; negative ones are places before it.
    """
    digits = Decimal(f"{value:.{STEADY_DIGITS - 1}e}")
    return float(digits.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN, ANY_FLOAT))


def decimals_for_error(error: float | None, default: int = 2) -> int:
    """The decimals that a standard error supports.

    Parameters
    ----------
    error : float or None
        Standard error, in the unit of the estimate; `default` is used when none is known.
    """
    if error is None or not math.isfinite(error) or error <= 0:
        return default
    return _significant(error, 2)


def decimals_for_size(value: float | None, digits: int = 3) -> int:
    """The decimals that show `digits` significant digits of a value without an error."""
    if value is None or value == 0 or not math.isfinite(value):
        return 1
    return _significant(abs(value), digits)


def decimals_for_mean(sd: float | None, n: int, factor: float = 1.0) -> int:
    """The decimals of a mean over rows.

    The sum over the rows follows from a mean only up to n times half a unit of its last place; two
    sums with and without a row leave its value open by n units. These are at least `OPEN` standard
    deviations.

    Parameters
    ----------
    sd : float or None
        Standard deviation over the rows.
    n : int
        Rows.
    factor : float
        What the mean was multiplied by: the reliability of a shrunken mean.
    """
    if not sd or n < 1 or not math.isfinite(sd):
        return decimals_for_size(None)
    return min(decimals_for_error(sd / math.sqrt(n)), _unit_above(OPEN * factor * sd / n))


def decimals_for_spread(sd: float | None, n: int) -> int:
    """The decimals of a standard deviation over rows; parameters as for a mean.

    Two sums of squares leave the squared deviation z^2 of a row open by 2 n units in standard
    deviations; at z = 2 this is `OPEN` of z where a unit is 4 `OPEN` / n.
    """
    if not sd or n < 1 or not math.isfinite(sd):
        return decimals_for_size(sd)
    return min(decimals_for_error(sd / math.sqrt(2 * n)), _unit_above(4 * OPEN * sd / n))


def _unit_above(size: float) -> int:
    """Decimals of the smallest unit (a power of ten) that is not below a size."""
    return math.floor(-math.log10(size) + 1e-9)


def _significant(size: float, digits: int) -> int:
    """Decimals that leave so many significant digits of a positive size, after rounding it."""
    exponent = int(_scientific(size, digits - 1).partition("e")[2])
    return min(digits - 1 - exponent, MAX_DECIMALS)


def _scientific(value: float, decimals: int) -> str:
    """A value in powers of ten, halves to the even digit."""
    return f"{Decimal(f'{value:.{STEADY_DIGITS - 1}e}'):.{decimals}e}"


def rounded(value: float | int | None, decimals: int, style: str) -> float | int | None:
    """The value that is published: what the text says, as a number.

    Parameters
    ----------
    value, decimals, style
        As for :func:`render`.
    """
    if value is None or not math.isfinite(value):
        return None
    if style in COUNTS:
        return value
    if style == "plain":
        short = float(f"{steady(value):g}")
        return int(short) if short.is_integer() else short
    if style == "tiny":
        return float(_scientific(value, 1)) + 0.0
    if style in ("p", "p_equals"):
        if steady(value) >= SMALLEST_P:
            return half_even(value, 3)
        return min(float(_scientific(value, 1)), LARGEST_BELOW)
    if style in SHARES:
        return half_even(half_even(100 * value, decimals) / 100, max(decimals, 0) + 2)
    short = half_even(value, decimals)
    return int(short) if decimals <= 0 else short + 0.0  # without the sign of zero


def render(value: float | int | None, decimals: int, style: str) -> str:
    """The printed text of a value.

    Parameters
    ----------
    value : float, int or None
    decimals : int
        Digits after the decimal point.
    style : {"number", "signed", "percent", "points", "count", "tally", "p", "p_equals", "plain", \
"tiny", "chance"}
    """
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    if style in ("p", "p_equals"):
        return _render_p(value, style)
    if style in COUNTS:
        return _localised(f"{int(value):,}")
    if style == "plain":
        return _localised(f"{steady(value) + 0.0:g}")  # without the sign of zero
    if style == "tiny":
        return _localised(f"{float(_scientific(value, 1)) + 0.0:.1e}")
    scaled = half_even(100 * value if style in SHARES else value, decimals)
    if style == "chance" and scaled in (0.0, 100.0):
        sign, scaled = ("<", 1.0) if scaled == 0.0 else (">", 99.0)
        return f"{sign}{_localised(f'{scaled:.0f}')}{current().percent}%"
    text = f"{abs(scaled):,.{max(decimals, 0)}f}"
    sign = MINUS if scaled < 0 and float(text.replace(",", "")) != 0 else ""
    if style == "signed" and scaled > 0 and float(text.replace(",", "")) != 0:
        sign = "+"
    ending = f"{current().percent}%" if style in ("percent", "chance") else ""
    return f"{sign}{_localised(text)}{ending}"


def _localised(text: str) -> str:
    """A number written in the English way, with the marks of the report's language."""
    return text.translate(current().marks)


def _render_p(value: float, style: str) -> str:
    if steady(value) < SMALLEST_P:
        space = NO_BREAK if style == "p_equals" else ""
        return _localised(f"<{space}{SMALLEST_P}")
    text = f"{half_even(value, 3):.3f}"
    return _localised(f"={NO_BREAK}{text}" if style == "p_equals" else text)


def _make(at: At, decimals: int, style: str) -> Number:
    value = None if at.missing else at.value
    text = render(value, decimals, style)
    return Number(rounded(value, decimals, style), text, at.source, decimals, style)


def number(at: At, error: At | float | None = None, decimals: int | None = None) -> Number:
    """An estimate, rounded by its standard error (or to fixed decimals)."""
    if decimals is None:
        error_value = error.value if isinstance(error, At) else error
        fallback = decimals_for_size(at.value if not at.missing else None)
        decimals = decimals_for_error(error_value, default=fallback)
    return _make(at, decimals, "number")


def signed(at: At, error: At | float | None = None, decimals: int | None = None) -> Number:
    """A difference, rounded like an estimate and printed with its sign."""
    plain = number(at, error, decimals)
    return _make(at, plain.decimals, "signed")


def drawn(
    value: At | float | None, error: At | float | None = None, decimals: int | None = None
) -> Number:
    """A number that a chart draws, rounded like an estimate; it may be computed from others."""
    return number(value if isinstance(value, At) else At(value, None), error, decimals)


def count(at: At) -> Number:
    """A count of rows or units, with thousands separators; a public report hides small ones."""
    return _make(at, 0, "count")


def tally(at: At) -> Number:
    """A count of what concerns nobody: waves, terms, parameters."""
    return _make(at, 0, "tally")


def percent(at: At, decimals: int = 1) -> Number:
    """A share between 0 and 1, printed as a percentage."""
    return _make(at, decimals, "percent")


def chance(at: At) -> Number:
    """A probability in whole per cent, which is neither none nor all."""
    return _make(at, 0, "chance")


def points(at: At, decimals: int = 1) -> Number:
    """A difference of two shares between 0 and 1, or its error, in percentage points."""
    return _make(at, decimals, "points")


def fixed(at: At, decimals: int) -> Number:
    """A number with stated decimals (tests, correlations, sizes)."""
    return _make(at, decimals, "number")


def degrees(at: At) -> Number:
    """Degrees of freedom: a whole number as it is, otherwise one decimal, none above 100."""
    value = math.nan if at.missing else steady(at.value)
    whole = at.missing or value.is_integer() or value >= 100
    return _make(at, 0 if whole else 1, "number")


def whole(at: At) -> Number:
    """A deviance or information criterion: a whole number.

    One row more moves it by about its squared standardised residual, which two versions with
    decimals would tell.
    """
    return _make(at, 0, "number")


def p_value(at: At) -> Number:
    """A p-value for a table: three decimals, never 0.000."""
    return _make(at, 3, "p")


def p_equals(at: At) -> Number:
    """A p-value for a sentence, after the letter p: ``= 0.012`` or ``< 0.001``."""
    return _make(at, 3, "p_equals")


def tiny(at: At) -> Number:
    """A size near zero, of which the power of ten matters: two significant digits."""
    return _make(at, 0, "tiny")


def plain(at: At) -> Number:
    """A number as it was written (thresholds, years)."""
    return _make(at, 0, "plain")
