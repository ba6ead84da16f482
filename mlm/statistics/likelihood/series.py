"""Series to second order, ``value + first * h + second * h^2``, of arrays.

A series is the list of its coefficients; the last ones are left out where they are zero, so that a
list of one coefficient is a value and is worked on at the cost of a value.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add, sub

import numpy as np

ORDERS = 3  # coefficients that are kept

Series = list  # of one to three coefficients


def times(a: Series, b: Series, product: Callable, out: Series | None = None) -> Series:
    """Product of two series by a bilinear function.

    Parameters
    ----------
    a, b : list of ndarray
        The series.
    product : callable
        Product of a coefficient of each; with ``out`` it takes an array to write to.
    out : list of ndarray, optional
        Memory for each coefficient of the product.
    """
    if len(a) == len(b) == 1:
        return [product(a[0], b[0]) if out is None else product(a[0], b[0], out[0])]
    found: Series = []
    for k in range(min(len(a) + len(b) - 1, ORDERS)):
        pairs = [(a[i], b[k - i]) for i in range(k + 1) if i < len(a) and k - i < len(b)]
        value = product(*pairs[0]) if out is None else product(*pairs[0], out[k])
        for left, right in pairs[1:]:
            value += product(left, right)
        found.append(value)
    return found


def plus(a: Series, b: Series) -> Series:
    """Sum of two series."""
    if len(a) == len(b) == 1:
        return [a[0] + b[0]]
    return [*map(add, a, b), *a[len(b) :], *b[len(a) :]]


def minus(a: Series, b: Series) -> Series:
    """Difference of two series."""
    if len(a) == len(b) == 1:
        return [a[0] - b[0]]
    return [*map(sub, a, b), *a[len(b) :], *(-part for part in b[len(a) :])]


def filled(a: Series) -> Series:
    """The series with all its coefficients, zeros included."""
    return [*a, *(np.zeros_like(a[0]) for _ in range(ORDERS - len(a)))]
