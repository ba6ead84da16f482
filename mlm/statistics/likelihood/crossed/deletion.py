"""Samples without the rows of single units, where the lowest units are crossed with them.

A unit that was in several others lies in one of them in each wave, so its sums by wave say what is
left of it without one of them. No row is needed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array

from mlm.errors import StatisticsError
from mlm.nouns.columns import CONSTANT, Column
from mlm.nouns.model import Model
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.by_wave import wave_cells, wave_sums
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt, kept_columns
from mlm.statistics.evidence.merging import split_time
from mlm.statistics.evidence.tree import PRESENT, kept
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.differences import LEAST_SEEN, MOST_ERRORS, moving, newton_step
from mlm.statistics.likelihood.refusals import UnitsInSeveral
from mlm.statistics.likelihood.structure import EstimatesWithout, Solved

# share of a relative sd by which a step may shorten it
MAX_SHORTENING = 0.5


@dataclass(frozen=True)
class LowestInWave:
    """The lowest units in one wave.

    Attributes
    ----------
    cells : csc_array (G, U)
        Rows where lowest units and units meet.
    sums : ndarray (G, k)
        Sums of the lowest units.
    multiples : ndarray (q,)
        What each candidate of the lowest units is in the wave.
    """

    cells: csc_array
    sums: np.ndarray
    multiples: np.ndarray

    def inside(self, unit: int) -> np.ndarray:
        """Places of the lowest units that were in a unit."""
        part = slice(self.cells.indptr[unit], self.cells.indptr[unit + 1])
        return self.cells.indices[part][self.cells.data[part] > PRESENT]


@dataclass(frozen=True)
class UnitsApart:
    """A sample from which the rows of single units of the first crossed factor can be taken.

    Attributes
    ----------
    part : CrossProducts
        The sample with what the model needs.
    totals : ndarray (U, k, k)
        Cross-products of the units, in the order of the factor.
    waves : tuple of LowestInWave
        The lowest units in each wave.
    most : int
        Of how many units each can be left out before that takes long.
    """

    part: CrossProducts
    totals: np.ndarray
    waves: tuple[LowestInWave, ...]
    most: int

    @classmethod
    def of(
        cls, plan: Plan, model: Model, stats: CrossProducts, totals: np.ndarray, most: int
    ) -> UnitsApart:
        """Take the units of a sample apart.

        Parameters
        ----------
        plan : Plan
            Names the waves.
        model : Model
            The model.
        stats : CrossProducts
            The merged sample.
        totals : ndarray (U, k, k)
            Cross-products of the units in the columns of the model.
        most : int
            Of how many units each can be left out.

        Raises
        ------
        UnitsInSeveral
            When a lowest unit was in two of the units in one wave, or a group of another factor in
            two of them.
        StatisticsError
            When lowest units have effects of variables, whose sums are not kept by wave.
        """
        part = excerpt(model, stats)
        tree, factor = stats.levels[-1], stats.crossing.factors[0]
        held, places = part.levels[-1], kept_columns(model, stats)
        waves = []
        for wave in plan.time.waves:
            cells = wave_cells(plan, tree, factor, factor.links, wave).tocsr()
            several = int(((cells > PRESENT).sum(axis=1) > 1).sum())
            if several:
                raise UnitsInSeveral(tree.name, several)
            multiples = [_multiple(plan, wave, c, stats) for c in held.candidates]
            own = wave_sums(plan, tree, wave)[:, places]
            waves.append(LowestInWave(cells.tocsc(), own, np.array(multiples)))
        for i, inner in enumerate(part.crossing.factors[1:], start=1):
            units = (part.crossing.pairs[0, i][0][0] > PRESENT).sum(axis=0)
            if (units > 1).any():
                raise UnitsInSeveral(inner.name, int((units > 1).sum()))
        return cls(part, totals, tuple(waves), most)

    @property
    def ids(self) -> list[tuple[str, ...]]:
        """Ids of the units."""
        return self.part.crossing.factors[0].ids

    def without(self, unit: int) -> CrossProducts:
        """The sample without the rows of one unit."""
        part = self.part
        tree, crossing = part.levels[-1], part.crossing
        sums = tree.sums.copy()
        for wave in self.waves:
            rows = wave.inside(unit)
            sums[:, rows] -= wave.multiples[:, None, None] * wave.sums[rows]
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


def _multiple(plan: Plan, wave: str, candidate: Column, stats: CrossProducts) -> float:
    """What a candidate of the lowest units, the constant or one of time, is in a wave."""
    rest, multiple = split_time(plan, wave, candidate, stats.columns)
    if rest != CONSTANT:
        raise StatisticsError(
            f"effects of {rest.name} over units that are crossed with others: their sums are not "
            "kept by wave. Leave out these effects."
        )
    return multiple


def newton_without(solved: Solved, units: UnitsApart, chosen: np.ndarray) -> EstimatesWithout:
    """Estimates without each of some units, one Newton step from those with all.

    The step has the curvature of the whole sample.

    Parameters
    ----------
    solved : Solved
        A model.
    units : UnitsApart
        Its sample.
    chosen : ndarray of int
        Places of the units.

    Returns
    -------
    EstimatesWithout

    Source
    ------
    One step with the curvature of the whole sample: Pregibon (1981), Annals of Statistics 9,
    705-724.
    """
    theta, free, n_fixed = solved.theta, moving(solved), solved.working.n_fixed
    hessian = solved.hessian[np.ix_(free, free)]
    errors = MOST_ERRORS * np.sqrt(2.0 / np.maximum(np.diagonal(hessian), LEAST_SEEN))
    is_bounded = solved.search.diagonal[free]
    least = np.where(is_bounded, -MAX_SHORTENING * theta[free], -errors)
    most = np.where(is_bounded, np.inf, errors)
    found = []
    for unit in np.sort(chosen).tolist():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            search = solved.search_of(units.without(unit))
        if search.working_at(theta).n_fixed != n_fixed:
            continue
        step, moved = newton_step(hessian, search.point(theta).gradient[free])[0], theta.copy()
        moved[free] += np.clip(step, least, most)
        at = evaluate(search.working_at(moved), search.omegas(moved), solved.criterion)
        found.append((unit, at.beta, at.sigma2 / search.share(moved), at.sigma2, moved))
    places, beta, scale, residual, moved = zip(*found, strict=True) if found else ((),) * 5
    return EstimatesWithout(
        np.array(places, dtype=np.intp),
        np.array(beta).reshape(len(found), n_fixed),
        np.array(scale),
        np.array(residual),
        np.array(moved).reshape(len(found), theta.size),
    )
