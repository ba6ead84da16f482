"""Series to second order, ``value + first * h + second * h^2``, of arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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


def gain_series(
    inner: Series, omega: np.ndarray, change: np.ndarray, multiply
) -> tuple[Series, Series]:
    """Series of ``Q = (I + Omega C)^-1 Omega`` and of ``log|I + Omega C|``.

    C is (q, q, G), a matrix of each group, with ``batched.multiply``; or (W, W) with ``matmul``.
    """
    shape = (slice(None), slice(None)) + (None,) * (inner[0].ndim - 2)
    covariance = [omega[shape], change[shape] if change.any() else None, None]
    middle = times(covariance, inner, multiply)
    middle[0] = middle[0] + np.eye(len(omega))[shape]
    inverse = _inverse(middle[0])
    ratio = [None if m is None else multiply(inverse, m) for m in middle[1:]]
    square = None if ratio[0] is None else multiply(ratio[0], ratio[0])
    steps = [None if r is None else -r for r in ratio]
    if square is not None:
        steps[1] = square if steps[1] is None else steps[1] + square
    shrink = [inverse, *(None if s is None else multiply(s, inverse) for s in steps)]
    logs = [_logdet(middle[0]), *map(_trace, ratio)]
    if square is not None:
        logs[2] = (0.0 if logs[2] is None else logs[2]) - 0.5 * _trace(square)
    return times(shrink, covariance, multiply), logs


def _logdet(matrices: np.ndarray) -> np.ndarray:
    return np.linalg.slogdet(matrices if matrices.ndim == 2 else matrices.transpose(2, 0, 1))[1]


def _inverse(matrices: np.ndarray) -> np.ndarray:
    if matrices.ndim == 2:
        return np.linalg.inv(matrices)
    if matrices.shape[0] == 1:
        return 1.0 / matrices
    return np.linalg.inv(matrices.transpose(2, 0, 1)).transpose(1, 2, 0)


def _trace(matrices: np.ndarray | None) -> np.ndarray | None:
    return None if matrices is None else np.trace(matrices)
