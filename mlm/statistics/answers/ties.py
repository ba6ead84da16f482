"""The largest of several numbers, the first where some are equal to rounding."""

from __future__ import annotations

import numpy as np

EQUAL = 1e-9  # relative difference of two numbers that count as equal


def first_of_largest(values: np.ndarray) -> int:
    """Place of the first number that is not below the largest by more than rounding.

    Numbers that are equal by construction, such as those of two scalings of equal weights, differ
    in digits that depend on the processor; which of them is named must not.

    Parameters
    ----------
    values : ndarray (n,)
        Not negative, one at least.
    """
    values = np.asarray(values)
    return int(np.argmax(values >= values.max() * (1.0 - EQUAL)))
