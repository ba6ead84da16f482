"""Rows to the sums of crossed factors, beside the tree of nested levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from mlm.columns import Columns
from mlm.errors import ModelError
from mlm.hierarchy import Hierarchy, Level, group_codes
from mlm.statistics.crossing import CrossedFactor, Crossing
from mlm.statistics.crossproducts import CrossProducts

MAX_CROSSED = 6000  # effects of crossed factors in the dense block


def split_levels(frame, hierarchy: Hierarchy) -> tuple[Hierarchy, tuple[Level, ...]]:
    """The levels that form a tree around the one with the most groups, and those crossed with it.

    When any factor is crossed with the largest one, only that one stays in the tree.

    Parameters
    ----------
    frame : DataFrame
        Rows with the id columns, none missing.
    hierarchy : Hierarchy
        All levels.

    Returns
    -------
    tree : Hierarchy
    crossed : tuple of Level

    Raises
    ------
    ModelError
        When the crossed factors have too many effects for the dense block.
    """
    coded = []
    for level in hierarchy.levels:
        codes, first = group_codes([frame[name].to_numpy() for name in level.group])
        coded.append((level, codes, first.size))
    coded.sort(key=lambda item: (item[2], len(item[0].group)))
    chain = all(
        _is_nested(inner[1], outer[1], inner[2])
        for outer, inner in zip(coded, coded[1:], strict=False)
    )
    if chain:
        return hierarchy, ()
    crossed = tuple(level for level, _, _ in coded[:-1])
    effects = sum(size * len(level.candidates) for level, _, size in coded[:-1])
    if effects > MAX_CROSSED:
        names = ", ".join(f"{level.name} ({size} groups)" for level, _, size in coded)
        raise ModelError(
            f"crossed factors {names}: {effects} effects beside {coded[-1][0].name} are more than "
            f"the {MAX_CROSSED} that fit in a dense block. Leave out a factor or a slope, or nest "
            "the ids (a unit in another unit as a new unit)."
        )
    return Hierarchy((coded[-1][0],)), crossed


def _is_nested(inner: np.ndarray, outer: np.ndarray, size: int) -> bool:
    parent = np.empty(size, dtype=np.intp)
    parent[inner] = outer
    return bool((parent[inner] == outer).all())


def with_crossed(
    stats: CrossProducts, frame, columns: Columns, crossed: Sequence[Level]
) -> CrossProducts:
    """The cross-products with the sums of crossed factors.

    Parameters
    ----------
    stats : CrossProducts
        Sums of the tree over the same rows; its innermost level links to the factors.
    frame : DataFrame
        Complete rows.
    columns : Columns
        The recipe.
    crossed : sequence of Level
        The crossed factors.

    Returns
    -------
    CrossProducts
    """
    values = columns.read(frame)
    matrix = columns.matrix(values)
    positions = columns.positions
    tree = stats.levels[-1]
    tree_codes = _codes_in(frame, tree.group, tree.keys)
    tree_rows = [matrix[positions[c]] for c in tree.candidates]
    coded, factors = [], []
    for level in crossed:
        ids = [frame[name].to_numpy() for name in level.group]
        codes, first = group_codes(ids)
        rows = [matrix[positions[c]] for c in level.candidates]
        sums = np.stack([_table(codes, row, matrix, first.size) for row in rows])
        shape = (tree.size, first.size)
        links = tuple(
            tuple(csr_array((t * r, (tree_codes, codes)), shape=shape) for r in rows)
            for t in tree_rows
        )
        keys = tuple(key[first] for key in ids)
        factors.append(CrossedFactor(level.group, keys, level.candidates, sums, links))
        coded.append((codes, rows, first.size))
    return replace(stats, crossing=Crossing(tuple(factors), _pairs(coded)))


def _codes_in(frame, group: tuple[str, ...], keys: tuple[np.ndarray, ...]) -> np.ndarray:
    """Position of each row's group among the groups of a level."""
    n_groups = len(keys[0])
    stacked = [
        np.concatenate([key.astype(object), frame[name].to_numpy().astype(object)])
        for key, name in zip(keys, group, strict=True)
    ]
    return group_codes(stacked)[0][n_groups:]


def _table(codes: np.ndarray, row: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    weights = csr_array((row, (codes, np.arange(codes.size))), shape=(size, codes.size))
    return weights @ matrix.T


def _pairs(coded) -> dict:
    pairs = {}
    for c in range(len(coded)):
        for d in range(c + 1, len(coded)):
            shape = (coded[c][2], coded[d][2])
            pairs[c, d] = tuple(
                tuple(
                    csr_array((x * y, (coded[c][0], coded[d][0])), shape=shape) for y in coded[d][1]
                )
                for x in coded[c][1]
            )
    return pairs
