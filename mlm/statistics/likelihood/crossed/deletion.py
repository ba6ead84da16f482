"""Samples without the rows of single units, where the lowest units are crossed with them.

A unit that was in several others lies in one of them in each wave, so its sums by wave say what is
left of it without one of them. No row is needed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import wave_cells, wave_sums
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt, kept_columns
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.newton import curvature_at
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.covariance import working_theta
from mlm.statistics.likelihood.differences import newton_step
from mlm.statistics.likelihood.working import working_statistics

MAX_SHORTENING = 0.5  # share of a relative sd by which a step may shorten it


@dataclass(frozen=True)
class CrossedUnits:
    """A sample from which the rows of single units of the first crossed factor can be taken.

    Attributes
    ----------
    part : CrossProducts
        The sample with what the model needs.
    totals : ndarray (U, k, k)
        Cross-products of the units, in the order of the factor.
    waves : tuple of (csr_array (G, U), ndarray (G, k))
        For each wave, rows where lowest units and units meet, and sums of the lowest units.
    """

    part: CrossProducts
    totals: np.ndarray
    waves: tuple[tuple[csr_array, np.ndarray], ...]

    @classmethod
    def of(
        cls, plan: Plan, model: Model, stats: CrossProducts, totals: np.ndarray
    ) -> CrossedUnits | None:
        """None where a lowest unit was in two units in one wave.

        Parameters
        ----------
        plan : Plan
            Names the waves.
        model : Model
            With random intercepts.
        stats : CrossProducts
            The merged sample.
        totals : ndarray (U, k, k)
            Cross-products of the units in the columns of the model.
        """
        tree, factor = stats.levels[-1], stats.crossing.factors[0]
        places = kept_columns(model, stats)
        waves = []
        for wave in plan.time.waves:
            cells = wave_cells(plan, tree, factor, factor.links, wave).tocsr()
            if ((cells > PRESENT).sum(axis=1) > 1).any():
                return None
            waves.append((cells, wave_sums(plan, tree, wave)[:, places]))
        return cls(excerpt(model, stats), totals, tuple(waves))

    def without(self, unit: int) -> CrossProducts:
        """The sample without the rows of one unit."""
        part = self.part
        tree, crossing = part.levels[-1], part.crossing
        sums = tree.sums.copy()
        for cells, own in self.waves:
            rows = np.flatnonzero(cells[:, [unit]].toarray()[:, 0] > PRESENT)
            sums[0, rows] -= own[rows]
        alive = np.flatnonzero(sums[0, :, 0] > PRESENT)
        left = replace(
            tree,
            keys=tuple(key[alive] for key in tree.keys),
            parent=tree.parent[alive],
            sums=sums[:, alive],
        )
        return replace(
            part,
            total=part.total - self.totals[unit],
            levels=(left,),
            crossing=_without(crossing, unit, alive),
            parts={},
            bundles=(),
        )


def _without(crossing: Crossing, unit: int, alive: np.ndarray) -> Crossing:
    """Crossed factors without one unit of the first and the groups inside it."""
    first = crossing.factors[0]
    label = tuple(str(key[unit]) for key in first.keys)
    kept = [np.flatnonzero(~_is_inside(factor, label)) for factor in crossing.factors]
    factors = tuple(
        replace(
            factor,
            keys=tuple(key[own] for key in factor.keys),
            sums=factor.sums[:, own],
            links=_taken(factor.links, alive, own),
        )
        for factor, own in zip(crossing.factors, kept, strict=True)
    )
    pairs = {(c, d): _taken(cells, kept[c], kept[d]) for (c, d), cells in crossing.pairs.items()}
    return Crossing(factors, pairs)


def _is_inside(factor: CrossedFactor, label: tuple[str, ...]) -> np.ndarray:
    inside = [key.astype(str) == own for key, own in zip(factor.keys, label, strict=False)]
    return np.logical_and.reduce(inside)


def _taken(cells, rows: np.ndarray, columns: np.ndarray):
    return tuple(tuple(table[rows][:, columns] for table in row) for row in cells)


def newton_beside(
    fit: Fit, units: CrossedUnits
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Estimates without each unit, one Newton step from those with all, with their curvature.

    Parameters
    ----------
    fit : Fit
        A model with random intercepts.
    units : CrossedUnits
        Its sample.

    Returns
    -------
    places : ndarray of int (n,)
        Units without which all fixed effects are estimable.
    beta : ndarray (n, p)
        Fixed effects in the working basis.
    sigma2 : ndarray (n,)
        In squared working units.
    omegas : ndarray (n, b)
        Variances over sigma^2, in the order of the random terms; one that is zero is held there.

    Source
    ------
    One step with the curvature of the whole sample: Pregibon (1981), Annals of Statistics 9,
    705-724.
    """
    search = _search(fit, units.part)
    theta = working_theta(fit.omegas, search.working.blocks)
    curvature = curvature_at(search, search.point(theta))
    found = []
    for unit in range(len(units.totals)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            other = _search(fit, units.without(unit))
        if other.working.n_fixed != search.working.n_fixed:
            continue
        slope = other.point(theta).gradient[curvature.free]
        step = newton_step(curvature.hessian, slope)[0]
        moved = theta.copy()
        moved[curvature.free] += np.clip(step, -MAX_SHORTENING * theta[curvature.free], None)
        at = other.point(moved).at
        found.append((unit, at.beta, at.sigma2, moved**2))
    places, beta, sigma2, omegas = zip(*found, strict=True) if found else ((), (), (), ())
    return np.array(places, dtype=np.intp), np.array(beta), np.array(sigma2), np.array(omegas)


def _search(fit: Fit, sample: CrossProducts) -> Search:
    working = working_statistics(fit.model, sample, pooled=False)
    return Search(working, fit.criterion == "REML")
