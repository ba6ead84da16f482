"""Columns of one name and a running number whose numbers look like replicate weights or draws."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.rows.scaffold.profiles import FileProfile

MIN_WEIGHTS = 20
"""Columns from which a family may be replicate weights by its numbers alone."""

MIN_DRAWS, MAX_DRAWS = 5, 20
"""Columns of a family that may be plausible values by its numbers alone."""

WITH_WEIGHT = 0.9
"""Correlation with a weight from which columns seem to be its replicates."""

DRAWN = (0.5, 0.9999)
"""Correlations between plausible values of one score: copies correlate more."""

ROWS_COMPARED = 5_000
"""Rows whose numbers are compared."""

SPREAD_OF_DRAWS = 0.2
"""Difference between means, in standard deviations, and between deviations, that draws may have."""


@dataclass(frozen=True)
class ColumnFamily:
    """Columns that seem to belong together.

    Attributes
    ----------
    columns : tuple of str
        In the order of their numbers.
    of : str or None
        The weight that they seem to be replicates of; None: they seem to be plausible values.
    correlation : float
        With it, or between them: the least.
    """

    columns: tuple[str, ...]
    of: str | None
    correlation: float


def families_among(files: Sequence[FileProfile], columns: Sequence[str]) -> list[ColumnFamily]:
    """Families of columns that by their numbers are replicate weights, or draws of one score."""
    named = [own for own in _numbered(columns) if len(own) >= MIN_DRAWS]
    numbers = {c: _numbers(files[0], c) for own in named for c in own}
    found = []
    for own in named:
        values = np.array([numbers[c] for c in own if numbers[c] is not None])
        if len(values) < len(own):
            continue
        family = _replicates(files[0], columns, own, values) or _draws(own, values)
        if family is not None:
            found.append(family)
    return found


def _numbered(columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Columns that differ by one number alone and are numbered through from 0 or 1."""
    groups: dict[tuple[str, str], dict[int, str]] = {}
    for column in columns:
        for found in re.finditer(r"\d+", column):
            around = (column[: found.start()], column[found.end() :])
            groups.setdefault(around, {})[int(found[0])] = column
    rising = [
        tuple(own[number] for number in sorted(own))
        for own in groups.values()
        if min(own) in (0, 1) and max(own) - min(own) + 1 == len(own)
    ]
    taken: set[str] = set()
    chosen = []
    for own in sorted(rising, key=len, reverse=True):
        if not taken & set(own):
            taken.update(own)
            chosen.append(own)
    return chosen


def _numbers(file: FileProfile, column: str) -> np.ndarray | None:
    """Numbers of the first rows; None where a column holds others than numbers."""
    profile = file.columns[column]
    if not profile.is_number:
        return None
    return np.asarray(profile.numbers)[profile.distinct.codes[:ROWS_COMPARED]]


def _replicates(
    file: FileProfile, columns: Sequence[str], own: Sequence[str], values: np.ndarray
) -> ColumnFamily | None:
    """The family as replicates of the weight that it goes with most."""
    if len(own) < MIN_WEIGHTS or np.nanmin(values) < 0:
        return None
    middle = np.nanmean(values, axis=0)
    best: ColumnFamily | None = None
    for column in (c for c in columns if c not in own):
        weight = _numbers(file, column)
        if weight is None or not np.nanmin(weight, initial=np.inf) > 0:
            continue
        correlation = _correlation(weight, middle)
        if correlation > max(WITH_WEIGHT, best.correlation if best else 0.0):
            best = ColumnFamily(tuple(own), column, correlation)
    return best


def _draws(own: Sequence[str], values: np.ndarray) -> ColumnFamily | None:
    """The family as plausible values: alike in mean and spread, close and not the same."""
    if not MIN_DRAWS <= len(own) <= MAX_DRAWS or not (np.nan_to_num(values) % 1).any(axis=1).all():
        return None
    means, spreads = np.nanmean(values, axis=1), np.nanstd(values, axis=1)
    spread = float(spreads.mean())
    if (
        not spread > 0
        or np.ptp(means) > SPREAD_OF_DRAWS * spread
        or np.ptp(spreads) > SPREAD_OF_DRAWS * spread
    ):
        return None
    pairs = [_correlation(values[0], other) for other in values[1:]]
    low, high = DRAWN
    return (
        ColumnFamily(tuple(own), None, min(pairs))
        if low < min(pairs) and max(pairs) < high
        else None
    )


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation over the rows in which both are known; 0 where there is none."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 3 or one[known].std() == 0 or other[known].std() == 0:
        return 0.0
    return float(np.corrcoef(one[known], other[known])[0, 1])
