"""Weighted means of groups of rows in every replicate and draw: estimates, errors, differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.fitting.design.replicate_variance import (
    effective_degrees,
    replicate_covariance,
)
from mlm.statistics.pooling.nested import pooled_nested
from mlm.statistics.pooling.rubin import Pooled, observed, pooled
from mlm.statistics.pooling.scales import IDENTITY, PooledQuantity, Transformation, pooled_on


def ratios(totals: np.ndarray) -> np.ndarray:
    """Ratios (..., k) of totals (..., 1 + k) to the first of them; NaN where that is zero."""
    below = totals[..., :1]
    out = np.full(totals[..., 1:].shape, np.nan)
    return np.divide(totals[..., 1:], below, out=out, where=below != 0.0)


@dataclass(frozen=True)
class SamplesApart:
    """Samples that were drawn apart, such as waves with schools of their own.

    Attributes
    ----------
    places : ndarray of int (D,)
        Sample of each group of rows.
    df : ndarray (W,)
        Degrees of freedom of each sample.
    """

    places: np.ndarray
    df: np.ndarray


@dataclass(frozen=True)
class DomainEstimates:
    """Estimates of D groups of rows, such as means, in each draw and replicate.

    Attributes
    ----------
    labels : tuple of str
        The groups.
    values : ndarray (M, 1 + R, D)
        Of each draw, of the full sample first and then of each replicate; M is 1 where the
        variable is observed.
    scale : ndarray (R,)
        What each replicate counts for.
    df : float
        Degrees of freedom of the variance between replicates.
    rows : ndarray of int (D,)
        Rows of each group.
    weights : ndarray (D,)
        Their sums of weights.
    made_on : Transformation
        Scale on which intervals are made.
    of_first : bool
        Whether the sampling variance is that of the first draw alone.
    nests : int or None
        Nests of the draws, where they are nested; they come nest by nest.
    apart : SamplesApart or None
        Samples that groups are of, where there are several that were drawn apart; None: one.
    is_jackknife : bool
        Whether a replicate leaves out a cluster: then a variance that rests on few of them has
        fewer degrees of freedom.
    clusters : ndarray of int (D,) or None
        Clusters with rows in each group; None: they are not known.
    """

    labels: tuple[str, ...]
    values: np.ndarray
    scale: np.ndarray
    df: float
    rows: np.ndarray
    weights: np.ndarray
    made_on: Transformation = IDENTITY
    of_first: bool = False
    nests: int | None = None
    apart: SamplesApart | None = None
    is_jackknife: bool = False
    clusters: np.ndarray | None = None

    def degrees(self, contrasts: np.ndarray) -> np.ndarray:
        """Degrees of freedom (k,) of combinations of the groups.

        Of samples that were drawn apart those of the sum of their independent parts; of the
        jackknife those of Johnson and Rust at most. A sample tells of a group with c clusters, or
        of its difference from others, on c - 1 degrees at most: clusters without rows in it say
        nothing of how those with some differ.

        Parameters
        ----------
        contrasts : ndarray (k, D)
            Combinations of the groups.

        Source
        ------
        Satterthwaite (1946), Biometrics Bulletin 2, 110-114; Korn and Graubard (1999), Analysis of
        Health Surveys, section 5.2, on groups in few clusters. Of two groups the smaller number
        counts, which holds whatever their variances.
        """
        most = self._degrees_apart(contrasts)
        if not self.is_jackknife:
            return most
        values = self.values @ np.asarray(contrasts, float).T
        found = [effective_degrees(draw[1:], draw[0]) for draw in values]
        return np.minimum(most, np.maximum(np.mean(found, axis=0), 1.0))

    def _degrees_apart(self, contrasts: np.ndarray) -> np.ndarray:
        if self.apart is None:
            return self._of_sample(contrasts, self.df)
        squares, over = np.zeros(len(contrasts)), np.zeros(len(contrasts))
        for sample, df in enumerate(self.apart.df.tolist()):
            own = contrasts * (self.apart.places == sample)
            part = np.diagonal(self.sampling(own)[1].mean(axis=0))
            squares, over = squares + part, over + part**2 / self._of_sample(own, df)
        return np.divide(squares**2, over, out=np.full(squares.size, self.df), where=over > 0.0)

    def _of_sample(self, contrasts: np.ndarray, df: float) -> np.ndarray:
        """Degrees of freedom (k,) of combinations of groups of one sample, which has so many."""
        if self.clusters is None:
            return np.full(len(contrasts), float(df))
        least = np.where(np.asarray(contrasts) != 0.0, self.clusters - 1.0, np.inf).min(axis=1)
        return np.maximum(np.minimum(df, least), 1.0)

    def sampling(self, contrasts: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Estimates (M, k) and their covariances (M, k, k) over the replicates.

        Parameters
        ----------
        contrasts : ndarray (k, D), optional
            Combinations of the groups; default: each by itself.
        """
        weights = np.eye(len(self.labels)) if contrasts is None else contrasts
        values = self.values @ weights.T
        found = [replicate_covariance(draw[1:], draw[0], self.scale) for draw in values]
        if self.of_first:
            found = [found[0]] * len(found)
        return values[:, 0], np.array(found)

    def pooled(self, contrasts: np.ndarray | None = None) -> Pooled:
        """The same by Rubin's rules.

        Parameters
        ----------
        contrasts : ndarray (k, D), optional
            Combinations of the groups; default: each by itself.
        """
        weights = np.eye(len(self.labels)) if contrasts is None else contrasts
        estimates, covariances = self.sampling(weights)
        df = self.degrees(weights)
        if len(estimates) == 1:
            return replace(observed(estimates[0], covariances[0]), df=df)
        if self.nests is None:
            return pooled(estimates, covariances, df)
        shape, k = self._shape(estimates), estimates.shape[1]
        return pooled_nested(estimates.reshape(*shape, k), covariances.reshape(*shape, k, k), df)

    def _shape(self, estimates: np.ndarray) -> tuple[int, ...]:
        """Shape of the draws: (M,), or (M, N) where they are nested."""
        m = len(estimates)
        return (m,) if self.nests is None else (self.nests, m // self.nests)

    def of(self, places: Sequence[int]) -> DomainEstimates:
        """The same of some groups alone."""
        own = list(places)
        return replace(
            self,
            labels=tuple(self.labels[at] for at in own),
            values=self.values[:, :, own],
            rows=self.rows[own],
            weights=self.weights[own],
            clusters=None if self.clusters is None else self.clusters[own],
            apart=self.apart and replace(self.apart, places=self.apart.places[own]),
        )

    def quantity(self, place: int) -> PooledQuantity:
        """A group's estimate, with an interval on the scale of its kind."""
        own = self.of([place])
        estimates, covariances = own.sampling()
        shape = own._shape(estimates)
        errors, df = covariances[:, 0, 0].reshape(shape), float(own.degrees(np.eye(1))[0])
        return pooled_on(self.made_on, estimates[:, 0].reshape(shape), errors, df)

    def quantities(self) -> list[PooledQuantity]:
        """Each group's estimate, with an interval on the scale of its kind."""
        return [self.quantity(place) for place in range(len(self.labels))]

    def difference(self, later: str, earlier: str, linking_error: float = 0.0) -> PooledQuantity:
        """Difference of two groups, their covariance over replicates and draws with it.

        Parameters
        ----------
        later, earlier : str
            Labels; the second is subtracted from the first.
        linking_error : float
            Standard error of the link between the scales that both were measured on, in the unit
            of the estimates.
        """
        contrast = np.zeros((1, len(self.labels)))
        contrast[0, self.labels.index(later)] += 1.0
        contrast[0, self.labels.index(earlier)] -= 1.0
        estimates, covariances = self.sampling(contrast)
        errors = covariances[:, 0, 0] + float(linking_error) ** 2
        shape = self._shape(estimates)
        df = float(self.degrees(contrast)[0])
        return pooled_on(IDENTITY, estimates[:, 0].reshape(shape), errors.reshape(shape), df)
