"""What is promised of each quantity of the study of the settled model, and the bands of its rates.

Rates of whole surveys (an interval holds, a test rejects) are binomial. Shares of the units of a
survey are means over surveys, bounded by their own spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.bands import binomial_band, mean_band

OVER_ALL = 0.01  # chance that any of the cells looked at is outside without a fault
OF_UNITS = ("effects of units", "ranks of units", "next wave")
REJECTIONS = (
    "term of counties",
    "time by counties",
    "term of schools",
    "time by schools",
    "family of slopes",
    "bound keeps noise",
    "effects called changing",
    "unit on the wrong side",
)
SIZE, COVERAGE, RIGHTLY = 0.05, 0.95, 0.80


@dataclass(frozen=True)
class Cell:
    """One quantity of one world: its rate, and the band in which it has to lie.

    Attributes
    ----------
    size, world, quantity : str
        What is looked at.
    rate : float
        Over the replicates that tell it; NaN where fewer than two do.
    told, replicates : int
        Their number, and that of all.
    low, high : float
        Ends of the band, both inclusive.
    """

    size: str
    world: str
    quantity: str
    rate: float
    told: int
    replicates: int
    low: float
    high: float

    @property
    def is_inside(self) -> bool:
        """Whether the rate lies in the band."""
        return self.told < 2 or self.low - 1e-12 <= self.rate <= self.high + 1e-12


def promised(size: str, world: str, quantity: str) -> tuple[float, float]:
    """Lowest and highest rate that is right: equal where it is exact."""
    correlation = float(world.split(", ")[1])
    if quantity in REJECTIONS:
        exact = quantity.startswith(("term", "time")) and size == "large"
        return (SIZE if exact else 0.0), SIZE
    if quantity == "licence":
        if correlation < 0.9:
            return 0.0, SIZE
        enough = size == "large" or not world.startswith("new_schools")  # ten units are needed
        return (RIGHTLY if enough else 0.0), 1.0
    return COVERAGE, 1.0 if _may_be_safe(correlation, quantity) else COVERAGE


def _may_be_safe(correlation: float, quantity: str) -> bool:
    """Whether 95 % is the least: at a bound, where ranks are whole, and beside it."""
    at_bound = correlation in (0.0, 1.0)
    return quantity == "ranks of units" or (
        at_bound and quantity.startswith(("share", "correlation", "next wave", "effects of units"))
    )


def judged(
    where: tuple[str, str, str], values: Sequence[float], right: tuple[float, float], looked_at: int
) -> Cell:
    """The rate of a quantity over the replicates in which it is told, with its band.

    Parameters
    ----------
    where : tuple of str
        Size, world or worlds, and quantity.
    values : sequence of float
        One a replicate; NaN where the quantity is not told.
    right : (float, float)
        Lowest and highest rate that is right.
    looked_at : int
        Cells among which there may be no false alarm.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if known.size < 2:
        return Cell(*where, float("nan"), known.size, len(values), 0.0, 1.0)
    if where[-1] in OF_UNITS:
        low, high = mean_band(known, right[0], OVER_ALL / looked_at)
    else:
        low, high = binomial_band(known.size, right, OVER_ALL / looked_at)
    high = 1.0 if right[1] == 1.0 else min(high, 1.0)
    low = 0.0 if right[0] == 0.0 else max(low, 0.0)
    return Cell(*where, float(known.mean()), known.size, len(values), low, high)
