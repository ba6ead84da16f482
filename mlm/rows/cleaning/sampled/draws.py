"""Scores known by plausible values: rows that have all draws, and why others lack some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.results.survey.account import MissingReason, NumberSummary
from mlm.rows.cleaning.store import ColumnFile

ORIGIN = " origin"


def score_origins(
    columns: ColumnFile, draws: Sequence[str], reasons: Mapping[str, Sequence[MissingReason]]
) -> tuple[np.ndarray, list[MissingReason]]:
    """Why each row (n,) lacks a score: the number of the reason of the first draw that it lacks.

    Parameters
    ----------
    columns : ColumnFile
        Origins of the draws (name + " origin").
    draws : sequence of str
        Columns with the draws.
    reasons : mapping
        Reasons of each draw, in the order of their numbers.

    Returns
    -------
    origins : ndarray of int8 (n,)
        0 where no draw is missing.
    reasons : list of MissingReason
        In the order of the numbers.
    """
    numbers: dict[MissingReason, int] = {}
    found: np.ndarray | None = None
    for name in draws:
        own = [numbers.setdefault(reason, len(numbers) + 1) for reason in reasons[name]]
        origins = columns.column(name + ORIGIN)
        mapped = np.array([0, *own], dtype=np.int8)[np.maximum(origins, 0)]
        found = mapped if found is None else np.where(found > 0, found, mapped)
    return found, list(numbers)


def score_summary(name: str, columns: ColumnFile, draws: Sequence[str]) -> NumberSummary:
    """Rows that have all draws of a score; mean and standard deviation, on average over draws."""
    values = [columns.column(draw) for draw in draws]
    has_all = ~np.any([np.isnan(draw) for draw in values], axis=0)
    kept = [draw[has_all] for draw in values]
    n = int(has_all.sum())
    spread = [draw.var(ddof=1) for draw in kept] if n > 1 else []
    return NumberSummary(
        variable=name,
        n=n,
        mean=float(np.mean([draw.mean() for draw in kept])) if n else None,
        sd=float(np.sqrt(np.mean(spread))) if spread else None,
    )
