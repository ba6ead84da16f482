"""Rows with a number that is missing in some, and proper imputations of it, made row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

SWEEPS = 60  # of the chain before the first imputation
BETWEEN = 10  # sweeps between two of them


def gone_at_random(
    frame: pd.DataFrame, rng: np.random.Generator, share: float, column: str = "x", by: str = "y"
) -> pd.DataFrame:
    """Rows without a number, more often where another one is high: missing at random."""
    place = frame[by].rank(pct=True).to_numpy()
    is_gone = rng.random(len(frame)) < 2.0 * share * place
    return frame.assign(**{column: frame[column].where(~is_gone)})


def imputed(
    frame: pd.DataFrame,
    rng: np.random.Generator,
    draws: int,
    group: Sequence[str],
    column: str = "x",
    given: Sequence[str] = ("y", "z"),
) -> list[pd.DataFrame]:
    """Completed rows, drawn from the posterior of a linear model with effects of groups.

    Gibbs: coefficients under a flat prior, effects of groups, both variances, missing values.
    """
    x, gone = frame[column].to_numpy(copy=True), frame[column].isna().to_numpy()
    kinds = pd.get_dummies(frame["kind"], drop_first=True, dtype=float).to_numpy()
    design = np.column_stack([np.ones(len(frame)), frame[list(given)], kinds])
    codes = frame.groupby(list(group)).ngroup().to_numpy()
    size = np.bincount(codes).astype(float)
    effects, within, between = np.zeros(size.size), float(np.nanvar(x)), 0.1 * float(np.nanvar(x))
    x[gone] = np.nanmean(x)
    root = np.linalg.cholesky(np.linalg.inv(design.T @ design))
    hat = np.linalg.solve(design.T @ design, design.T)
    out = []
    for sweep in range(SWEEPS + draws * BETWEEN):
        mean = hat @ (x - effects[codes])
        beta = mean + np.sqrt(within) * root @ rng.normal(size=design.shape[1])
        left = x - design @ beta
        precision = size / within + 1.0 / between
        effects = np.bincount(codes, left) / within / precision
        effects = effects + rng.normal(size=size.size) / np.sqrt(precision)
        between = (0.05 + effects @ effects) / rng.chisquare(1.0 + size.size)
        rest = left - effects[codes]
        within = rest @ rest / rng.chisquare(len(x))
        drawn = design @ beta + effects[codes] + np.sqrt(within) * rng.normal(size=len(x))
        x[gone] = drawn[gone]
        if sweep >= SWEEPS and (sweep - SWEEPS) % BETWEEN == 0:
            out.append(frame.assign(**{column: x.copy()}))
    return out
