"""Samples without the rows of single units, where the lowest units are crossed with them.

A unit that was in several others lies in one of them in each wave, so its sums by wave say what is
left of it without one of them. No row is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import wave_cells, wave_sums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt, kept_columns
from mlm.statistics.evidence.tree import PRESENT, kept
from mlm.statistics.likelihood.covariance import (
    THETA_AT_BOUND,
    block_parts,
    level_matrices,
    theta_gradient,
)
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.differences import FORWARD_STEP, newton_step, relative_steps
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.refusals import UnitsInSeveral
from mlm.statistics.likelihood.structure import EstimatesWithout, Solved
from mlm.statistics.likelihood.working import Working

# share of a relative sd by which a step may shorten it
MAX_SHORTENING = 0.5


@dataclass(frozen=True)
class UnitsApart:
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
    def of(cls, plan: Plan, model: Model, stats: CrossProducts, totals: np.ndarray) -> UnitsApart:
        """Take the units of a sample apart.

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

        Raises
        ------
        UnitsInSeveral
            When a lowest unit was in two of the units in one wave, or a group of another factor in
            two of them.
        """
        tree, factor = stats.levels[-1], stats.crossing.factors[0]
        places = kept_columns(model, stats)
        waves = []
        for wave in plan.time.waves:
            cells = wave_cells(plan, tree, factor, factor.links, wave).tocsr()
            several = int(((cells > PRESENT).sum(axis=1) > 1).sum())
            if several:
                raise UnitsInSeveral(tree.name, several)
            waves.append((cells, wave_sums(plan, tree, wave)[:, places]))
        part = excerpt(model, stats)
        for i, inner in enumerate(part.crossing.factors[1:], start=1):
            units = (part.crossing.pairs[0, i][0][0] > PRESENT).sum(axis=0)
            if (units > 1).any():
                raise UnitsInSeveral(inner.name, int((units > 1).sum()))
        return cls(part, totals, tuple(waves))

    @property
    def ids(self) -> list[tuple[str, ...]]:
        """Ids of the units."""
        return self.part.crossing.factors[0].ids

    def without(self, unit: int) -> CrossProducts:
        """The sample without the rows of one unit."""
        part = self.part
        tree, crossing = part.levels[-1], part.crossing
        sums = tree.sums.copy()
        for cells, own in self.waves:
            rows = np.flatnonzero(cells[:, [unit]].toarray()[:, 0] > PRESENT)
            sums[0, rows] -= own[rows]
        alive = sums[0, :, 0] > PRESENT
        masks = {crossing.factors[0].group: np.arange(len(self.totals)) != unit}
        for i, factor in enumerate(crossing.factors[1:], start=1):
            inside = crossing.pairs[0, i][0][0][[unit]].toarray()[0]
            masks[factor.group] = ~(inside > PRESENT)
        masks[tree.group] = alive

        def cells_of(left, right, tables):
            rows, columns = (np.flatnonzero(masks[level.group]) for level in (left, right))
            return tuple(tuple(table[rows][:, columns] for table in row) for row in tables)

        return replace(
            part,
            total=part.total - self.totals[unit],
            levels=kept((replace(tree, sums=sums),), (alive,)),
            crossing=crossing.changed(tree, lambda f: f.kept(masks[f.group]), cells_of),
            parts={},
            bundles=(),
        )


def newton_without(
    solved: Solved, units: UnitsApart, working_of: Callable[[CrossProducts], Working]
) -> EstimatesWithout:
    """Estimates without each unit, one Newton step from those with all, with their curvature.

    Parameters
    ----------
    solved : Solved
        A model with random intercepts.
    units : UnitsApart
        Its sample.
    working_of : callable
        The working statistics of the model on another sample.

    Returns
    -------
    EstimatesWithout

    Source
    ------
    One step with the curvature of the whole sample: Pregibon (1981), Annals of Statistics 9,
    705-724.
    """
    working, theta, criterion = solved.working, solved.theta, solved.criterion
    free = np.flatnonzero(theta > THETA_AT_BOUND)
    hessian = _hessian(working, theta, free, criterion)
    found = []
    for unit in range(len(units.totals)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            other = working_of(units.without(unit))
        if other.n_fixed != working.n_fixed:
            continue
        step = newton_step(hessian, _slope(other, theta, criterion)[free])[0]
        moved = theta.copy()
        moved[free] += np.clip(step, -MAX_SHORTENING * theta[free], None)
        there = evaluate(other, level_matrices(moved, other), criterion)
        found.append((unit, there.beta, there.sigma2, moved**2))
    places, beta, sigma2, omegas = zip(*found, strict=True) if found else ((), (), (), ())
    order = [block.level for block in working.blocks]
    outwards = [order.index(place) for place in working.structure.inwards]
    omegas = np.array(omegas)[:, outwards] if found else np.zeros((0, len(order)))
    places = np.array(places, dtype=np.intp)
    return EstimatesWithout(places, np.array(beta), np.array(sigma2), omegas)


def _slope(working: Working, theta: np.ndarray, criterion: Criterion) -> np.ndarray:
    """Gradient of the criterion by theta."""
    at = evaluate(working, level_matrices(theta, working), criterion)
    parts = block_parts(gradient(working, at, criterion), working.blocks)
    return theta_gradient(theta, parts, working.blocks)


def _hessian(
    working: Working, theta: np.ndarray, free: np.ndarray, criterion: Criterion
) -> np.ndarray:
    """Second derivatives (f, f) of the criterion, by forward differences of the gradient."""
    here = _slope(working, theta, criterion)
    bend = np.zeros((free.size, free.size))
    for j, position in enumerate(free):
        moved = theta.copy()
        moved[position] += relative_steps(theta, FORWARD_STEP)[position]
        bend[j] = (_slope(working, moved, criterion) - here)[free] / (
            moved[position] - theta[position]
        )
    return 0.5 * (bend + bend.T)
