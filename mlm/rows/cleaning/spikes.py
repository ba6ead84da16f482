"""Numbers that look like codes for missing: -9, 99 or 999 far from all other numbers."""

from __future__ import annotations

import numpy as np

USUAL_CODES = np.array(
    [-1, -7, -8, -9, -77, -88, -99, -999, -9999, 9, 77, 88, 99, 997, 998, 999, 9999], dtype=float
)
NEAR_OTHERS = 2.0
"""Distance within which a number is near the others, however close together these are."""


def spikes(numbers: np.ndarray) -> np.ndarray:
    """Numbers (bool, n) that are a usual code for missing and far from all that are none.

    Far is beyond the largest other number by as much as the others span, or below zero where no
    other number is.
    """
    is_code = is_usual_code(numbers)
    others = numbers[np.isfinite(numbers) & ~is_code]
    if not is_code.any() or not len(others):
        return np.zeros(len(numbers), dtype=bool)
    return is_code & is_far(numbers, others.min(), others.max())


def is_usual_code(numbers: np.ndarray) -> np.ndarray:
    """Numbers (bool, n) that are a usual code for missing."""
    low, high = USUAL_CODES.min(), USUAL_CODES.max()
    found = (numbers >= low) & (numbers <= high) & (numbers == np.round(numbers))
    found[found] = np.isin(numbers[found], USUAL_CODES)
    return found


def is_far(numbers: np.ndarray, low: float, high: float) -> np.ndarray:
    """Numbers (bool, n) far from all others, which lie between low and high."""
    if low >= high:
        return np.zeros(len(numbers), dtype=bool)
    with np.errstate(invalid="ignore"):
        return (numbers > high + max(high - low, NEAR_OTHERS)) | ((numbers < 0) & (low >= 0))
