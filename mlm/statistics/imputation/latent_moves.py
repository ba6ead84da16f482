"""Coefficients and effects behind one latent, moved with this latent integrated out.

Where a category is rare, or groups have one category alone, latents tell of their expectation much
more than the categories do, so that a chain of latents given effects and effects given latents
hardly moves. Given the other latents, one latent lies on one side of a bound, with a probability
that is known. So coefficients, effects, and the standard deviation of effects are moved by what
the categories tell, before the latent is drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.latent_draws import Sides
from mlm.statistics.imputation.marginal_moves import turned
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from mlm.statistics.imputation.small_matrices import backward, cholesky, forward, inverse

WALK = 2.4  # of a random walk, in standard deviations of what it explores
WALKS = 1.0, 4.0  # times as long, by lot: categories may tell less than their shares say
LENGTH_STEP = 0.3  # of the logarithm of a standard deviation


@dataclass
class OuterEffects:
    """Effects of one level on one latent, and what they follow.

    Attributes
    ----------
    effects : ndarray (D, G)
        All effects of the level; those on the latent are moved in place.
    root : ndarray (D, D)
        Lower root of their covariance; replaced where it is moved.
    place : int
        Of those on the latent.
    groups : ndarray of int (n,)
        Group of each unit.
    prior : MixedPrior
        Of the covariance.
    """

    effects: np.ndarray
    root: np.ndarray
    place: int
    groups: np.ndarray
    prior: MixedPrior

    @property
    def row(self) -> np.ndarray:
        """The row of the root (place + 1,) of those on the latent."""
        return self.root[self.place, : self.place + 1]


class LatentMove:
    """Moves what explains one latent.

    Parameters
    ----------
    sides : Sides
        What the categories tell.
    expected : ndarray (n,)
        Expectation of the latent given all else; it is moved along.
    rng : Generator
        Random numbers.
    groups : ndarray of int (n,), optional
        The groups around that tell best how near to certain a category is.
    """

    def __init__(
        self,
        sides: Sides,
        expected: np.ndarray,
        rng: np.random.Generator,
        groups: np.ndarray | None = None,
    ):
        self.expected, self._sides, self._rng = expected, sides, rng
        self._told = sides.logarithms(expected)
        self._groups, self._information = groups, sides.information(groups)

    def coefficients(self, known: np.ndarray, before: np.ndarray, ridged: int) -> np.ndarray:
        """Coefficients (k,) of predictors, drawn anew or as they were.

        Parameters
        ----------
        known : ndarray (k, n)
            The predictors.
        before : ndarray (k,)
            Their coefficients.
        ridged : int
            Predictors, the first ones, whose coefficients have normal priors around zero.
        """
        rng, k = self._rng, len(before)
        weight = np.where(np.arange(k) < ridged, WIDEST_SLOPE**-2.0, 0.0)
        precision = (known * self._information) @ known.T + np.diag(weight)
        step = backward(cholesky(precision), rng.standard_normal(k))
        after = self._walked(known, before, WALK / np.sqrt(k) * step, weight)
        one = int(rng.integers(k))
        step = np.zeros(k)
        step[one] = rng.choice(WALKS) * WALK * rng.standard_normal() / np.sqrt(precision[one, one])
        return self._walked(known, after, step, weight)

    def _walked(self, known, before, step, weight) -> np.ndarray:
        """Coefficients after a step, or as they were."""
        after = before + step
        expected = self.expected + step @ known
        told = self._sides.logarithms(expected)
        gain = told.sum() - self._told.sum()
        gain -= 0.5 * np.sum(weight * (after**2 - before**2))
        if np.log(self._rng.random()) >= gain:
            return before
        self.expected, self._told = expected, told
        return after

    def effects(self, outer: OuterEffects) -> None:
        """Effects of each group, one beside the other."""
        rng, own, place = self._rng, outer.effects, outer.place
        precision = inverse(outer.root @ outer.root.T)
        size = own.shape[1]
        told = self._information
        if outer.groups is not self._groups:
            told = self._sides.information(outer.groups)
        step = np.bincount(outer.groups, told, size) + precision[place, place]
        step = rng.choice(WALKS, size) * WALK / np.sqrt(step)
        moved = own.copy()
        moved[place] += step * rng.standard_normal(size)
        expected = self.expected + (moved[place] - own[place])[outer.groups]
        told = self._sides.logarithms(expected)
        gain = np.bincount(outer.groups, told - self._told, size)
        gain -= 0.5 * (
            np.sum(moved * (precision @ moved), axis=0) - np.sum(own * (precision @ own), axis=0)
        )
        taken = np.log(rng.random(size)) < gain
        own[place, taken] = moved[place, taken]
        units = taken[outer.groups]
        self.expected = np.where(units, expected, self.expected)
        self._told = np.where(units, told, self._told)

    def length(self, outer: OuterEffects) -> None:
        """The standard deviation of the effects, these moved along."""
        by = LENGTH_STEP * self._rng.standard_normal()
        self._take(outer, np.exp(by) * outer.row, np.exp(by) * outer.effects[outer.place], by)

    def turn(self, outer: OuterEffects) -> None:
        """How the effects go with those before them, these moved along."""
        if outer.place:
            row = turned(outer.row, self._rng)
            standard = forward(outer.root, outer.effects)[: outer.place + 1]
            self._take(outer, row, row @ standard, 0.0)

    def _take(self, outer: OuterEffects, row: np.ndarray, own: np.ndarray, by: float) -> None:
        """Accept another row of the root and effects, as categories, prior and volume tell."""
        place = outer.place
        root = outer.root.copy()
        root[place, : place + 1] = row
        expected = self.expected + (own - outer.effects[place])[outer.groups]
        told = self._sides.logarithms(expected)
        gain = told.sum() - self._told.sum() + (place + 1.0) * by
        gain += outer.prior.log_density(root) - outer.prior.log_density(outer.root)
        if np.log(self._rng.random()) < gain:
            outer.effects[place], outer.root = own, root
            self.expected, self._told = expected, told
