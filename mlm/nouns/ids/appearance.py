"""Values numbered as they first appear, without a library for it where they are few."""

from __future__ import annotations

import numpy as np

SHORT_COLUMN = 20_000  # values that are sorted sooner than a library for more of them is loaded


def as_they_appear(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each value among the distinct ones, in order of first appearance, and these.

    Integers of a range no longer than the column are looked up in a table, short columns sorted:
    to load what looks values up takes as long as a small job.

    Parameters
    ----------
    key : ndarray (n,)
        Text or integers, without missing values.

    Returns
    -------
    codes : ndarray of int (n,)
    values : ndarray (G,)

    Examples
    --------
    >>> codes, values = as_they_appear(np.array([700, 3, 700, 5]))
    >>> codes.tolist(), values.tolist()
    ([0, 1, 0, 2], [700, 3, 5])
    """
    low, high = (int(key.min()), int(key.max())) if key.dtype.kind == "i" and key.size else (0, -1)
    if not key.size or not 0 <= high - low < key.size:
        if key.size <= SHORT_COLUMN and key.dtype.kind in "iuU":
            values, first, codes = np.unique(key, return_index=True, return_inverse=True)
            order = np.argsort(first)
            place = np.empty(first.size, dtype=np.intp)
            place[order] = np.arange(first.size)
            return place[codes], values[order]
        import pandas as pd

        return pd.factorize(key)
    places = np.subtract(key, low, dtype=np.int64)
    rows = np.arange(key.size)
    first = np.zeros(high - low + 1, dtype=np.intp)
    first[places[::-1]] = rows[::-1]  # of equal values the first one stays
    new = places[first[places] == rows]
    first[new] = rows[: new.size]
    return first[places], new + low
