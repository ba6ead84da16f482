"""A covariance over waves that takes the residual's place: each unit has one row a wave at most.

Then the effects of the unit's waves cannot be told from the residuals of its rows: both together
have the covariance of the form, as with REPEATED of SAS and the terms of the R package mmrm.

Sampling weights of the units are exponents of the density of all of their rows, whatever their
covariance; those of rows within units would be exponents of densities that a form does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import ModelError, NotUnderWeights
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.wave_parts import GROUPS_AT_A_TIME
from mlm.statistics.likelihood.basis import WorkingColumns, combined_sums
from mlm.statistics.likelihood.pooled.presence import units_by_presence
from mlm.statistics.likelihood.working import Block
from mlm.statistics.likelihood.working_tree import ALL_GROUPS

COUNT_ROUNDING = 1e-6  # of counts of rows, from sums of standardised columns


def with_residual(
    blocks: Sequence[Block], levels, basis: WorkingColumns, stats: CrossProducts
) -> tuple[Block, ...]:
    """The blocks, that with the residual marked.

    Parameters
    ----------
    blocks : sequence of Block
        Random terms.
    levels : list of (GroupSums, list of int (q,), ndarray (q, c))
        Levels of the tree, their working columns and the weights of their candidates.
    basis : WorkingColumns
        The working columns.
    stats : CrossProducts
        The sample.

    Raises
    ------
    ModelError
        When a term with a form is not over the categories of one variable.
    NotUnderWeights
        When rows within the units of a term that takes the residual's place have sampling weights.
    """
    for block in blocks:
        if block.form is not None and block.size < 2:
            raise ModelError(
                f"{block.form}: a covariance over {block.size} column ({', '.join(block.names)}); "
                "expected the categories of a variable, two or more: make it a text or a category."
            )
    inner = len(levels) - 1
    for i, block in enumerate(blocks):
        if block.form is None or block.level != inner:
            continue
        level, columns, weights = levels[-1]
        part = slice(block.start, block.start + block.size)
        matrix = np.column_stack([basis.vectors[c] for c in columns[part]])
        around = levels[-2][0].group if inner else ()
        counts = _Counts(level, weights[part], matrix, block.transform, around)
        if counts.key not in stats.in_place:
            stats.in_place[counts.key] = counts.are_one_a_wave()
        if stats.in_place[counts.key]:
            if stats.sampled is not None:
                _check_rows_weigh_one(counts.some(ALL_GROUPS), block, level.name)
            return (*blocks[:i], replace(block, is_residual=True), *blocks[i + 1 :])
    return tuple(blocks)


@dataclass(frozen=True)
class _Counts:
    """Cross-products of the raw columns of a level's groups, made some groups at a time.

    Attributes
    ----------
    level : GroupSums
    weights : ndarray (q, c)
        The working columns of the term as combinations of the level's candidates,
    matrix : ndarray (k, q)
        and as combinations of the stored columns.
    transform : ndarray (q, q)
        From its working columns to the raw ones.
    around : tuple of str
        Id columns of the next outer level, if any.
    """

    level: GroupSums
    weights: np.ndarray
    matrix: np.ndarray
    transform: np.ndarray
    around: tuple[str, ...]

    @property
    def key(self) -> tuple:
        """What tells them apart among all of a sample."""
        parts = (self.weights, self.matrix, self.transform)
        return (self.level.group, *(part.tobytes() for part in parts))

    def some(self, groups: slice) -> np.ndarray:
        """Those (n, q, q) of groups that stand together."""
        inner = combined_sums(self.level.sums, self.weights, self.matrix, groups)
        return self._raw(inner.transpose(1, 0, 2))

    def _raw(self, inner: np.ndarray) -> np.ndarray:
        """Cross-products (n, q, q) of the raw columns, from those of the working ones."""
        return np.einsum("ia,gij,jb->gab", self.transform, inner, self.transform, optimize=True)

    def are_one_a_wave(self) -> bool:
        """Whether every row of each unit is the only one of its wave, whatever it weighs."""
        sums, parent = self.level.sums, self.level.parent if self.around else None
        units = units_by_presence(sums, parent, self.around)
        known = None if units is None else units.inner(sums, self.weights, self.matrix)
        if known is not None:
            return self._are_one(self._raw(known), units.rows.sum(axis=1))
        size, rows = self.level.size, self.level.rows
        some = [slice(i, i + GROUPS_AT_A_TIME) for i in range(0, size, GROUPS_AT_A_TIME)]
        return all(self._are_one(self.some(groups), rows[groups]) for groups in some)

    @staticmethod
    def _are_one(counts: np.ndarray, rows: np.ndarray) -> bool:
        """The same of groups with these cross-products (n, q, q) and rows (n,)."""
        diagonal = np.diagonal(counts, axis1=1, axis2=2)
        largest = diagonal.max(initial=0.0)
        apart = counts - diagonal[:, :, None] * np.eye(counts.shape[1])
        waves = np.count_nonzero(diagonal > COUNT_ROUNDING * largest, axis=1)
        is_apart = np.abs(apart).max(initial=0.0) < COUNT_ROUNDING * max(largest, 1.0)
        return bool(is_apart and np.array_equal(waves, np.round(rows)))


def _check_rows_weigh_one(counts: np.ndarray, block: Block, level: str) -> None:
    """Refuse weights of rows within units.

    Raises
    ------
    NotUnderWeights
    """
    diagonal = np.diagonal(counts, axis1=1, axis2=2)
    seen = diagonal > COUNT_ROUNDING * diagonal.max()
    other = seen & (np.abs(diagonal - 1.0) > COUNT_ROUNDING)
    if not other.any():
        return
    low, high = diagonal[other].min(), diagonal[other].max()
    raise NotUnderWeights(
        f"{block.form}(... | {level}) in the residual's place",
        f"a covariance of all rows of a unit has no weights of single rows, and {other.sum()} rows "
        f"in {np.count_nonzero(other.any(axis=1))} units of {level} weigh {low:.3g} to {high:.3g} "
        "given their unit; expected 1.",
        f"Give weights to the units alone, one for all waves (such as a panel weight under "
        f"{_own_id(level)!r}, none under 'row'), or take (1 | {level}) in the place of the form.",
    )


def _own_id(name: str) -> str:
    """Last id column of a grouping factor, under which its weight is given."""
    return name.split(":")[-1]
