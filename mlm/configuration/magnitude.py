"""The size of numbers that a configuration may give: their squares and sums must be numbers too."""

from __future__ import annotations

LARGEST, SMALLEST = 1e15, 1e-15
"""Absolute values between which numbers lie, zero apart; units can be chosen so that they do."""

UNUSUAL = (
    f"{{number}} is beyond the numbers that can be computed with: zero, or {SMALLEST:g} to "
    f"{LARGEST:g} with either sign; choose another unit"
)
"""What is said of other numbers."""


def is_usual(number: float) -> bool:
    """Whether a number can be computed with, its powers and products too.

    Examples
    --------
    >>> is_usual(-2.5), is_usual(1e300), is_usual(float("inf"))
    (True, False, False)
    """
    return number == 0 or SMALLEST <= abs(number) <= LARGEST
