"""How rows that lack a covariate differ from those that have it: within waves, in SD."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.nouns.distributions import student_quantile
from mlm.results.survey.missing_covariates import Unlike
from mlm.rows.linking.missing_cells import Cells
from mlm.rows.linking.missing_patterns import PatternCounts

SMALLEST_SPREAD = 1e-12
"""Share of the sum of squares below which a column does not vary within waves."""


class RowsCompared:
    """Rows that lack a covariate against those that have it, by sums over cells.

    Parameters
    ----------
    found : PatternCounts
        Rows that have the outcome, by what they lack.
    """

    def __init__(self, found: PatternCounts):
        self._found = found

    def unlike(self, variable: str) -> Iterator[Unlike]:
        """Differences of the outcome and of each other covariate, where they can be told."""
        cells = self._found.cells
        lacks = self._found.lacks(variable)[cells.pattern]
        for factor, sums in cells.columns.items():
            if factor.variable != variable:
                made = _difference(cells, lacks, *sums)
                if made is not None:
                    members = None if factor.category is None else int(sums[1][lacks].sum())
                    yield Unlike(column=factor, members=members, **made)


def _difference(
    cells: Cells, lacks: np.ndarray, n: np.ndarray, total: np.ndarray, squares: np.ndarray
) -> dict | None:
    """Coefficient of lacking a variable in a regression on it and the waves, by clusters.

    The error is the sandwich over clusters times G / (G - 1) (Liang & Zeger 1986); its degrees of
    freedom are those of the fewer clusters, that lack the variable or have it. None where there are
    fewer than two of either.

    Parameters
    ----------
    cells : Cells
    lacks : ndarray of bool (C,)
        Whether the rows of a cell lack the variable.
    n, total, squares : ndarray (C,)
        Rows with a value of the column, its sum and its sum of squares.
    """
    lacking, having = (np.unique(cells.cluster[of & (n > 0)]).size for of in (lacks, ~lacks))
    if min(lacking, having) < 2:
        return None
    wave, rows = cells.wave, np.bincount(cells.wave, n)
    centred = lacks - (np.bincount(wave, n * lacks) / np.maximum(rows, 1.0))[wave]
    mean = np.bincount(wave, total) / np.maximum(rows, 1.0)
    variation = float(np.sum(n * centred * centred))
    spread = float(np.sum(squares) - np.sum(rows * mean * mean))
    if variation <= 0.0 or spread <= SMALLEST_SPREAD * float(np.sum(squares)):
        return None
    residual = total - n * mean[wave]
    slope = float(np.sum(centred * residual)) / variation
    scores = np.bincount(cells.cluster, centred * (residual - slope * n * centred))
    clusters = np.unique(cells.cluster[n > 0]).size
    error = float(np.sqrt(clusters / (clusters - 1) * np.sum(scores**2))) / variation
    sd, df = float(np.sqrt(spread / n.sum())), min(lacking, having) - 1
    size, error = slope / sd, error / sd
    apart = float(student_quantile(0.975, df)) * error
    return {
        "n": int(n[lacks].sum()),
        "groups": lacking,
        "standardised": _digits(size),
        "std_error": _digits(error),
        "lower": _digits(size - apart),
        "upper": _digits(size + apart),
        "df": df,
    }


def _digits(value: float) -> float:
    """A number with nine digits, which the order of the rows does not change by rounding."""
    return float(f"{value:.9g}")
