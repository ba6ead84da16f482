"""Columns of a batch with some of their cells filled in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.rows.accumulating.batches import Coded, as_coded, as_numbers


def with_numbers(name: str, column, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A column of numbers with values (n,) at some places (n,)."""
    whole = np.array(as_numbers(name, column), dtype=float)
    whole[at] = values
    return whole


def with_categories(
    column: np.ndarray | Coded, at: np.ndarray, found: np.ndarray, known: Sequence[str]
) -> Coded:
    """A column of categories with some of them at some places.

    Parameters
    ----------
    column : ndarray (N,) or Coded
        The column.
    at : ndarray of int (n,)
        Places.
    found : ndarray of int (n,)
        Positions among the known categories.
    known : sequence of str
        The categories.
    """
    coded = as_coded(column)
    values = list(coded.values.tolist())
    place = {str(value): i for i, value in enumerate(values)}
    for category in known:
        if category not in place:
            place[category] = len(values)
            values.append(category)
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    codes = coded.codes.astype(np.int64)
    codes[at] = np.array([place[category] for category in known])[found]
    return Coded(codes, texts)
