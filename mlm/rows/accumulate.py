"""Door 1: rows to cross-products, in one pass, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.columns import Columns
from mlm.errors import ModelError, SurveyError
from mlm.hierarchy import Hierarchy, Level, group_codes
from mlm.statistics.crossproducts import CrossProducts, GroupSums

BLOCK_ROWS = 8192  # rows of a block: k columns of them stay in the processor's cache


@dataclass(frozen=True)
class _Grouping:
    """Groups of one level among the rows: their code per row, their ids, their parents."""

    level: Level
    codes: np.ndarray
    keys: tuple[np.ndarray, ...]
    parent: np.ndarray


def accumulate(frame, columns: Columns, hierarchy: Hierarchy) -> CrossProducts:
    """Cross-products of the complete rows of a frame.

    Parameters
    ----------
    frame : DataFrame of n rows
        Holds the variables of the recipe and the id columns of the hierarchy, in any order.
    columns : Columns
        The recipe; its origins and units are used as they are.
    hierarchy : Hierarchy
        Levels and what may vary over their groups; the nesting is found from the rows.

    Returns
    -------
    CrossProducts
        ``total`` (k, k) and per level ``sums`` (q, G, k); rows with a missing value in a variable
        of the recipe are left out and counted in ``dropped``.

    Raises
    ------
    SurveyError
        When a column or an id is missing, or no complete row is left.
    ModelError
        When two levels are crossed.

    Source
    ------
    Sums per group are all that the likelihood of a nested model needs: Longford (1987),
    Biometrika 74, 817-827, eq. 6-9.
    """
    check_columns(frame, [*columns.variables, *hierarchy.id_columns])
    frame, dropped = complete_rows(frame, columns.variables)
    groupings = _groupings(frame, hierarchy)
    positions = columns.positions
    total = np.zeros((len(columns), len(columns)))
    sums = [np.zeros((len(g.level.candidates), len(g.parent), len(columns))) for g in groupings]
    direct = _direct_candidates([g.level for g in groupings])
    values = columns.read(frame)
    for start, stop in _blocks(len(frame)):
        block = columns.matrix({name: array[start:stop] for name, array in values.items()})
        total += block @ block.T
        for grouping, wanted, out in zip(groupings, direct, sums, strict=True):
            if wanted:
                rows = [positions[grouping.level.candidates[i]] for i in wanted]
                _add_block(out, wanted, rows, block, grouping.codes[start:stop])
    levels = _levels(groupings, direct, sums)
    return CrossProducts(columns, total, levels, dropped)


def check_columns(frame, names: Sequence[str]) -> None:
    """Refuse a frame that lacks a column, naming the nearest ones.

    Raises
    ------
    SurveyError
        One problem for each missing column.
    """
    import difflib

    present = [str(name) for name in frame.columns]
    problems = []
    for name in dict.fromkeys(names):
        if name not in present:
            near = difflib.get_close_matches(name, present, n=2, cutoff=0.6)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            problems.append(f"column {name} is not in the data.{hint}")
    if problems:
        raise SurveyError(problems)


def complete_rows(frame, variables: Sequence[str]):
    """Rows without a missing value, and how many rows each variable is missing in.

    Raises
    ------
    SurveyError
        When no row is complete.
    """
    if len(frame) == 0:
        raise SurveyError("the data have no rows.")
    missing = {name: _missing(frame[name]) for name in variables}
    counts = {name: int(where.sum()) for name, where in missing.items() if where is not None}
    if not counts:
        return frame, counts
    kept = ~np.logical_or.reduce([missing[name] for name in counts])
    if not kept.any():
        worst = max(counts, key=counts.get)
        raise SurveyError(
            f"no row is complete: {worst} is missing in {counts[worst]} of {len(frame)} rows. "
            "Leave the variable out of the analysis or declare its missing codes."
        )
    return frame[kept], counts


def _missing(values) -> np.ndarray | None:
    """Where a column is missing, or None when it is nowhere."""
    array = values.to_numpy()
    if array.dtype.kind in "iub" or (array.dtype.kind == "f" and not np.isnan(array.sum())):
        return None
    where = values.isna().to_numpy()
    return where if where.any() else None


def _blocks(n: int) -> Iterator[tuple[int, int]]:
    for start in range(0, n, BLOCK_ROWS):
        yield start, min(start + BLOCK_ROWS, n)


def _groupings(frame, hierarchy: Hierarchy) -> list[_Grouping]:
    """Levels from the fewest to the most groups, each checked to lie inside the one before."""
    found = []
    for level in hierarchy.levels:
        ids = [frame[name] for name in level.group]
        for name, column in zip(level.group, ids, strict=True):
            n_missing = int(column.isna().sum())
            if n_missing:
                raise SurveyError(
                    f"id column {name} is missing in {n_missing} rows; every row needs one."
                )
        keys = tuple(column.to_numpy() for column in ids)
        codes, first = group_codes(keys)
        found.append((level, codes, tuple(key[first] for key in keys)))
    found.sort(key=lambda item: (len(item[2][0]), len(item[0].group)))
    groupings: list[_Grouping] = []
    for level, codes, keys in found:
        outer = groupings[-1] if groupings else None
        groupings.append(_nested(level, codes, keys, outer))
    return groupings


def _nested(
    level: Level, codes: np.ndarray, keys: tuple[np.ndarray, ...], outer: _Grouping | None
) -> _Grouping:
    n_groups = len(keys[0])
    if outer is None:
        return _Grouping(level, codes, keys, np.zeros(n_groups, dtype=np.intp))
    parent = np.empty(n_groups, dtype=np.intp)
    parent[codes] = outer.codes
    crossed = np.flatnonzero(parent[codes] != outer.codes)
    if crossed.size:
        several = np.unique(codes[crossed]).size
        raise ModelError(
            f"{several} groups of {level.name} lie in more than one group of {outer.level.name}: "
            "the factors are crossed. Use "
            f"({'/'.join(outer.level.group)}/{level.group[-1]}) if ids of {level.name} repeat in "
            f"each {outer.level.name}."
        )
    order = np.argsort(parent, kind="stable")
    position = np.empty_like(order)
    position[order] = np.arange(n_groups)
    return _Grouping(level, position[codes], tuple(key[order] for key in keys), parent[order])


def _direct_candidates(levels: Sequence[Level]) -> list[list[int]]:
    """Candidates that each level must sum from rows: those that the next inner level lacks."""
    direct = []
    for i, level in enumerate(levels):
        inner = levels[i + 1].candidates if i + 1 < len(levels) else ()
        direct.append([j for j, c in enumerate(level.candidates) if c not in inner])
    return direct


def _add_block(
    out: np.ndarray, wanted: list[int], rows: list[int], block: np.ndarray, codes: np.ndarray
) -> None:
    """Add a block (k, n) to the sums (q, G, k) of its groups."""
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    groups = codes[starts]
    if (np.diff(groups) < 0).any():
        order = np.argsort(codes, kind="stable")
        codes, block = codes[order], block[:, order]
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        groups = codes[starts]
    for position, row in zip(wanted, rows, strict=True):
        product = block if row == 0 else block * block[row]
        out[position, groups] += np.add.reduceat(product, starts, axis=1).T


def _levels(
    groupings: Sequence[_Grouping], direct: Sequence[list[int]], sums: list[np.ndarray]
) -> tuple[GroupSums, ...]:
    """Levels with the sums that were not taken from rows added up from the next inner level."""
    for i in range(len(groupings) - 2, -1, -1):
        level, inner = groupings[i].level, groupings[i + 1]
        starts = np.searchsorted(inner.parent, np.arange(len(groupings[i].parent)))
        for j, candidate in enumerate(level.candidates):
            if j not in direct[i]:
                source = sums[i + 1][inner.level.candidates.index(candidate)]
                sums[i][j] = np.add.reduceat(source, starts, axis=0)
    return tuple(
        GroupSums(g.level.group, g.keys, g.parent, g.level.candidates, s)
        for g, s in zip(groupings, sums, strict=True)
    )
