"""Means of the outcome, and shares at a cut, by wave and category, with gaps and changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.sampled.estimate import SampledChange, SampledEstimate
from mlm.results.sampled.groups_of_rows import (
    CategoryEstimate,
    CategoryOfRows,
    EstimatesBy,
    OutcomeMeans,
    SharesAtCut,
    WaveEstimate,
)
from mlm.results.sampled.reason import ShareHasNoLink
from mlm.statistics.answers.sampled.model_records import estimate_from
from mlm.statistics.answers.sampled.pooled_estimates import change_of, estimate_of
from mlm.statistics.evidence.domain_totals import DomainCell, DomainTotals
from mlm.statistics.fitting.design.sandwich import FEWEST
from mlm.statistics.pooling.rubin import Pooled
from mlm.statistics.replication.cell_estimates import CellErrors, cell_estimates
from mlm.statistics.replication.domains import DomainEstimates


@dataclass(frozen=True)
class CellsOfRows:
    """Estimates of all cells, and what is asked of them.

    Attributes
    ----------
    totals : DomainTotals
        Sums of the rows.
    estimates : DomainEstimates
        Means, or shares at one cut.
    links : mapping of (str, str) to float
        Linking errors, in the unit of the estimates; empty of shares.
    drawn : bool
        Whether the outcome is known by draws.
    weighted : bool
        Whether rows have weights.
    """

    totals: DomainTotals
    estimates: DomainEstimates
    links: Mapping[tuple[str, str], float]
    drawn: bool
    weighted: bool

    def place(self, cell: DomainCell) -> int | None:
        """Place of a cell with an estimate in every replicate and an error; None of another.

        What a single cluster tells of its rows has none.
        """
        at = self.totals.cells.index(cell)
        has_error = self.totals.n_clusters[at] >= FEWEST
        return at if has_error and np.isfinite(self.estimates.values[:, :, at]).all() else None

    def own(self, at: int) -> dict:
        """The estimate of a cell, its rows and their weights."""
        return {
            **dict(estimate_from(self.estimates.quantity(at), self.drawn)),
            "rows": int(self.totals.n_rows[at]),
            "clusters": int(self.totals.n_clusters[at]),
            "sum_of_weights": float(self.estimates.weights[at]) if self.weighted else None,
        }

    def _pooled(self, signs: Mapping[int, float]) -> Pooled:
        places = list(signs)
        return self.estimates.of(places).pooled(np.array([[signs[at] for at in places]]))

    def difference(self, signs: Mapping[int, float]) -> SampledEstimate:
        """A combination of cells, by place."""
        return estimate_of(self._pooled(signs), self.drawn)

    def change(self, earlier: DomainCell, later: DomainCell) -> SampledChange | None:
        """From a cell of one wave to that of another; None where one has no estimate."""
        first, last = self.place(earlier), self.place(later)
        if first is None or last is None:
            return None
        link = self.links.get((earlier.wave, later.wave))
        return change_of(self._pooled({last: 1.0, first: -1.0}), link, self.drawn)


def outcome_means(plan: Plan, totals: DomainTotals, errors: CellErrors) -> OutcomeMeans:
    """Weighted means of the outcome by wave, and by wave and category.

    Parameters
    ----------
    plan : Plan
        The analysis.
    totals : DomainTotals
        Sums of the rows.
    errors : CellErrors
        How errors are found.
    """
    estimates = cell_estimates(totals, errors, None, _nests(plan))
    cells = _cells(plan, totals, estimates, plan.sampling.linking_errors)
    return OutcomeMeans(waves=_waves(plan, cells), by=_by(plan, cells))


def shares_at_cuts(plan: Plan, totals: DomainTotals, errors: CellErrors) -> tuple[SharesAtCut, ...]:
    """Weighted shares of rows at or above each cut, as the means.

    Parameters
    ----------
    plan : Plan
        The analysis.
    totals : DomainTotals
        Sums of the rows.
    errors : CellErrors
        How errors are found.
    """
    out = []
    for place, (name, cut) in enumerate(plan.sampling.cuts.items()):
        estimates = cell_estimates(totals, errors, place, _nests(plan))
        cells = _cells(plan, totals, estimates, {})
        out.append(
            SharesAtCut(
                name=name,
                cut=cut,
                waves=_waves(plan, cells),
                by=_by(plan, cells),
                linking=ShareHasNoLink() if plan.sampling.linking_errors else None,
            )
        )
    return tuple(out)


def _nests(plan: Plan) -> int | None:
    return plan.sampling.scores[0].nests if _is_drawn(plan) else None


def _is_drawn(plan: Plan) -> bool:
    scores = plan.sampling.scores
    return bool(scores) and scores[0].name == plan.outcome


def _cells(plan: Plan, totals, estimates, links) -> CellsOfRows:
    weighted = plan.sampling.design is not None
    return CellsOfRows(totals, estimates, links, _is_drawn(plan), weighted)


def _waves(plan: Plan, cells: CellsOfRows) -> tuple[WaveEstimate, ...]:
    out, names = [], plan.time.waves
    for i, wave in enumerate(names):
        at = cells.place(DomainCell(wave))
        if at is None:
            continue
        out.append(
            WaveEstimate(
                **cells.own(at),
                wave=wave,
                change=cells.change(DomainCell(names[0]), DomainCell(wave)) if i else None,
                step=cells.change(DomainCell(names[i - 1]), DomainCell(wave)) if i > 1 else None,
            )
        )
    return tuple(out)


def _by(plan: Plan, cells: CellsOfRows) -> tuple[EstimatesBy, ...]:
    names = dict.fromkeys(c.variable for c in cells.totals.cells if c.variable is not None)
    return tuple(
        EstimatesBy(
            variable=name,
            categories=tuple(
                CategoryOfRows(category=category, waves=_category(plan, cells, name, category))
                for category in plan.categories[name]
            ),
        )
        for name in names
    )


def _category(
    plan: Plan, cells: CellsOfRows, variable: str, category: str
) -> tuple[CategoryEstimate, ...]:
    """A category wave by wave: its gap from the reference, how the gap moved, its own change."""
    reference, out, start = plan.categories[variable][0], [], plan.time.waves[0]
    began = _gap(cells, start, variable, category, reference)
    for wave in plan.time.waves:
        at = cells.place(DomainCell(wave, variable, category))
        if at is None:
            continue
        gap = _gap(cells, wave, variable, category, reference)
        moved = None
        if gap and began and wave != start:
            moved = cells.difference({**gap, **{k: -v for k, v in began.items()}})
        earlier = DomainCell(start, variable, category)
        out.append(
            CategoryEstimate(
                **cells.own(at),
                wave=wave,
                gap=cells.difference(gap) if gap else None,
                moved=moved,
                change=(
                    None
                    if wave == start
                    else cells.change(earlier, DomainCell(wave, variable, category))
                ),
            )
        )
    return tuple(out)


def _gap(
    cells: CellsOfRows, wave: str, variable: str, category: str, reference: str
) -> dict[int, float]:
    """Signs, by place, of a category less the reference in a wave; empty where one is missing."""
    if category == reference:
        return {}
    own = cells.place(DomainCell(wave, variable, category))
    other = cells.place(DomainCell(wave, variable, reference))
    return {} if own is None or other is None else {own: 1.0, other: -1.0}
