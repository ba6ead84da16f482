"""Random effects of a level whose variance is held, in the stored columns of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.moments import raw_vector
from mlm.statistics.likelihood import batched


@dataclass(frozen=True)
class HeldEffects:
    """Random effects of one level, their covariance over sigma^2 given.

    Attributes
    ----------
    weights : ndarray (q, c)
        Their raw columns as combinations of the level's candidates.
    omega : ndarray (q, q)
        Covariance over sigma^2.
    places : list of int
        The candidates among the stored columns.
    """

    weights: np.ndarray
    omega: np.ndarray
    places: list[int]

    @classmethod
    def of(
        cls, model: Model, omegas: Sequence[np.ndarray], stats: CrossProducts, level: GroupSums
    ) -> HeldEffects:
        """Those of a model, with a covariance over sigma^2 for each of its random terms."""
        places = [stats.columns.positions[c] for c in level.candidates]
        random = model_columns(model, stats.columns.categories)[1]
        chosen = [i for i, term in enumerate(model.random) if term.group == level.group]
        weights = [raw_vector(c.column, stats)[places] for i in chosen for c in random[i]]
        ends = np.cumsum([0, *(len(random[i]) for i in chosen)])
        omega = np.zeros((ends[-1], ends[-1]))
        for i, start, stop in zip(chosen, ends, ends[1:], strict=False):
            omega[start:stop, start:stop] = omegas[i]
        return cls(np.stack(weights), omega, places)

    def eliminated(self, given: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Eliminate the effects of all groups.

        Parameters
        ----------
        given : ndarray (c, G, k)
            Sums of the candidates, all that lies inside eliminated.

        Returns
        -------
        sums, product : ndarray (q, G, k)
            ``S``, and ``Q S``.
        gain : ndarray (q, q, G)
            ``Q``.
        """
        sums = np.tensordot(self.weights, given, axes=1)
        inner = np.einsum("agc,bc->abg", sums[:, :, self.places], self.weights)
        gain, _, _ = batched.gains(inner, self.omega)
        return sums, np.einsum("abg,bgk->agk", gain, sums), gain
