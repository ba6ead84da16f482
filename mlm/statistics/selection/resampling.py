"""How often a reduction keeps each term when units are drawn again with replacement.

Bundles of units are drawn; each carries its cross-products and what is left of them when the levels
inside are eliminated, so a replicate is a weighted sum. Levels around the bundles are eliminated
anew in every replicate. The variance components are held; no model is fitted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.errors import FitError
from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.unit_totals import UnitTotals, unit_totals
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import evaluation_of
from mlm.statistics.likelihood.criterion import Evaluation, evaluate
from mlm.statistics.likelihood.working import Working
from mlm.statistics.selection.inclusion import (
    REPLICATES,
    RESAMPLING_SEED,
    BackwardOnEstimates,
    Inclusion,
)
from mlm.statistics.selection.submodels import Estimates

FEWEST_BUNDLES = 30  # bundles to draw from


@dataclass(frozen=True)
class Resampled:
    """Inclusion frequencies over units drawn again.

    Attributes
    ----------
    inclusion : Inclusion
    group : tuple of str
        Id columns of the units.
    bundles : int
        Bundles that were drawn from; a bundle holds one unit, or several that share a hash.
    failed : int
        Replicates in which effects could not be told apart; they are not counted.
    """

    inclusion: Inclusion
    group: tuple[str, ...]
    bundles: int
    failed: int


@dataclass(frozen=True)
class _Pieces:
    """What a replicate is the weighted sum of.

    Attributes
    ----------
    totals : ndarray (B, w, w)
        Cross-products of each bundle, the levels inside eliminated.
    rows : ndarray (B,)
    sums : ndarray (w, G)
        Weighted sums of the groups of the outermost level inside the bundles.
    bundle : ndarray (G,)
        Bundle of each of these groups.
    around : int
        Number of levels around the bundles.
    """

    totals: np.ndarray
    rows: np.ndarray
    sums: np.ndarray
    bundle: np.ndarray
    around: int


def resampled(
    plan: Plan,
    full: Fit,
    stats: CrossProducts,
    protected: tuple[Term, ...] = (),
    replicates: int = REPLICATES,
) -> Resampled | None:
    """Reduce a full model in bootstrap samples of units.

    Parameters
    ----------
    plan : Plan
        Names the waves; its ``alpha`` is the level of each test.
    full : Fit
        The full model by ML, with random intercepts.
    stats : CrossProducts
        Its sample, with the bundles of its waves.
    protected : tuple of Term
        Terms that never leave.
    replicates : int
        Number of draws.

    Returns
    -------
    Resampled or None
        None where bundles were not kept or are fewer than 30, or factors are crossed.

    Source
    ------
    Inclusion frequencies: Heinze, Wallisch and Dunkler (2018), Biometrical Journal 60, 431-449;
    drawing whole units: Davison and Hinkley (1997), Bootstrap Methods and their Application,
    section 3.8.
    """
    if stats.crossing.factors:
        return None
    part = excerpt(full.model, stats)
    found = unit_totals(plan, part)
    if found is None or len(found.units) < FEWEST_BUNDLES:
        return None
    working, at = evaluation_of(full, part)
    pieces = _pieces(part, working, at, found)
    if pieces is None:
        return None
    backward = BackwardOnEstimates(full, working, protected, plan.alpha)
    rng, counts, failed = np.random.default_rng(RESAMPLING_SEED), Counter(), 0
    bundles = len(found.units)
    for _ in range(replicates):
        weights = rng.multinomial(bundles, np.full(bundles, 1.0 / bundles)).astype(float)
        try:
            drawn = _replicate(working, at, pieces, weights)
        except FitError:
            failed += 1
            continue
        root = np.linalg.inv(drawn.fixed_root)
        estimates = Estimates(drawn.beta, root @ root.T, drawn.residual)
        counts[backward.run(estimates, drawn.degrees)] += 1
    if failed == replicates:
        return None
    inclusion = backward.shares(counts, replicates - failed)
    group = found.inner if found.bits > 0 else found.outer
    return Resampled(inclusion, group, bundles, failed)


def _pieces(
    part: CrossProducts, working: Working, at: Evaluation, found: UnitTotals
) -> _Pieces | None:
    """None where a slope is random, or no level of the model lies inside the bundles."""
    if any(width != 1 for width in working.widths):
        return None
    places = [found.places(level.keys, level.group) for level in part.levels]
    around = sum(place is None for place in places)
    if around == len(places) or any(place is None for place in places[around:]):
        return None
    totals = working.matrix.T @ found.totals @ working.matrix
    for place, done in zip(places[around:], at.eliminations[around:], strict=True):
        order = np.argsort(place, kind="stable")
        wide = done.wide[:, 0, order]
        product = done.gain[0, 0, order] * wide
        bundle = place[order]
        starts = np.flatnonzero(np.diff(bundle, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], order.size], strict=True):
            totals[bundle[start]] -= wide[:, start:stop] @ product[:, start:stop].T
    first = at.eliminations[around]
    held = 1.0 - first.inner[0, 0] * first.gain[0, 0]
    rows = np.round(found.totals[:, 0, 0])
    return _Pieces(totals, rows, held * first.wide[:, 0], places[around], around)


def _replicate(
    working: Working, at: Evaluation, pieces: _Pieces, weights: np.ndarray
) -> Evaluation:
    """The criterion of one draw at the variance components of the sample."""
    levels = []
    own = pieces.sums * weights[pieces.bundle]
    for m in range(pieces.around):
        level = working.levels[m]
        starts = working.starts[pieces.around][m]
        sums = np.add.reduceat(own, starts, axis=1).T[None]
        levels.append(replace(level, made=partial(np.asarray, sums)))
    drawn = replace(
        working,
        total=np.tensordot(weights, pieces.totals, axes=1),
        levels=tuple(levels),
        n_obs=int(weights @ pieces.rows),
        pool=None,
    )
    return evaluate(drawn, list(at.omegas[: pieces.around]), False)
