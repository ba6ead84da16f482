"""Rounding: the one place where a number becomes text.

An estimate is printed to the decimals its standard error supports, by the rule of the Particle
Data Group: with the three leading digits of the error between 100 and 354 the error has two
significant digits, between 355 and 949 one, above that it is rounded up and has two. The
estimate, its error and its interval share the decimals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from mlm.pages.language import N_, current
from mlm.results.reading import At

MAX_DECIMALS = 6
MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"
CONFIDENTIAL = "[c]"
LOW = "[low]"
SHORTHAND = {
    CONFIDENTIAL: N_("hidden, so that few people cannot be recognised"),
    LOW: N_("low reliability"),
    NOT_AVAILABLE: N_("not available"),
    NOT_APPLICABLE: N_("not applicable"),
}
SMALLEST_P = 0.001


@dataclass(frozen=True)
class Number:
    """A number as printed: value, text, and where the value comes from.

    ``decimals`` and ``style`` are kept so that the text can be made again from the value.
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


def decimals_for_error(error: float | None, default: int = 2) -> int:
    """The decimals that a standard error supports.

    Parameters
    ----------
    error : float or None
        Standard error, in the unit of the estimate; `default` is used when none is known.
    """
    if error is None or not math.isfinite(error) or error <= 0:
        return default
    exponent = math.floor(math.log10(error))
    leading = error / 10**exponent
    digits = 1 if 3.55 <= leading < 9.5 else 2
    if leading >= 9.5:
        exponent += 1
    return min(max(digits - 1 - exponent, 0), MAX_DECIMALS)


def decimals_for_size(value: float | None, digits: int = 3) -> int:
    """The decimals that show `digits` significant digits of a value without an error."""
    if value is None or value == 0 or not math.isfinite(value):
        return 1
    return min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), MAX_DECIMALS)


def render(value: float | int | None, decimals: int, style: str) -> str:
    """The printed text of a value.

    Parameters
    ----------
    value : float, int or None
    decimals : int
        Digits after the decimal point.
    style : {"number", "signed", "percent", "count", "tally", "p", "p_equals", "plain"}
    """
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    if style in ("p", "p_equals"):
        return _render_p(value, style)
    if style in ("count", "tally"):
        return _localised(f"{int(value):,}")
    if style == "plain":
        return _localised(f"{value:g}")
    scaled = 100 * value if style == "percent" else value
    text = f"{abs(scaled):,.{decimals}f}"
    sign = MINUS if scaled < 0 and float(text.replace(",", "")) != 0 else ""
    if style == "signed" and scaled > 0 and float(text.replace(",", "")) != 0:
        sign = "+"
    ending = f"{current().percent}%" if style == "percent" else ""
    return f"{sign}{_localised(text)}{ending}"


def _localised(text: str) -> str:
    """A number written in the English way, with the marks of the report's language."""
    marks = {",": current().thousands, ".": current().decimal}
    return "".join(marks.get(letter, letter) for letter in text)


def _render_p(value: float, style: str) -> str:
    if value < SMALLEST_P:
        space = NO_BREAK if style == "p_equals" else ""
        return _localised(f"<{space}{SMALLEST_P}")
    return _localised(f"={NO_BREAK}{value:.3f}" if style == "p_equals" else f"{value:.3f}")


def _make(at: At, decimals: int, style: str) -> Number:
    value = None if at.missing else at.value
    return Number(value, render(value, decimals, style), at.source, decimals, style)


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


def count(at: At) -> Number:
    """A count of rows or units, with thousands separators; a public report hides small ones."""
    return _make(at, 0, "count")


def tally(at: At) -> Number:
    """A count of what concerns nobody: waves, terms, parameters."""
    return _make(at, 0, "tally")


def percent(at: At, decimals: int = 1) -> Number:
    """A share between 0 and 1, printed as a percentage."""
    return _make(at, decimals, "percent")


def fixed(at: At, decimals: int) -> Number:
    """A number with fixed decimals (deviances, degrees of freedom, correlations)."""
    return _make(at, decimals, "number")


def degrees(at: At) -> Number:
    """Degrees of freedom: a whole number as it is, otherwise one decimal, none above 100."""
    value = at.value
    whole = at.missing or float(value).is_integer() or value >= 100
    return _make(at, 0 if whole else 1, "number")


def p_value(at: At) -> Number:
    """A p-value for a table: three decimals, never 0.000."""
    return _make(at, 3, "p")


def p_equals(at: At) -> Number:
    """A p-value for a sentence, after the letter p: ``= 0.012`` or ``< 0.001``."""
    return _make(at, 3, "p_equals")


def plain(at: At) -> Number:
    """A number as it was written (thresholds, years)."""
    return _make(at, 0, "plain")
