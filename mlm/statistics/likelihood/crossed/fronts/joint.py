"""Covariance of sums of effects that were eliminated in fronts, all sums together.

With B the weights of the sums, a column each, ``B' (A_ww + Omega^-1)^-1 B`` is what the effects
would take from the squares of further columns whose sums are B. So the weights go through the
fronts as the sums of the working columns did; what those left there gives their part too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.likelihood.crossed.fronts.elimination import FrontSums
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.joint_errors import ALL, AT_A_TIME, Rows


@dataclass(frozen=True)
class FrontErrors:
    """Errors of K sums of effects over sigma^2.

    Attributes
    ----------
    given : FrontSums
        The evidence.
    at : Evaluation
        What elimination left behind.
    weights : mapping of int to csr_array (K, q G)
        By place, those of its effects, column by column; none of units that were eliminated before
        all fronts.
    """

    given: FrontSums
    at: Evaluation
    weights: Mapping[int, csr_array]

    def covariance(self, rows: Rows = ALL, with_fixed: bool = True) -> np.ndarray:
        """Covariance (k, k) of some sums, without or with the error of the fixed effects."""
        given, at = self.given, self.at
        some = {place: own[rows] for place, own in self.weights.items()}
        columns, p = _in_fronts(given, some), at.beta.size
        count = columns.shape[1]
        out, fixed = np.zeros((count, count)), np.zeros((count, p))
        for block, done in zip(given.placed.fronts.blocks, at.remains.done.blocks, strict=True):
            seen = done.roots.times(columns[block.own])
            held = done.inverse @ seen
            flat = seen.reshape(-1, count)
            out += flat.T @ held.reshape(-1, count)
            fixed -= flat.T @ done.held[:, :, :p].reshape(-1, p)
            if done.across.shape[2]:
                passed = done.roots.times(done.across).transpose(0, 2, 1)
                columns -= block.spread @ (passed @ held).reshape(-1, count)
                columns[-1] = 0.0
        if with_fixed and p:
            out += fixed @ fixed_covariance(at) @ fixed.T
        return out

    def variances(self, with_fixed: bool = True) -> np.ndarray:
        """Variances (K,) of all sums."""
        count = next(iter(self.weights.values())).shape[0]
        parts = [slice(i, i + AT_A_TIME) for i in range(0, count, AT_A_TIME)]
        found = [np.diagonal(self.covariance(part, with_fixed)) for part in parts]
        return np.concatenate([*found, np.zeros(0)])


def _in_fronts(given: FrontSums, weights: Mapping[int, csr_array]) -> np.ndarray:
    """The weights (E + 1, K) of the effects in fronts; the last row is zero."""
    effects = given.placed.fronts.layout.effects
    count = next(iter(weights.values())).shape[0]
    out = np.zeros((len(given.sums), count))
    for place, own in weights.items():
        here = np.flatnonzero(effects.place == place)
        groups = own.shape[1] // (int(effects.column[here].max(initial=0)) + 1)
        chosen = own[:, effects.column[here] * groups + effects.group[here]]
        out[here] = chosen.toarray().T
    return out
