"""Facts: what a published number says of the counts of a survey, as linear bounds.

A count says what it is. A share says that one count lies between two multiples of another, as far
apart as the last printed digit leaves open, and so does a mean size beside the number of units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mlm.pages.rounding import SHARES
from mlm.results.reading import Source

INFINITE = float("inf")
Terms = Mapping[str, float]
Relation = Mapping[str, int]


@dataclass(frozen=True)
class LinearBound:
    """Counts, each with a factor, add up to a number between two ends."""

    terms: Terms
    low: float
    high: float

    def holds(self, values: Mapping[str, float], slack: float = 1e-6) -> bool:
        """Whether counts keep the bound."""
        found = sum(factor * values[key] for key, factor in self.terms.items())
        return self.low - slack <= found <= self.high + slack


def exactly(key: str, value: float) -> tuple[LinearBound, ...]:
    """What a printed count says."""
    return (LinearBound({key: 1}, value, value),)


def quotient(top: str, bottom: str, value: float, half: float) -> tuple[LinearBound, ...]:
    """What a printed share or mean says: ``top`` over ``bottom``, rounded.

    Parameters
    ----------
    value : float
        As printed.
    half : float
        Half a unit of its last digit.
    """
    if top == bottom:
        return ()
    return (
        LinearBound({top: 1, bottom: -(value - half)}, 0.0, INFINITE),
        LinearBound({top: 1, bottom: -(value + half)}, -INFINITE, 0.0),
    )


def half_unit(number: Mapping[str, Any]) -> float:
    """Half a unit of the last digit of a printed number, as a part of its value."""
    places = number["decimals"] + (2 if number["style"] in SHARES else 0)
    return 0.5 * 10.0**-places


def written_half(value: float | None) -> float:
    """Half a unit of the last digit with which a number is written in a file."""
    exponent = Decimal(repr(float(value))).as_tuple().exponent if value is not None else 0
    return 0.5 * 10.0 ** int(exponent)


def drawn_half(value: float | None, is_rounded: bool = False) -> float:
    """Half a unit of the last digit of a share in a chart, which prints a decimal of a per cent.

    Parameters
    ----------
    is_rounded : bool
        Whether it is printed without one.
    """
    return 0.005 if is_rounded else min(written_half(value), 0.0005)


def is_ratio(source: Source) -> bool:
    """Whether a number is a share: one count over another."""
    return isinstance(source, dict) and source["op"] == "ratio"
