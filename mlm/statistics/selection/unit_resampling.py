"""How often a reduction keeps each term when units are drawn again with replacement.

Bundles of units are drawn; each carries its cross-products and what is left of them when the levels
inside are eliminated, so a replicate is a weighted sum. Levels around the bundles are eliminated
anew in every replicate. The variance components are held; no model is fitted.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.unit_totals import UnitTotals, unit_totals
from mlm.statistics.fitting.evaluated import Evaluated, evaluation_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood.refusals import NotWhereCrossed
from mlm.statistics.likelihood.structure import Pieces
from mlm.statistics.selection.few_units import with_one_residual
from mlm.statistics.selection.fixed_part import FixedPart
from mlm.statistics.selection.inclusion import (
    REPLICATES,
    RESAMPLING_SEED,
    BackwardOnEstimates,
    InclusionShares,
)

FEWEST_BUNDLES = 30  # bundles to draw from
DRAWN_TOGETHER = 50  # samples whose cross-products are added up together


@dataclass(frozen=True)
class Resampled:
    """Inclusion frequencies over units drawn again.

    Attributes
    ----------
    inclusion : InclusionShares
    group : tuple of str
        Id columns of the units.
    bundles : int
        Bundles that were drawn from; a bundle holds one unit, or several that share a hash.
    failed : int
        Replicates in which effects could not be told apart; they are not counted.
    """

    inclusion: InclusionShares
    group: tuple[str, ...]
    bundles: int
    failed: int


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
        The full model.
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
    part = excerpt(full.model, stats)
    found = unit_totals(plan, part)
    if found is None or len(found.units) < FEWEST_BUNDLES:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        full = with_one_residual(full, stats)
        solution = solve(full.model, stats, "REML", start=full)
    evaluated, fixed = evaluation_of(solution.fit, part), FixedPart.of(solution.best)
    working, at = evaluated.working, evaluated.at
    try:
        pieces = _pieces(evaluated, found)
    except NotWhereCrossed:
        return None
    if pieces is None:
        return None
    backward = BackwardOnEstimates(full, working, protected, plan.alpha)
    rng, counts, failed = np.random.default_rng(RESAMPLING_SEED), Counter(), 0
    bundles = len(found.units)
    for weights, total in _samples(pieces, bundles, replicates, rng):
        try:
            drawn = pieces.drawn(working, at, weights, total)
        except FitError:
            failed += 1
            continue
        root = np.linalg.inv(drawn.fixed_root)
        covariance = drawn.sigma2 * root @ root.T
        counts[backward.run(fixed.drawn(drawn.beta, covariance, drawn.degrees))] += 1
    if failed == replicates:
        return None
    inclusion = backward.shares(counts, replicates - failed)
    group = found.inner if found.bits > 0 else found.outer
    return Resampled(inclusion, group, bundles, failed)


def _samples(
    pieces: Pieces, bundles: int, replicates: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """How often each bundle is in a sample (B,), and its cross-products, some samples together."""
    chances = np.full(bundles, 1.0 / bundles)
    for start in range(0, replicates, DRAWN_TOGETHER):
        size = min(DRAWN_TOGETHER, replicates - start)
        weights = rng.multinomial(bundles, chances, size=size).astype(float)
        yield from zip(weights, pieces.totals_under(weights), strict=True)


def _pieces(evaluated: Evaluated, found: UnitTotals) -> Pieces | None:
    part, working, at = evaluated.stats, evaluated.working, evaluated.at
    places = [found.places(level.keys, level.group) for level in part.levels]
    whole = found.totals
    if working.strata is not None:
        ratios = working.strata.named(working.ratios)
        whole = sum(found.waves[name] / ratio for name, ratio in ratios.items())
    totals = working.matrix.T @ whole @ working.matrix
    return working.structure.pieces(at, totals, np.round(found.totals[:, 0, 0]), places)
