"""Random effects of levels whose variances are held, in the stored columns of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag

from mlm.nouns.coding import model_columns
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.likelihood.basis import WorkingColumns, working_level
from mlm.statistics.likelihood.drawing import places_of
from mlm.statistics.likelihood.series import Series
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class HeldTree:
    """The levels of a sample, the innermost of them with the effects of a model.

    Attributes
    ----------
    tree : WorkingTree
        Its working columns are the stored ones and, after them, random columns of the model that
        are none of these. Levels around those that are held have their candidates.
    covariances : list of list of ndarray (q, q)
        Covariance over sigma^2 of the effects that are held; zero for the candidates around, whose
        sums an elimination leaves as they are.
    matrix : ndarray (k, w)
        The working columns as combinations of the stored ones.
    total : ndarray (w, w)
        Their cross-products.
    weights : list of ndarray (q, c)
        Of each level that is held, its random columns as combinations of the candidates.
    """

    tree: WorkingTree
    covariances: list[Series]
    matrix: np.ndarray
    total: np.ndarray
    weights: list[np.ndarray]


def held_tree(
    model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, levels: int
) -> HeldTree:
    """The levels of a sample with the innermost of them held.

    Parameters
    ----------
    model : Model
        The model.
    omegas : sequence of ndarray (q, q)
        Covariance over sigma^2 of each random term.
    stats : CrossProducts
        The sample.
    levels : int
        Number of innermost levels to hold.
    """
    random = model_columns(model, stats.columns.categories)[1]
    basis = WorkingColumns(np.eye(len(stats.columns)))
    around, inner = len(stats.levels) - levels, []
    covariances: list[Series] = [
        [np.zeros((len(level.candidates),) * 2)] for level in stats.levels[:around]
    ]
    for level in stats.levels[around:]:
        chosen = [i for i, term in enumerate(model.random) if term.group == level.group]
        vectors = [raw_vector(c.column, stats) for i in chosen for c in random[i]]
        weights = np.stack(vectors)[:, places_of(level, stats)]
        inner.append((level, np.array([basis.position(v) for v in vectors]), weights))
        covariances.append([block_diag(*(omegas[i] for i in chosen))])
    matrix = np.column_stack(basis.vectors)
    outer = [
        (level, np.array(places_of(level, stats)), np.eye(len(level.candidates)))
        for level in stats.levels[:around]
    ]
    built = tuple(working_level(*part, matrix) for part in (*outer, *inner))
    weights = [own for _, _, own in inner]
    total = matrix.T @ stats.total @ matrix
    return HeldTree(WorkingTree(built), covariances, matrix, total, weights)
