"""Balance of a policy in a sample: weighted covariates of its categories, by the design's errors.

A difference is that of two weighted means of one wave, over the weighted standard deviation of the
rows that are compared. Its error is that of domain means of the sample: by replicates, the
jackknife, or linearised by clusters within strata.

Source
------
Austin (2009), Statistics in Medicine 28, 3083-3107 (standardised differences); Austin and Stuart
(2015), Statistics in Medicine 34, 3661-3679 (of weighted samples).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.coefficient import Factor
from mlm.results.policy import NotCompared, RefusedBalance
from mlm.results.reason import NoCovariates, NumericPolicy, TooFewInCategory
from mlm.results.sampled.balance import (
    AnySampledBalance,
    BalanceInWave,
    SampledBalance,
    SampledImbalance,
)
from mlm.results.sampled.selection import SampledTest
from mlm.statistics.answers.policy.random_allocation import IMBALANCE
from mlm.statistics.answers.sampled.drawn_fits import wald_test
from mlm.statistics.answers.sampled.pooled_estimates import estimate_of
from mlm.statistics.evidence.domain_totals import CovariateTotals, DomainCell, DomainTotals
from mlm.statistics.fitting.design.replicate_variance import replicate_covariance
from mlm.statistics.replication.cell_estimates import CellErrors, cell_estimates
from mlm.statistics.replication.domains import DomainEstimates


def sampled_balance(
    plan: Plan, variable: str, found: CovariateTotals | None, errors: CellErrors | None
) -> AnySampledBalance:
    """The covariates of each category beside those of the reference, wave by wave.

    Parameters
    ----------
    plan : Plan
        Names the policies and the waves of their assignment.
    variable : str
        The policy.
    found : CovariateTotals or None
        Totals of the covariates; None: there are none, or no policy has categories.
    errors : CellErrors or None
        How their errors are found.
    """
    if variable not in plan.categories:
        return RefusedBalance(reason=NumericPolicy())
    own = (
        [] if found is None else [i for i, c in enumerate(found.columns) if c.variable != variable]
    )
    if not own:
        return RefusedBalance(reason=NoCovariates())
    assigned = plan.assignment(variable).wave
    waves = plan.time.waves if assigned is None else (assigned,)
    estimates = cell_estimates(replace(found.totals, origin=0.0), errors)
    compared = _Compared(found, estimates, own)
    return SampledBalance(
        threshold=IMBALANCE,
        waves=tuple(_in_wave(plan, compared, variable, wave) for wave in waves),
    )


class _Compared:
    """Means of the covariates (c,) of each cell in every replicate, and their spread."""

    def __init__(self, found: CovariateTotals, estimates: DomainEstimates, own: list[int]):
        self.columns: list[Factor] = [found.columns[i] for i in own]
        places = [1 + i for i in own]  # the first is the outcome
        self.estimates = replace(estimates, values=estimates.values[places])
        self.spread = _spread(found.totals)[places]
        self.totals = found.totals

    def place(self, cell: DomainCell) -> int | None:
        """Place of a cell with estimates in every replicate; None of another."""
        at = self.totals.cells.index(cell)
        return at if np.isfinite(self.estimates.values[:, :, at]).all() else None

    def of(self, column: int) -> DomainEstimates:
        """The estimates of one covariate."""
        return replace(self.estimates, values=self.estimates.values[column : column + 1])

    def sd(self, first: int, second: int) -> np.ndarray:
        """Root (c,) of the mean of the variances in two cells."""
        return np.sqrt(0.5 * (self.spread[:, first] ** 2 + self.spread[:, second] ** 2))


def _spread(totals: DomainTotals) -> np.ndarray:
    """Weighted standard deviation (M, D) of each draw in every cell."""
    m, whole, n = totals.draws, totals.whole, totals.n_rows[:, None].astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):  # of cells without rows
        means = whole[:, 1 : 1 + m] / whole[:, :1]
        squares = whole[:, 1 + m : 1 + 2 * m] / whole[:, :1] - means**2
        return np.sqrt(np.maximum(squares, 0.0) * n / (n - 1.0)).T


def _in_wave(plan: Plan, compared: _Compared, variable: str, wave: str) -> BalanceInWave:
    reference, *others = plan.categories[variable]
    base = compared.place(DomainCell(wave, variable, reference))
    pairs, missing = {}, []
    for category in others:
        at = compared.place(DomainCell(wave, variable, category))
        if base is None or at is None:
            missing.append(_not_compared(compared, variable, wave, category, reference))
        else:
            pairs[category] = (at, base)
    rows = tuple(row for category, pair in pairs.items() for row in _rows(compared, category, pair))
    sizes = [row.difference.estimate for row in rows if row.difference is not None]
    return BalanceInWave(
        wave=wave,
        unequal=sum(abs(size) > IMBALANCE for size in sizes),
        joint=_joint(compared, list(pairs.values())) if pairs else None,
        rows=rows,
        not_compared=tuple(missing),
    )


def _not_compared(
    compared: _Compared, variable: str, wave: str, category: str, reference: str
) -> NotCompared:
    """The category, or the reference, has no rows in a replicate."""
    for each in (category, reference):
        cell = DomainCell(wave, variable, each)
        if compared.place(cell) is None:
            clusters = int(compared.totals.n_clusters[compared.totals.cells.index(cell)])
            lacking = TooFewInCategory(
                variable=variable, category=each, units=clusters, needed=clusters + 1
            )
            break
    return NotCompared(category=category, reason=lacking)


def _rows(compared: _Compared, category: str, pair: tuple[int, int]) -> Iterator[SampledImbalance]:
    sd = compared.sd(*pair)
    for i, column in enumerate(compared.columns):
        own = compared.of(i).of(pair)
        means, difference = own.values[0, 0], None
        if sd[i] > 0.0:
            found = own.pooled(np.array([[1.0, -1.0]]) / sd[i])
            difference = estimate_of(found, drawn=False)
        yield SampledImbalance(
            category=category,
            column=column,
            mean=float(means[0]),
            reference_mean=float(means[1]),
            difference=difference,
        )


def _joint(compared: _Compared, pairs: list[tuple[int, int]]) -> SampledTest | None:
    """Wald F test that all differences of a wave are zero, by the degrees of the design."""
    estimates, differences, degrees = compared.estimates, [], []
    for at, base in pairs:
        sd = compared.sd(at, base)
        for i in np.flatnonzero(sd > 0.0).tolist():
            values = estimates.values[i]
            differences.append((values[:, at] - values[:, base]) / sd[i])
            contrast = np.zeros((1, values.shape[1]))
            contrast[0, at], contrast[0, base] = 1.0, -1.0
            degrees.append(float(compared.of(i).degrees(contrast)[0]))
    if not differences:
        return None
    each = np.column_stack(differences)
    covariance = replicate_covariance(each[1:], each[0], estimates.scale)
    return wald_test(each[0], covariance, float(np.mean(degrees)))
