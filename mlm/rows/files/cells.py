"""Typed cells as text: the shortest text that reads back as the same value."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

EXACT_INTEGERS = 2.0**53
"""Whole numbers below are exact in double precision."""


def number_texts(numbers: pa.Array) -> pa.Array:
    """Texts of doubles: ``5`` and not ``5.0`` for whole numbers; "" for missing and NaN."""
    values = numbers.to_numpy(zero_copy_only=False)
    is_whole = (
        np.isfinite(values) & (np.abs(values) < EXACT_INTEGERS) & (values == np.floor(values))
    )
    whole = pc.cast(pa.array(np.where(is_whole, values, 0.0).astype(np.int64)), pa.string())
    other = pc.cast(pa.array(values, pa.float64(), mask=np.isnan(values)), pa.string())
    return pc.fill_null(pc.if_else(pa.array(is_whole), whole, other), "")


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
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
