"""Integer programmes over counts, solved by HiGHS, which is kept from printing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from mlm.pages.disclosure.suppression.highs import IntegerProgramme, LeastCost, solution_of

Entry = tuple[int, int, float]  # line, column, coefficient


def solve(
    cost: np.ndarray,
    entries: Sequence[Entry],
    ends: tuple[Sequence[float], Sequence[float]],
    bounds: tuple[np.ndarray, np.ndarray],
    options: Mapping[str, Any],
    whole: bool = True,
) -> LeastCost:
    """The solution of least cost, and whether the search for it was cut short.

    Each line is divided by its largest coefficient: where some are thousands of times as large as
    others, solutions of the reduced programme break the whole one and are sought again.

    Parameters
    ----------
    cost : ndarray (n,)
    entries : sequence of tuple
        Coefficients of the lines; several of one line and column add up.
    ends : pair of sequence of float (m,)
        What each line lies between.
    bounds : pair of ndarray (n,)
        What each variable lies between.
    options : mapping
        Of HiGHS: `node_limit`, `mip_rel_gap`, see `scipy.optimize.milp`.
    whole : bool
        Whether the variables are whole numbers.
    """
    cost = np.asarray(cost, dtype=float)
    least, most = (np.asarray(ends_of, dtype=float) for ends_of in bounds)
    matrix = _scaled(entries, ends, len(cost))
    with _silent():
        return solution_of(IntegerProgramme(cost, *matrix, least, most, whole), options)


def _scaled(
    entries: Sequence[Entry], ends: tuple[Sequence[float], Sequence[float]], columns: int
) -> tuple[np.ndarray, ...]:
    """The lines column by column and their ends, each line divided by its largest coefficient."""
    if not entries:
        nothing = np.zeros(0)
        starts, no_lines = np.zeros(columns + 1, dtype=np.int32), np.zeros(0, dtype=np.int32)
        return starts, no_lines, nothing, nothing, nothing
    low, high = (np.array(part, dtype=float) for part in ends)
    lines, places, factors = (np.array(part) for part in zip(*entries, strict=True))
    largest = np.zeros(len(low))
    np.maximum.at(largest, lines, np.abs(factors))
    largest[largest == 0.0] = 1.0
    cells, which = np.unique(places * len(low) + lines, return_inverse=True)
    sums = np.zeros(len(cells))
    np.add.at(sums, which, factors / largest[lines])
    per_column = np.bincount(cells // len(low), minlength=columns)
    starts = np.concatenate([[0], np.cumsum(per_column)]).astype(np.int32)
    return starts, (cells % len(low)).astype(np.int32), sums, low / largest, high / largest


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
