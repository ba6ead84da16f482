"""Products of what is one matrix for the groups of a family with what each of them has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.statistics.evidence.tree import Family
from mlm.statistics.likelihood import batched

LOOPED = 40  # groups of a family, on average, from which it is worked on by itself


def products(
    family: Family, matrices: np.ndarray, columns: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Products (a, q, n), of groups that stand together.

    Parameters
    ----------
    family : Family
        Groups of a level by those of the next outer one.
    matrices : ndarray (a, r, H)
        One for each of these.
    columns : ndarray (r, q, G)
        Of each group.

    Yields
    ------
    groups : slice
    found : ndarray (a, q, n)
    """
    if family.mean_size >= LOOPED:
        own, beside = np.ascontiguousarray(matrices.transpose(2, 0, 1)), columns.swapaxes(0, 1)
        for matrix, groups in zip(own, family.slices(), strict=True):
            yield groups, np.matmul(matrix, beside[:, :, groups]).swapaxes(0, 1)
        return
    for groups in batched.portions(matrices[:, :, 0].size, columns.shape[2]):
        own = np.take(matrices, family.parent[groups], axis=2)
        yield groups, np.einsum("arg,rqg->aqg", own, columns[:, :, groups])
