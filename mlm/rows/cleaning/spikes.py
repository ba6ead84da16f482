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
    is_code = np.isin(numbers, USUAL_CODES)
    others = numbers[np.isfinite(numbers) & ~is_code]
    if not is_code.any() or not len(others):
        return np.zeros(len(numbers), dtype=bool)
    low, high = others.min(), others.max()
    if low == high:
        return np.zeros(len(numbers), dtype=bool)
    with np.errstate(invalid="ignore"):
        is_far = (numbers > high + max(high - low, NEAR_OTHERS)) | ((numbers < 0) & (low >= 0))
    return is_code & is_far
