"""From derivatives by (co)variances to those by the natural parameters of forms.

A term without a form keeps its (co)variances. Where a term has taken the
residual's place, its whole covariance has the parameters, and none is left for the residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.likelihood.curvature.second_order import SecondOrder, entries_of
from mlm.statistics.likelihood.over_waves.natural import NaturalForm
from mlm.statistics.likelihood.working import Block, Working


@dataclass(frozen=True)
class ByParameters:
    """Derivatives of t (co)variances and, last, the residual variance by v natural parameters.

    Attributes
    ----------
    blocks : tuple of int (v,)
        Random term of each parameter; that of the residual variance is the number of terms.
    first : ndarray (v, t + 1)
        First derivatives.
    second : ndarray (v, v, t + 1)
        Second derivatives.
    """

    blocks: tuple[int, ...]
    first: np.ndarray
    second: np.ndarray

    def of(self, around: SecondOrder) -> SecondOrder:
        """Derivatives of the criterion's parts by the parameters."""
        first = self.first
        return replace(
            around,
            traces=first @ around.traces,
            trace_pairs=first @ around.trace_pairs @ first.T,
            first=np.tensordot(first, around.first, axes=1),
            second=np.einsum("ai,bj,ijkl->abkl", first, first, around.second, optimize=True),
            curved=np.tensordot(self.second, around.first, axes=1),
        )

    def information(self, found: np.ndarray) -> np.ndarray:
        """Information (v, v) on the parameters from that on the (co)variances."""
        return self.first @ found @ self.first.T


def chain_of(
    working: Working, covariances: Sequence[np.ndarray], raw: bool = False
) -> ByParameters:
    """The chain of a model at some covariances.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    covariances : sequence of ndarray (q, q)
        Of the raw columns of each random term, over the residual variance; whole where a term has
        taken the residual's place.
    raw : bool
        Whether a term without a form has its (co)variances, row by row, of the raw columns; else of
        those of the working basis.
    """
    entries = entries_of(working)
    blocks, first, second = [], [], []
    for b, (block, covariance) in enumerate(zip(working.blocks, covariances, strict=True)):
        own = [k for k, entry in enumerate(entries) if entry[0] == b]
        slopes, bends = _of_block(block, covariance, raw)
        for slope, bend in zip(slopes, bends, strict=True):
            blocks.append(b)
            first.append(_placed(slope, own, len(entries)))
            second.append((len(first) - 1, _placed(bend, own, len(entries))))
    if not any(block.is_residual for block in working.blocks):
        blocks.append(len(working.blocks))
        first.append(np.eye(len(entries) + 1)[-1])
    bent = np.zeros((len(first), len(first), len(entries) + 1))
    for row, bend in second:
        start = blocks.index(blocks[row])
        bent[row, start : start + len(bend)] = bend
    return ByParameters(tuple(blocks), np.array(first), bent)


def _placed(values: np.ndarray, own: list[int], count: int) -> np.ndarray:
    out = np.zeros((*values.shape[:-1], count + 1))
    out[..., own] = values
    return out


def _of_block(block: Block, covariance: np.ndarray, raw: bool) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the working entries, row by row, by the parameters of one term."""
    form, change = NaturalForm(block.form, block.size), block.transform
    rows, columns = np.tril_indices(block.size)
    if form.is_linear:
        count = rows.size
        units = np.zeros((count, block.size, block.size))
        units[range(count), rows, columns] = units[range(count), columns, rows] = 1.0
        images = (change @ units @ change.T)[:, rows, columns] if raw else np.eye(count)
        return images, np.zeros((count, count, count))
    p = form.parameters(covariance)
    slopes = change @ form.derivatives(p) @ change.T
    bends = change @ form.second_derivatives(p) @ change.T
    return slopes[:, rows, columns], bends[:, :, rows, columns]
