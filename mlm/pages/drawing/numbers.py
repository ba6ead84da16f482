"""Numbers of drawings: short coordinates, and round marks of an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mlm.pages.rounding import MAX_DECIMALS, SHARES, render, steady

ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)


def short(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Scale:
    """A straight scale: values from `low` to `high` lie between places `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.end - self.start)


def span_of(
    values: Iterable[float | None], with_zero: bool = False, room: float = 0.06
) -> tuple[float, float]:
    """The lowest and the highest of some values, with room beside them."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    known += [0.0] if with_zero or not known else []
    low, high = min(known), max(known)
    beside = room * ((high - low) or abs(high) or 1.0)
    return low - beside, high + beside


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most about `most` round values from `low` to `high`, one at least."""
    step = round_step((high - low) / max(most, 1))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    found = [step * i for i in range(first, last + 1)]
    return found if found or not high > low else ticks(low, high, most + 1)


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, ... (times a power of ten) that is not below `least`."""
    if not least > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in ROUND_STEPS if step * power >= least * (1 - 1e-9))


def told_decimals(values: Iterable[float | None]) -> int:
    """The fewest decimals with which all of some published values are told as they are."""
    texts = (f"{steady(value):.{MAX_DECIMALS}f}" for value in values if value is not None)
    return max((len(text.partition(".")[2].rstrip("0")) for text in texts), default=0)


def tick_words(values: list[float], style: str = "number") -> list[str]:
    """Marks of an axis as text, all with the same decimals."""
    step = min((b - a for a, b in zip(values, values[1:], strict=False)), default=1.0)
    if style in SHARES:
        step *= 100
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return [render(value, decimals, style) for value in values]
