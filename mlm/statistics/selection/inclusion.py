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

from mlm.nouns.model import Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import evaluation_of
from mlm.statistics.likelihood.working import Working
from mlm.statistics.selection.submodels import Estimates

REPLICATES = 200
SEED = 19_770_707


@dataclass(frozen=True)
class Inclusion:
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
) -> Inclusion:
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
    Inclusion

    Source
    ------
    Inclusion frequencies: Heinze, Wallisch and Dunkler (2018), Biometrical Journal 60, 431-449.
    """
    working, at = evaluation_of(full, stats)
    elimination = Elimination(full, working, protected, alpha)
    root = np.linalg.inv(at.fixed_root)
    covariance = root @ root.T
    sigma2 = at.residual / working.n_obs
    rng = np.random.default_rng(SEED)
    counts: Counter = Counter()
    for _ in range(replicates):
        beta = at.beta + np.sqrt(sigma2) * (root @ rng.standard_normal(at.beta.size))
        residual = sigma2 * rng.chisquare(working.n_obs - at.beta.size)
        counts[elimination.run(Estimates(beta, covariance, residual))] += 1
    return elimination.shares(counts, replicates)


class Elimination:
    """Backward elimination on estimates and their covariance, variance components held."""

    def __init__(self, full: Fit, working: Working, protected: Iterable[Term], alpha: float):
        keys = [column.term.key for column in working.fixed]
        self.terms = terms = [t for t in full.model.terms if t.factors and t.key in set(keys)]
        self.protected = {term.key for term in protected}
        self.n_obs, self.alpha = working.n_obs, alpha
        self.columns = [np.flatnonzero([k == t.key for k in keys]) for t in terms]
        self.orders = [sum(f.exponent for f in t.factors) for t in terms]
        self.above = [
            {j for j, other in enumerate(terms) if other.contains(term)} for term in terms
        ]

    def run(self, estimates: Estimates) -> frozenset:
        """Keys of the terms that one replicate keeps."""
        kept = set(range(len(self.terms)))
        while (term := self._next(kept, estimates)) is not None:
            estimates = estimates.without(self.columns[term])
            kept.discard(term)
        return frozenset(self.terms[i].key for i in kept)

    def _next(self, kept: set, estimates: Estimates) -> int | None:
        """The term to drop: of the highest order with one that may go, the least needed."""
        best = None
        for i in kept:
            if self.terms[i].key in self.protected or self.above[i] & kept:
                continue
            if best is not None and self.orders[i] < best[0]:
                continue
            excess = estimates.added(self.columns[i])
            statistic = self.n_obs * np.log1p(excess / estimates.residual)
            p_value = self._tail(statistic, self.columns[i].size)
            if p_value > self.alpha and (best is None or (self.orders[i], p_value) > best[:2]):
                best = (self.orders[i], p_value, i)
        return None if best is None else best[2]

    def shares(self, counts: Counter, replicates: int) -> Inclusion:
        """Shares of replicates by term and by model, from counts of the keys that were kept."""
        free = tuple(t for t in self.terms if t.key not in self.protected)
        kept = [sum(n for model, n in counts.items() if t.key in model) for t in free]
        models = {model: n / replicates for model, n in counts.most_common()}
        return Inclusion(replicates, free, np.array(kept) / replicates, models)

    @staticmethod
    def _tail(statistic: float, df: int) -> float:
        from scipy.special import gammaincc

        return float(gammaincc(0.5 * df, 0.5 * statistic))
