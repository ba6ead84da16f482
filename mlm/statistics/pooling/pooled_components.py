"""Variances, correlations and shares of the variance, pooled over imputations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.pooling.components import ComponentEntry, Components
from mlm.statistics.pooling.scales import (
    FISHER_Z,
    IDENTITY,
    LOG,
    LOGIT,
    PooledQuantity,
    Transformation,
    pooled_on,
)

ON_BOUND = 1e-8  # distance of a correlation from one below which it is one


@dataclass(frozen=True)
class PooledComponent:
    """A variance or covariance, and a correlation where there is one.

    Attributes
    ----------
    entry : ComponentEntry
        Which.
    value : PooledQuantity
        In squared units of the response.
    correlation : PooledQuantity or None
        Of a covariance.
    """

    entry: ComponentEntry
    value: PooledQuantity
    correlation: PooledQuantity | None = None

    @property
    def sd(self) -> float:
        """Standard deviation of a variance, or the correlation."""
        if self.correlation is not None:
            return self.correlation.estimate
        return float(np.sqrt(max(self.value.estimate, 0.0)))


@dataclass(frozen=True)
class PooledShare:
    """Share of a grouping factor, or of the residual, in the variance."""

    group: str
    value: PooledQuantity


@dataclass(frozen=True)
class ShareByDesign:
    """What the design of a sample says of the errors of a share of M fits.

    Attributes
    ----------
    df, skewness : float
        Degrees of freedom with complete data, and skewness: means over the fits.
    logit_errors : ndarray (M,) or None
        Standard errors of its logit.
    """

    df: float = np.inf
    skewness: float = 0.0
    logit_errors: np.ndarray | None = None


def pooled_components(
    parts: Sequence[Components], shape: tuple[int, ...]
) -> tuple[PooledComponent, ...]:
    """Every variance and covariance of some fits, pooled.

    Parameters
    ----------
    parts : sequence of Components
        Of each fit, the same entries in all.
    shape : tuple of int
        (M,) imputations, or (M, N) of nested ones, nest by nest.
    """
    entries = parts[0].entries
    places = {entry.place: i for i, entry in enumerate(entries)}
    values = np.array([part.values for part in parts])
    known = all(part.covariance is not None for part in parts)
    degrees = np.mean([part.degrees for part in parts], axis=0)
    skew = np.mean([part.skewness for part in parts], axis=0)
    out = []
    for i, entry in enumerate(entries):
        df = float(degrees[i])
        errors = np.array([part.covariance[i, i] for part in parts]) if known else None
        if entry.term2 is None:
            logs = np.array([part.log_errors[i] for part in parts])
            own = _pooled(LOG, values[:, i], errors, shape, df, float(skew[i]), logs)
            out.append(PooledComponent(entry, own))
            continue
        b, row, column = entry.place
        three = [places[b, row, row], places[b, column, column], i]
        correlation = _correlation(parts, three, known, shape, float(degrees[three].min()))
        own = _pooled(IDENTITY, values[:, i], errors, shape, df)
        out.append(PooledComponent(entry, own, correlation))
    return tuple(out)


def _pooled(
    scale: Transformation,
    values: np.ndarray,
    errors: np.ndarray | None,
    shape: tuple[int, ...],
    df: float,
    skew: float = 0.0,
    on_scale: np.ndarray | None = None,
) -> PooledQuantity:
    own = None if errors is None else errors.reshape(shape)
    scaled = None if on_scale is None else on_scale.reshape(shape)
    return pooled_on(scale, values.reshape(shape), own, df, skew, scaled)


def _correlation(
    parts: Sequence[Components], three: list[int], known: bool, shape: tuple[int, ...], df: float
) -> PooledQuantity:
    """A correlation from the places of two variances and their covariance, by the delta method."""
    values = np.array([part.values[three] for part in parts])
    product = np.sqrt(np.maximum(values[:, 0], 0.0) * np.maximum(values[:, 1], 0.0))
    safe = np.where(product > 0.0, product, 1.0)
    found = np.where(product > 0.0, values[:, 2] / safe, 0.0)
    found = np.where(np.abs(found) > 1.0 - ON_BOUND, np.sign(found), found)
    if not known or (product <= 0.0).any():
        return _pooled(FISHER_Z, found, None, shape, df)
    slopes = np.column_stack(
        [-0.5 * found / values[:, 0], -0.5 * found / values[:, 1], 1.0 / product]
    )
    inner = np.array([part.covariance[np.ix_(three, three)] for part in parts])
    errors = np.einsum("mi,mij,mj->m", slopes, inner, slopes)
    return _pooled(FISHER_Z, found, errors, shape, df)


def pooled_shares(
    parts: Sequence[Components],
    weights: Sequence[tuple[tuple[str, ...], np.ndarray]],
    shape: tuple[int, ...],
    by_design: Mapping[str, ShareByDesign],
) -> tuple[PooledShare, ...]:
    """Shares of the variance of some fits, pooled.

    Parameters
    ----------
    parts : sequence of Components
        Of each fit.
    weights : sequence of (tuple of str, ndarray (s, c))
        What each component adds to the variance of each grouping factor, fit by fit.
    shape : tuple of int
        (M,) imputations, or (M, N) of nested ones, nest by nest.
    by_design : mapping of str to ShareByDesign
        What the design of a sample says of the errors by grouping factor; empty without one.
    """
    names = weights[0][0]
    pairs = [part.share(own) for part, (_, own) in zip(parts, weights, strict=True)]
    shares = np.array([found for found, _ in pairs])
    known = all(errors is not None for _, errors in pairs)
    errors = np.array([found for _, found in pairs]) if known else None
    out = []
    for i, name in enumerate(names):
        own = None if errors is None else errors[:, i]
        known = by_design.get(name, ShareByDesign())
        told = known.df, known.skewness, known.logit_errors
        out.append(PooledShare(name, _pooled(LOGIT, shares[:, i], own, shape, *told)))
    return tuple(out)
