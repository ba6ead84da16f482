"""The front door for fits with sampling weights: their errors are those of the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import ModelError, StatisticsError
from mlm.front.replicating import read_for, with_replicates
from mlm.nouns.sampling import OF_ONE_LEVEL, PROGRAMS, SCALINGS, SamplingDesign
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.errors import design_errors
from mlm.statistics.fitting.design.estimates import DesignEstimates
from mlm.statistics.fitting.fit import Fit, check_sample
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.jackknife import jackknife_errors
from mlm.statistics.pooling.pooled_fit import PooledFit


def default_criterion(data, design: SamplingDesign | None) -> str:
    """ML where rows have sampling weights, else REML."""
    weighted = design is not None
    if isinstance(data, CrossProducts):
        weighted = weighted or data.sampled is not None
    return "ML" if weighted else "REML"


def check_made_with(
    data: CrossProducts, precision: str | None, design: SamplingDesign | None
) -> None:
    """Refuse cross-products that were made with other precisions or weights than those named.

    Raises
    ------
    StatisticsError
    """
    if precision not in (None, data.precision):
        raise StatisticsError(
            f"the cross-products were made with the precisions of {data.precision or 'no column'}, "
            f"not of {precision}. Accumulate the rows with precision={precision!r}."
        )
    known = None if data.sampled is None else data.sampled.design
    if design is not None and design != known:
        was = "no sampling design" if known is None else f"another sampling design ({known})"
        raise StatisticsError(
            f"the cross-products were made with {was}. Accumulate the rows with design=..."
        )


def with_errors(fit: Fit, data, errors: str) -> Fit:
    """A weighted fit with its standard errors found in another way; nothing is fitted again.

    Parameters
    ----------
    fit : Fit
        A fit with a sampling design.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.
    errors : str
        ``"linearised"`` or ``"jackknife"``; a formula of the sandwich: ``"joint"``,
        ``"joint_without_factor"``, ``"block"``, ``"stata"``; or a program whose table is to be
        reproduced: ``"gllamm"``, ``"mplus"``, ``"sas"``, ``"stata"``, ``"wemix"``.

    Returns
    -------
    Fit

    Raises
    ------
    StatisticsError
        When the fit has no design, or the data are not its sample.
    ModelError
        When the errors are none that are known.
    """
    if fit.design is None:
        raise StatisticsError("errors by the design are those of fits with design=... alone.")
    kinds = dict.fromkeys(("linearised", "joint"), "joint") | {k: k for k in PROGRAMS.values()}
    kinds |= PROGRAMS
    if errors != "jackknife" and errors not in kinds:
        known = ", ".join(sorted({*kinds, "jackknife"}))
        raise ModelError(f"errors {errors!r}: expected one of {known}.")
    if not isinstance(data, CrossProducts):
        data = with_replicates(statistics_of(fit.model, data, design=fit.design.sampling), data)
    check_sample(fit, data)
    solution = solve(fit.model, data, "ML", fit)
    if errors == "jackknife":
        return fit.with_design(jackknife_errors(solution))
    return fit.with_design(design_errors(solution.search, solution.best, data, kinds[errors]))


def scaling_sensitivity(fit: Fit | PooledFit, data):
    """What a weighted fit says with its weights scaled otherwise, and without weights.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit with a sampling design; of a pooled one the means over its fits.
    data : DataFrame, path, or list of paths
        The rows it was fitted to; they are read again for each scaling, once for all draws.

    Returns
    -------
    DataFrame
        One row a scaling, and ``unweighted`` for all complete rows alike: the fixed effects by
        name, and as ``share of ...`` the shares of the variance that they leave.

    Raises
    ------
    StatisticsError
        When the fit has no design, or the data are cross-products.
    """
    import pandas as pd

    fits = fit.fits if isinstance(fit, PooledFit) else (fit,)
    first = fits[0]
    if first.design is None or isinstance(data, CrossProducts):
        raise StatisticsError(
            "weights are scaled while rows are read: expected a fit with design=... and its rows."
        )
    sampling = first.design.sampling
    several = len({term.group for term in first.model.random}) > 1
    names = [name for name in SCALINGS if not several or name not in OF_ONE_LEVEL]
    rows = {}
    for name in names:
        other = replace(sampling, scaling=name, standard_errors="linearised")
        rows[name] = _told(fits, read_for(fit, data, other))
    rows["unweighted"] = _told(fits, read_for(fit, data, None))
    table = pd.DataFrame(rows).T.rename_axis("scaling")
    if isinstance(fit, PooledFit):  # by the names of its scores, not of their draws
        table.columns = [*fit.names, *table.columns[len(fit.names) :]]
    return table


def _told(fits: Sequence[Fit], stats: CrossProducts) -> dict[str, float]:
    """Fixed effects and shares of the models of some fits on another sample, their means."""
    solutions = [solve(each.model, stats, "ML", each) for each in fits]
    estimates = [DesignEstimates(each.search, stats) for each in solutions]
    told = [
        [*each.fit.beta, *own.shares(own.variances(each.best.theta, each.best.at.sigma2))]
        for each, own in zip(solutions, estimates, strict=True)
    ]
    names = [*solutions[0].fit.names, *(f"share of {group}" for group in estimates[0].groups)]
    return dict(zip(names, np.mean(told, axis=0).tolist(), strict=True))
