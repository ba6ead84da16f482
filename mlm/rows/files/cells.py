"""Typed cells as text: the shortest text that reads back as the same value."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.nouns.ids.identifier import EXACT_INTEGERS, moment_text

Spacing = Callable[[np.ndarray], np.ndarray]
"""From numbers (m,) to the distance of each to the next larger one that can be stored."""

_DOUBLE_DIGITS = 17


def number_texts(numbers: pa.Array) -> pa.Array:
    """Texts of numbers: ``5`` and not ``5.0`` for whole numbers; "" for missing and NaN.

    Single precision gives the shortest text that reads back as the same single: ``1.1``.
    """
    if numbers.type == pa.float16():
        numbers = _shortest_halves(numbers)
    single = numbers if numbers.type == pa.float32() else None
    values = pc.cast(numbers, pa.float64()).to_numpy(zero_copy_only=False)
    is_whole = (
        np.isfinite(values) & (np.abs(values) < EXACT_INTEGERS) & (values == np.floor(values))
    )
    whole = pc.cast(pa.array(np.where(is_whole, values, 0.0).astype(np.int64)), pa.string())
    other = pa.array(values, pa.float64(), mask=np.isnan(values)) if single is None else single
    is_known = pa.array(~np.isnan(values))
    other = pc.if_else(is_known, pc.cast(other, pa.string()), "")
    return pc.fill_null(pc.if_else(pa.array(is_whole), whole, other), "")


def short_numbers(values: np.ndarray, spacing: Spacing) -> np.ndarray:
    """Shortest numbers that are stored as some values where bytes are cut off.

    Parameters
    ----------
    values : ndarray (n,)
        Numbers as they were read; NaN where missing.
    spacing : callable
        Distance of a number (m,) to the next larger one that can be stored.

    Returns
    -------
    ndarray (n,)
        Of the numbers from which a value arises when the bytes are cut off, or rounded, that with
        the fewest digits. Whole numbers stay as they are.

    Source
    ------
    SAS Language Reference: Concepts, "Numerical accuracy": a shorter length truncates.
    """
    out = np.array(values, dtype=np.float64)
    is_part = np.isfinite(out) & (out != np.floor(out))
    distinct, place = np.unique(np.abs(out[is_part]), return_inverse=True)
    steps = spacing(distinct)
    found = [_shortest(v, s) for v, s in zip(distinct.tolist(), steps.tolist(), strict=True)]
    out[is_part] = np.copysign(np.array(found, dtype=np.float64)[place], out[is_part])
    return out


def ieee_spacing(n_bytes: int) -> Spacing:
    """Distance of doubles of which the first bytes alone are stored."""
    return lambda values: np.spacing(values) * 2.0 ** (8 * (8 - n_bytes))


def ibm_spacing(n_bytes: int) -> Spacing:
    """Distance of numbers of IBM's format of base 16 of which the first bytes alone are stored."""

    def of(values: np.ndarray) -> np.ndarray:
        _, exponent = np.frexp(values)
        return 16.0 ** np.ceil(exponent / 4) * 2.0 ** (-8 * (n_bytes - 1))

    return of


def _shortest(value: float, step: float) -> float:
    """Number of the fewest digits within half a step below a positive one or a step above it."""
    exact = Decimal(value)
    low, high = exact - Decimal(step) / 2, exact + Decimal(step)
    for digits in range(1, _DOUBLE_DIGITS):
        unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
        for rounding in (ROUND_HALF_EVEN, ROUND_CEILING):
            near = exact.quantize(unit, rounding)
            if low <= near < high:
                return float(near)
    return value


def _shortest_halves(numbers: pa.Array) -> pa.Array:
    """Numbers of half precision as the shortest doubles that are rounded to them."""
    halves = numbers.to_numpy(zero_copy_only=False)
    return pa.array([float(str(half)) for half in halves], pa.float64(), from_pandas=True)


def code_text(value: object) -> str:
    """Text of one code, in the form that ``cell_text`` and ``number_texts`` give to cells."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number_texts(pa.array([float(value)]))[0].as_py()
    return str(value)


def cell_text(value: object) -> str:
    """Text of one cell of any type: dates as 2020-01-31, truth values as true and false."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        if value != value:
            return ""
        return (
            str(int(value)) if value == int(value) and abs(value) < EXACT_INTEGERS else repr(value)
        )
    if isinstance(value, datetime.date):
        return moment_text(value)
    if isinstance(value, datetime.time):
        return value.isoformat()
    return str(value)
