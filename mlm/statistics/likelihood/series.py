"""Series to second order, ``value + first * h + second * h^2``, of arrays."""

from __future__ import annotations

from collections.abc import Callable

Series = list  # three coefficients, None where one is zero


def times(a: Series, b: Series, product: Callable) -> Series:
    """Product of two series by a bilinear function."""
    out: Series = [None, None, None]
    for i, left in enumerate(a):
        for j, right in enumerate(b[: 3 - i]):
            if left is not None and right is not None:
                part = product(left, right)
                out[i + j] = part if out[i + j] is None else out[i + j] + part
    return out


def minus(a: Series, b: Series) -> Series:
    """Difference of two series."""
    out = []
    for left, right in zip(a, b, strict=True):
        if right is None:
            out.append(left)
        else:
            out.append(-right if left is None else left - right)
    return out
