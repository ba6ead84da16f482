"""The working statistics of a model on a sample that differs from another in its response alone.

Columns, levels and their working basis are then those that are known; only sums with the response
are new. Most of what a fit to a small sample takes before it begins is to find the others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.basis import working_level
from mlm.statistics.likelihood.making import check_response, working_statistics
from mlm.statistics.likelihood.nested.structure import Nested
from mlm.statistics.likelihood.structure import Structure
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Working
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree


@one_thread()
def redrawn(working: Working, sample: CrossProducts) -> Working:
    """Statistics of the same model on a sample with another response.

    Parameters
    ----------
    working : Working
        Of the model, on a sample with the same columns, levels and rows.
    sample : CrossProducts
        With the response that is to be explained instead.

    Returns
    -------
    Working
        As ``working_statistics`` makes it; columns that are left out are not told again.

    Raises
    ------
    ModelError
        When the response does not vary.
    """
    structure = working.structure
    if working.strata is not None or not _is_apart(structure):
        return working_statistics(working.model, sample)
    matrix = working.matrix
    total = matrix.T @ sample.total @ matrix
    check_response(total, working.fixed, sample.n_obs, working.model.response)
    levels = tuple(_redrawn_level(level, sample, matrix) for level in structure.tree.levels)
    return replace(working, total=total, structure=Nested(WorkingTree(levels)))


def _is_apart(structure: Structure) -> bool:
    """Whether all levels are nested, and their groups eliminated one by one."""
    return isinstance(structure, Nested) and structure.pool is structure.merged is None


def _redrawn_level(level: WorkingLevel, sample: CrossProducts, matrix: np.ndarray) -> WorkingLevel:
    sums = sample.level(level.group)
    places = [sample.columns.positions[column] for column in sums.candidates]
    weights = np.ascontiguousarray(matrix[places][:, level.columns].T)
    return replace(level, made=working_level(sums, level.columns, weights, matrix).made)
