"""Means, variances and products of raw columns over the rows, from the totals."""

from __future__ import annotations

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.columns import Column
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts


def raw_vector(column: Column, stats: CrossProducts) -> np.ndarray:
    """A raw column as a combination of the stored columns, shape (k,)."""
    vector, positions = np.zeros(len(stats.columns)), stats.columns.positions
    for stored, weight in stats.columns.expansion(column).items():
        vector[positions[stored]] = weight
    return vector


def means(vectors: np.ndarray, stats: CrossProducts) -> np.ndarray:
    """Means (...) over the rows of combinations (..., k) of the stored columns."""
    return vectors @ stats.total[0] / stats.total[0, 0]


def variances(vectors: np.ndarray, stats: CrossProducts) -> np.ndarray:
    """Variances (...) over the rows of combinations (..., k) of the stored columns, divisor n."""
    squares = np.einsum("...i,ij,...j->...", vectors, stats.total, vectors)
    return np.maximum(squares / stats.total[0, 0] - means(vectors, stats) ** 2, 0.0)


def raw_mean(column: Column, stats: CrossProducts) -> float:
    """Mean of a raw column over the rows."""
    return float(means(raw_vector(column, stats), stats))


def mean_and_sd(variable: str, stats: CrossProducts) -> tuple[float, float]:
    """Mean and standard deviation (divisor n - 1) of a numeric variable, in its unit."""
    position = stats.columns.positions[Column(powers=((variable, "identity", 1),))]
    origin, unit = stats.columns.scales[variable, "identity"]
    vector = np.zeros(len(stats.columns))
    vector[position] = 1.0  # near its origin the variable keeps its digits
    variance = variances(vector, stats) * sample_correction(stats)
    return float(origin + unit * means(vector, stats)), float(unit * np.sqrt(variance))


def sample_correction(stats: CrossProducts) -> float:
    """What makes a variance with divisor n one with divisor n - 1."""
    return stats.n_obs / max(stats.n_obs - 1, 1)


def mean_moments(model: Model, stats: CrossProducts) -> list[np.ndarray]:
    """Mean over the rows of ``z z'`` of each random term's raw columns, shape (q, q) each."""
    out = []
    for coded in model_columns(model, stats.columns.categories)[1]:
        vectors = np.column_stack([raw_vector(c.column, stats) for c in coded])
        out.append(vectors.T @ stats.total @ vectors / stats.total[0, 0])
    return out
