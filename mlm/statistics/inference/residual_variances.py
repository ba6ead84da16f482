"""Residual variances that differ between strata, such as waves: one parameter a stratum.

Rows of stratum h get the precision 1 / ratio_h. The weighted cross-products are sums over strata of
those that the sample holds: every column also stands there times each stratum's indicator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.errors import FitError, StatisticsError
from mlm.nouns.columns import Column, Columns
from mlm.nouns.model import Model
from mlm.results.reference import ChiSquared
from mlm.results.test import Test
from mlm.statistics.evidence.crossed_strata import plain, weighted_crossing
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.differences import curvature, newton_step

RATIO_STEP = 1e-2  # of the logarithm of a ratio, for differences of the profiled criterion
MAX_HALVINGS = 10
NEWTON_GAIN = 1e-7  # deviance that a Newton step over the ratios may still gain
MAX_STEPS = 30


@dataclass(frozen=True)
class StrataFit:
    """A fit with a residual variance of its own in every stratum.

    Attributes
    ----------
    variable : str
        The categorical variable that makes the strata.
    fit : Fit
        The model at the best ratios; its ``sigma2`` is the residual variance of the first stratum.
    ratios : dict of str to float
        Residual variance of each stratum over that of the first.
    test : Test
        Against one residual variance for all rows.
    """

    variable: str
    fit: Fit
    ratios: dict[str, float]
    test: Test

    @property
    def variances(self) -> dict[str, float]:
        """Residual variance of each stratum, in squared units of the response."""
        return {name: self.fit.sigma2 * ratio for name, ratio in self.ratios.items()}


def strata_columns(columns: Columns, variable: str, categories: tuple[str, ...]) -> Columns:
    """The recipe with every column also times the indicator of each stratum."""
    known = {**columns.categories, variable: tuple(categories)}
    extra = [
        product
        for column in columns.columns
        for category in categories
        if (product := column.times(Column(indicators=((variable, category),)))) is not None
    ]
    return Columns(columns.columns, columns.scales, known).extended(extra)


def weighted_statistics(
    stats: CrossProducts, variable: str, ratios: Mapping[str, float], columns: Columns
) -> CrossProducts:
    """Cross-products with the rows of each stratum divided by its ratio.

    Parameters
    ----------
    stats : CrossProducts
        A sample accumulated with ``strata_columns``.
    variable : str
        The variable that makes the strata.
    ratios : mapping of str to float
        Positive, one for each of its categories.
    columns : Columns
        The columns to keep.

    Returns
    -------
    CrossProducts

    Raises
    ------
    StatisticsError
        When a product of a column and a stratum is lacking.
    """
    positions = stats.columns.positions
    mix = np.zeros((len(stats.columns), len(columns)))
    for j, column in enumerate(columns.columns):
        for category, ratio in ratios.items():
            product = column.times(Column(indicators=((variable, category),)))
            if product is None:
                continue
            if product not in positions:
                raise StatisticsError(
                    f"column {product.name} is not in the cross-products. Accumulate with "
                    f"residual={variable!r}, or with the columns of strata_columns."
                )
            mix[positions[product], j] += 1.0 / ratio
    keep = np.array([positions[column] for column in columns.columns])
    levels = tuple(
        replace(
            level,
            candidates=tuple(level.candidates[i] for i in plain(level, columns)),
            sums=level.sums[plain(level, columns)] @ mix,
        )
        for level in stats.levels
    )
    crossing = weighted_crossing(stats, variable, ratios, columns, mix)
    counts = _counts(stats, variable, ratios)
    log_weights = -sum(n * np.log(ratios[name]) for name, n in counts.items())
    return replace(
        stats,
        columns=columns,
        total=stats.total[keep] @ mix,
        levels=levels,
        crossing=crossing,
        n_rows=stats.n_obs,
        log_weights=stats.log_weights + float(log_weights),
    )


def _counts(stats: CrossProducts, variable: str, names) -> dict[str, float]:
    positions = stats.columns.positions
    places = {name: positions[Column(indicators=((variable, name),))] for name in names}
    return {name: float(stats.total[place, place]) for name, place in places.items()}


def fit_by_stratum(
    model: Model, stats: CrossProducts, variable: str, columns: Columns, criterion: str = "REML"
) -> StrataFit:
    """Fit a model with a residual variance for each category of a variable.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        A sample accumulated with ``strata_columns``.
    variable : str
        The variable that makes the strata.
    columns : Columns
        The recipe without the products with strata.
    criterion : {"REML", "ML"}
        What is optimised.

    Returns
    -------
    StrataFit

    Raises
    ------
    FitError
        When the search over the ratios does not settle.
    """
    counts = _counts(stats, variable, stats.columns.categories[variable])
    names = [name for name, count in counts.items() if count > 0.0]

    def solved(logs: np.ndarray, start: Fit | None) -> Fit:
        ratios = dict(zip(names, np.exp(np.append(0.0, logs)), strict=True))
        weighted = weighted_statistics(stats, variable, ratios, columns)
        return fit_model(model, weighted, criterion, start)

    equal = solved(np.zeros(len(names) - 1), None)
    logs, best = newton_over_ratios(solved, np.zeros(len(names) - 1), equal)
    statistic, df = max(equal.deviance - best.deviance, 0.0), len(names) - 1
    test = tested(statistic, df, ChiSquared(df=df))
    ratios = dict(zip(names, np.exp(np.append(0.0, logs)).tolist(), strict=True))
    return StrataFit(variable, best, ratios, test)


def newton_over_ratios(
    solved, logs: np.ndarray, fit: Fit, gain: float = NEWTON_GAIN
) -> tuple[np.ndarray, Fit]:
    """Damped Newton steps over the logarithms of the ratios, each fit started at the last.

    ``gain`` is the deviance that a further step may still gain.
    """
    steps = np.full(logs.size, RATIO_STEP)
    for _ in range(MAX_STEPS):
        criterion = partial(_deviance, solved, fit)
        slope, bend = curvature(criterion, logs, steps, fit.deviance, "forward")
        step, gained = newton_step(bend, slope)
        if gained <= gain:
            return logs, fit
        for halving in range(MAX_HALVINGS):
            moved = logs + 0.5**halving * step
            candidate = solved(moved, fit)
            if candidate.deviance < fit.deviance:
                break
        else:
            return logs, fit
        logs, fit = moved, candidate
    raise FitError("the residual variances by stratum could not be settled.")


def _deviance(solved, start: Fit, logs: np.ndarray) -> float:
    return solved(logs, start).deviance
