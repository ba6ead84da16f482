"""Statistics of one model: its columns, in a basis in which the algebra keeps its digits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlm.nouns.coding import CodedColumn
from mlm.nouns.model import Model
from mlm.statistics.likelihood.structure import Structure

if TYPE_CHECKING:
    from mlm.statistics.likelihood.strata import ResidualStrata


TAKES_LONG = 40_000  # groups of all places from which an evaluation takes long


@dataclass(frozen=True)
class Block:
    """One random term: a block of its level's relative covariance matrix.

    Attributes
    ----------
    level : int
        Place of the level or crossed factor in the structure.
    start : int
        First row and column of the block in the level's matrix.
    columns : tuple of CodedColumn
        Raw columns of the term, q of them.
    transform : ndarray (q, q)
        ``T`` with ``raw = T' working``, so that working effects are ``T`` times raw effects.
    form : str or None
        Form of the covariance of the effects of the raw columns; None: any.
    is_residual : bool
        Whether the term takes the residual's place: each unit has one row at most in a category.
    """

    level: int
    start: int
    columns: tuple[CodedColumn, ...]
    transform: np.ndarray
    form: str | None = None
    is_residual: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the raw columns."""
        return tuple(column.name for column in self.columns)

    @property
    def size(self) -> int:
        """Number of columns q."""
        return len(self.columns)


@dataclass(frozen=True)
class Working:
    """All that the likelihood of one model needs.

    Attributes
    ----------
    model : Model
        The claim.
    fixed : tuple of CodedColumn
        Raw fixed columns, p of them, aliased ones left out.
    aliased : tuple of CodedColumn
        Columns left out because the others determine them.
    transform : ndarray (p, p)
        ``T`` with raw fixed columns = working fixed columns times T.
    response : tuple of (origin, unit)
        The working response is ``(y - origin) / unit``.
    total : ndarray (w, w)
        Cross-products of the working columns; the first p are fixed, the last is the response.
    structure : Structure
        The grouping factors, nested or crossed, with their sums.
    blocks : tuple of Block
        Random terms, in the order of the model.
    n_obs : int
        Number of rows.
    log_weights : float
        Sum over the rows of the logarithm of their weight.
    matrix : ndarray (k, w) or None
        Working columns as combinations of the stored ones.
    strata : ResidualStrata or None
        The strata whose residual variances differ, from which the sums are made; else None.
    ratios : ndarray (T,) or None
        Residual variance of each stratum over sigma^2.
    """

    model: Model
    fixed: tuple[CodedColumn, ...]
    aliased: tuple[CodedColumn, ...]
    transform: np.ndarray
    response: tuple[float, float]
    total: np.ndarray
    structure: Structure
    blocks: tuple[Block, ...]
    n_obs: int
    log_weights: float = 0.0
    matrix: np.ndarray | None = None
    strata: ResidualStrata | None = None
    ratios: np.ndarray | None = None

    @property
    def names(self) -> list[str]:
        """Grouping factors, in the order of the structure's places."""
        return [":".join(group) for group in self.structure.groups]

    @property
    def outermost(self) -> tuple[str, ...]:
        """Id columns of the outermost units."""
        return self.structure.groups[self.structure.inwards[0]]

    @property
    def searched(self) -> Working:
        """The same as searches evaluate it, of which only criterion and derivatives may be read."""
        return self if self.structure.searched is self.structure else self._merged

    @cached_property
    def _merged(self) -> Working:  # kept apart: one that held itself would stay in memory
        return replace(self, structure=self.structure.searched)

    @property
    def takes_long(self) -> bool:
        """Whether an evaluation takes long, and all that looks at each group many times as long."""
        return sum(self.structure.sizes) >= TAKES_LONG

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects p."""
        return len(self.fixed)

    @cached_property
    def log_transform(self) -> float:
        """``log|det T|``, by which REML of raw columns differs from that of working ones."""
        return float(np.linalg.slogdet(self.transform)[1])
