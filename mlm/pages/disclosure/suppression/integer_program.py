"""Integer programmes over counts, solved by HiGHS, which is kept from printing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

Entry = tuple[int, int, float]  # line, column, coefficient


def solve(
    cost: np.ndarray,
    entries: Sequence[Entry],
    ends: tuple[Sequence[float], Sequence[float]],
    bounds: tuple[np.ndarray, np.ndarray],
    options: Mapping[str, Any],
    whole: bool = True,
):
    """The solution of least cost, as SciPy gives it.

    Each line is divided by its largest coefficient: where some are thousands of times as large as
    others, solutions of the reduced programme break the whole one and are sought again.

    Parameters
    ----------
    cost : ndarray (n,)
    entries : sequence of tuple
        Coefficients of the lines.
    ends : pair of sequence of float (m,)
        What each line lies between.
    bounds : pair of ndarray (n,)
        What each variable lies between.
    options : mapping
        Of HiGHS, see `scipy.optimize.milp`.
    whole : bool
        Whether the variables are whole numbers.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    with _silent():
        return milp(
            cost,
            integrality=np.full(len(cost), int(whole)),
            bounds=Bounds(*bounds),
            constraints=[LinearConstraint(*_scaled(entries, ends, len(cost)))] if entries else [],
            options=dict(options),
        )


def _scaled(entries: Sequence[Entry], ends: tuple[Sequence[float], Sequence[float]], columns: int):
    """Matrix of the lines and their ends, each line divided by its largest coefficient."""
    from scipy.sparse import coo_array

    lines, places, factors = (np.array(part) for part in zip(*entries, strict=True))
    low, high = (np.array(part, dtype=float) for part in ends)
    largest = np.zeros(len(low))
    np.maximum.at(largest, lines, np.abs(factors))
    largest[largest == 0.0] = 1.0
    shape = (len(low), columns)
    matrix = coo_array((factors / largest[lines], (lines, places)), shape=shape).tocsr()
    return matrix, low / largest, high / largest


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing printed by libraries in C reaches the output: HiGHS has lines that no option ends."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
