"""Covariance of estimates of a weighted likelihood, from the scores of clusters.

With ``s_c`` the scores of C clusters, I the observed information and J the variance of their sum,
``V = I^-1 J I^-1``. Programs differ in one line each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.sampling import Sandwich
from mlm.statistics.evidence.sampling import ReplicateFactors
from mlm.statistics.fitting.design.cluster_scores import ClusterScores

FEWEST = 2  # clusters of a stratum without which their spread is unknown


@dataclass(frozen=True)
class Strata:
    """Clusters by stratum, those with one cluster joined with a neighbour.

    Attributes
    ----------
    codes : ndarray of int (C,)
        Stratum of each cluster.
    names : tuple of str
        Their names; empty where the sample has no strata.
    joined : tuple of (str, str)
        Strata of one cluster, and the stratum that each was joined with.
    """

    codes: np.ndarray
    names: tuple[str, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, strata: Sequence[str] | None, clusters: int) -> Strata:
        """Those of C clusters; one for all where there are none."""
        if strata is None:
            return cls(np.zeros(clusters, dtype=np.intp))
        names, codes = np.unique(strata, return_inverse=True)
        codes, joined = codes.reshape(-1), []
        for place in range(names.size):
            if np.count_nonzero(codes == place) == 1 and np.unique(codes).size > 1:
                others = np.unique(codes[codes != place])
                after = others[others > place]
                near = int(after[0]) if after.size else int(others[-1])
                joined.append((str(names[place]), str(names[near])))
                codes = np.where(codes == place, near, codes)
        kept, codes = np.unique(codes, return_inverse=True)
        return cls(codes.reshape(-1), tuple(map(str, names[kept])), tuple(joined))

    @property
    def sizes(self) -> np.ndarray:
        """Clusters of each stratum."""
        return np.bincount(self.codes)

    @property
    def df(self) -> float:
        """Degrees of freedom of the design: clusters less strata."""
        return float(self.codes.size - self.sizes.size)


def meat(scores: np.ndarray, strata: Strata, factor: bool = True) -> np.ndarray:
    """Variance (m, m) of the sum of the scores (C, m) of clusters drawn within strata.

    Parameters
    ----------
    scores : ndarray (C, m)
        Of each cluster.
    strata : Strata
        In which they were drawn.
    factor : bool
        Whether it is unbiased: ``n / (n - 1)`` in each stratum of n clusters.
    """
    out = np.zeros((scores.shape[1],) * 2)
    for stratum, size in enumerate(strata.sizes.tolist()):
        own = scores[strata.codes == stratum]
        own = own - own.mean(axis=0)
        out += (size / (size - 1.0) if factor and size > 1 else 1.0) * own.T @ own
    return out


def sandwich(
    found: ClusterScores,
    strata: Strata,
    kind: Sandwich = "joint",
    replicates: ReplicateFactors | None = None,
) -> np.ndarray:
    """Covariance (m, m) of the estimates, m = p + f + 1.

    Parameters
    ----------
    found : ClusterScores
        Scores and information.
    strata : Strata
        In which clusters were drawn.
    kind : {"joint", "joint_without_factor", "block", "stata"}
        ``joint``: of all parameters together. ``block``: of fixed effects and of variances apart,
        as if their information were zero. ``stata``: the same, but the information on variances is
        that which estimating the fixed effects leaves.
    replicates : ReplicateFactors, optional
        Replicates of the sample, from which the variance of the sum of the scores then comes: of
        a replicate it is that of its factors less one, and no model is fitted to it.

    Source
    ------
    Binder (1983), Int. Statist. Rev. 51, 279-292; Rabe-Hesketh and Skrondal (2006), J. R. Statist.
    Soc. A 169, 805-827, section 3.3.
    """
    if replicates is None:
        middle = meat(found.scores, strata, kind != "joint_without_factor")
    else:
        steps = (replicates.values - 1.0).T @ found.scores
        middle = (steps * replicates.scale[:, None]).T @ steps
    bread, p = found.information, found.n_fixed
    if kind in ("joint", "joint_without_factor"):
        return _around(bread, middle)
    fixed, own = slice(None, p), slice(p, None)
    inner = bread[own, own]
    if kind == "stata" and p:
        inner = inner - bread[own, fixed] @ np.linalg.solve(bread[fixed, fixed], bread[fixed, own])
    out = np.zeros_like(bread)
    out[fixed, fixed] = _around(bread[fixed, fixed], middle[fixed, fixed])
    out[own, own] = _around(inner, middle[own, own])
    return out


def _around(bread: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """``bread^-1 middle bread^-1``."""
    outside = inverse(bread)
    found = outside @ middle @ outside
    return 0.5 * (found + found.T)


def inverse(information: np.ndarray) -> np.ndarray:
    """Inverse (m, m) of an information; directions without any have no variance."""
    size = np.sqrt(np.abs(np.diagonal(information)))
    size = np.where(size > 0.0, size, 1.0)
    scaled = information / np.outer(size, size)
    return np.linalg.pinv(scaled, hermitian=True) / np.outer(size, size)
