"""How often a reduction keeps each term when the data are drawn again.

The draws are parametric: new responses of the full model, its variance components held. For given
variance components the fixed part of a draw is one normal vector, and the whole reduction is linear
algebra on it; no model is fitted. Drawing units instead is in ``resampling``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mlm.nouns.marginality import Marginality
from mlm.nouns.model import Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.working import Working
from mlm.statistics.selection.submodels import Estimates

REPLICATES = 200
RESAMPLING_SEED = 19_770_707


@dataclass(frozen=True)
class InclusionShares:
    """Shares of replicates in which the reduction kept each term.

    Attributes
    ----------
    replicates : int
    terms : tuple of Term
        Terms that may leave.
    kept : ndarray (t,)
        Share of the replicates that kept each.
    models : dict of frozenset to float
        Share of the replicates by the set of keys that was kept.
    """

    replicates: int
    terms: tuple[Term, ...]
    kept: np.ndarray
    models: dict[frozenset, float]


def inclusion(
    full: Fit,
    stats: CrossProducts,
    alpha: float,
    protected: tuple[Term, ...] = (),
    replicates: int = REPLICATES,
) -> InclusionShares:
    """Reduce parametric replicates of a full model.

    Parameters
    ----------
    full : Fit
        The full model by ML.
    stats : CrossProducts
        Its sample.
    alpha : float
        Level of each test.
    protected : tuple of Term
        Terms that never leave.
    replicates : int
        Number of draws.

    Returns
    -------
    InclusionShares

    Source
    ------
    Inclusion frequencies: Heinze, Wallisch and Dunkler (2018), Biometrical Journal 60, 431-449.
    """
    evaluated = evaluation_of(full, stats)
    working, at = evaluated.working, evaluated.at
    backward = BackwardOnEstimates(full, working, protected, alpha)
    root = np.linalg.inv(at.fixed_root)
    covariance = root @ root.T
    sigma2 = at.residual / working.n_obs
    rng = np.random.default_rng(RESAMPLING_SEED)
    counts: Counter = Counter()
    for _ in range(replicates):
        beta = at.beta + np.sqrt(sigma2) * (root @ rng.standard_normal(at.beta.size))
        residual = sigma2 * rng.chisquare(working.n_obs - at.beta.size)
        counts[backward.run(Estimates(beta, covariance, residual), working.n_obs)] += 1
    return backward.shares(counts, replicates)


class BackwardOnEstimates:
    """Backward elimination on estimates and their covariance, variance components held.

    Parameters
    ----------
    full : Fit
        The full model by ML.
    working : Working
        Its working statistics.
    protected : iterable of Term
        Terms that never leave.
    alpha : float
        Level of each test.
    """

    def __init__(self, full: Fit, working: Working, protected: Iterable[Term], alpha: float):
        keys = [column.term.key for column in working.fixed]
        held = [*protected, *full.model.slopes]
        estimated = [t for t in full.model.terms if t.key in set(keys)]
        self._rule, self._alpha = Marginality(estimated, held), alpha
        self._columns = [np.flatnonzero([k == t.key for k in keys]) for t in self._rule.terms]
        self._free = [t for t in self._rule.terms if t.key not in {term.key for term in held}]

    def run(self, estimates: Estimates, n_obs: int) -> frozenset:
        """Keys of the terms that one replicate keeps.

        Parameters
        ----------
        estimates : Estimates
            Of the full model in the replicate.
        n_obs : int
            Rows of the replicate.
        """
        kept = self._rule.all

        def p_value(i: int) -> float:
            return estimates.p_value(self._columns[i], n_obs)

        def may_leave(_: int, p: float) -> bool:
            return p > self._alpha

        while (i := self._rule.next_to_leave(kept, p_value, may_leave)) is not None:
            estimates = estimates.without(self._columns[i])
            kept &= ~(1 << i)
        return frozenset(term.key for term in self._rule.members(kept))

    def shares(self, counts: Counter, replicates: int) -> InclusionShares:
        """Shares of replicates by term and by model, from counts of the keys that were kept."""
        kept = [sum(n for model, n in counts.items() if t.key in model) for t in self._free]
        models = {model: n / replicates for model, n in counts.most_common()}
        return InclusionShares(replicates, tuple(self._free), np.array(kept) / replicates, models)
