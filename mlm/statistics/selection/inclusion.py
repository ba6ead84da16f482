"""How often a reduction keeps each term when the data are drawn again.

The draws are parametric: new responses of the full model. For given variance components the fixed
part of a draw is one normal vector, and the whole reduction is linear algebra on it. Where few
units judge a term, the variances of the full model are estimated anew in each draw. Drawing units
instead is in ``unit_resampling``.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.nouns.model import Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.refit import refitted_with_zeros
from mlm.statistics.fitting.solution import Solution, solve
from mlm.statistics.likelihood.working import Working
from mlm.statistics.selection.backward_rule import BackwardRule
from mlm.statistics.selection.few_units import (
    free_columns,
    judged_by_few,
    too_many_to_refit,
    with_one_residual,
    without_many_groups,
)
from mlm.statistics.selection.fixed_part import FixedPart

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
    is_refitted : bool
        Whether the variances of each replicate were estimated anew.
    """

    replicates: int
    terms: tuple[Term, ...]
    kept: np.ndarray
    models: dict[frozenset, float]
    is_refitted: bool = False


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = solve(full.model, stats, "REML", start=full)
    free = free_columns(full, protected)
    is_few = judged_by_few(full, stats, free) and not too_many_to_refit(stats)
    draws = _Refitted(solution) if is_few else _Held(solution)
    backward = BackwardOnEstimates(full, draws.working, protected, alpha)
    counts: Counter = Counter()
    for _ in range(replicates):
        drawn = draws.next()
        if drawn is not None:
            counts[backward.run(drawn)] += 1
    return backward.shares(counts, counts.total(), is_few)


class _Held:
    """Estimates of draws at the variances of the data: one normal vector each."""

    def __init__(self, solution: Solution):
        self.working, at = solution.working, solution.best.at
        self._at, self._fixed = at, FixedPart.of(solution.best)
        self._root = np.linalg.inv(at.fixed_root)
        self._rng = np.random.default_rng(RESAMPLING_SEED)

    def next(self) -> FixedPart:
        """Of the next draw."""
        at, rng = self._at, self._rng
        beta = at.beta + np.sqrt(at.sigma2) * (self._root @ rng.standard_normal(at.beta.size))
        return self._fixed.redrawn(beta, rng.chisquare(at.degrees) / at.degrees)


class _Refitted:
    """Estimates of draws whose variances are estimated anew, where few units judge a term."""

    def __init__(self, solution: Solution):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = with_one_residual(solution.fit, solution.stats)
            model, left = without_many_groups(fit, excerpt(fit.model, solution.stats))
            small = solve(model, left, "REML", start=fit)
        self._fit, self._drawing = small.fit, drawing_of(small.fit, left)
        self.working, self._hessian = small.working, small.best.hessian
        self._rng = np.random.default_rng(RESAMPLING_SEED)

    def next(self) -> FixedPart | None:
        """Of the next draw; None where the model cannot be fitted to it."""
        sample = self._drawing.draw(self._rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                best = refitted_with_zeros(self._fit, self.working, sample, self._hessian)
                return FixedPart.of(best)
            except FitError:
                return None


class BackwardOnEstimates:
    """Backward elimination on estimates and their covariance, variance components held.

    Parameters
    ----------
    full : Fit
        The full model.
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
        self._rule, self._alpha = BackwardRule(estimated, held), alpha
        terms = self._rule.marginality.terms
        self._columns = [np.flatnonzero([k == t.key for k in keys]) for t in terms]
        self._sets: dict[int, np.ndarray] = {}
        self._free = [t for t in terms if t.key not in {term.key for term in held}]

    def run(self, fixed: FixedPart) -> frozenset:
        """Keys of the terms that one replicate keeps.

        Parameters
        ----------
        fixed : FixedPart
            Of the full model in the replicate.
        """
        kept = self._rule.all
        while left := self._rule.next_to_leave(kept, self._p_value(fixed), self._alpha):
            fixed = fixed.without(self._of(left))
            kept &= ~left
        return frozenset(term.key for term in self._rule.marginality.members(kept))

    def _p_value(self, fixed: FixedPart) -> Callable[[int], float]:
        return lambda chosen: fixed.p_value(self._of(chosen), self._alpha)

    def _of(self, chosen: int) -> np.ndarray:
        """Columns of a set of terms."""
        if chosen not in self._sets:
            parts = [columns for i, columns in enumerate(self._columns) if chosen >> i & 1]
            self._sets[chosen] = np.concatenate(parts)
        return self._sets[chosen]

    def shares(
        self, counts: Counter, replicates: int, is_refitted: bool = False
    ) -> InclusionShares:
        """Shares of replicates by term and by model.

        Parameters
        ----------
        counts : Counter
            Of the sets of keys that were kept.
        replicates : int
            Draws in all.
        is_refitted : bool
            Whether the variances of each were estimated anew.
        """
        kept = [sum(n for model, n in counts.items() if t.key in model) for t in self._free]
        models = {model: n / replicates for model, n in counts.most_common()}
        kept = np.array(kept) / replicates
        return InclusionShares(replicates, tuple(self._free), kept, models, is_refitted)
