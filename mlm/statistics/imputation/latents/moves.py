"""Coefficients and effects behind one latent or utility, moved with this one integrated out.

Where a category is rare, or groups have one category alone, latents tell of their expectation much
more than the categories do, so that a chain of latents given effects and effects given latents
hardly moves. A latent lies on one side of a bound, with a probability that is known. So
coefficients, effects, and the covariance of effects are moved by what the categories tell, before
the latent is drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from mlm.statistics.imputation.small_matrices import backward, cholesky, inverse

WALK = 2.4  # of a random walk, in standard deviations of what it explores
WALKS = 1.0, 4.0  # times as long, by lot: categories may tell less than their shares say
STRETCH_STEPS = 0.03, 0.1, 0.4  # of the logarithm of a standard deviation, one of them by lot
SHEAR_STEPS = 0.01, 0.03, 0.12  # of standard deviations of other effects, one of them by lot


class Observed(Protocol):
    """What is known of a latent, or a utility."""

    def information(self, groups: np.ndarray | None = None) -> np.ndarray:
        """About what each row (n,) tells of its expectation."""

    def logarithms(self, expected: np.ndarray) -> np.ndarray:
        """Logarithms (n,) of the probabilities of what is known, given expectations (n,)."""

    def derivatives(self, expected: np.ndarray) -> np.ndarray:
        """These logarithms and their slopes (2, n)."""

    def curvatures(self, expected: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """The second derivatives (n,), their sign changed, from the slopes (n,)."""


@dataclass
class OuterEffects:
    """Effects of one level on latents, and what they follow.

    Attributes
    ----------
    effects : ndarray (D, G)
        All effects of the level; those on the latents are moved in place.
    root : ndarray (D, D)
        Lower root of their covariance; replaced where it is moved.
    places : ndarray of int (m,)
        Of those that are moved: on one latent, or on all of a variable.
    groups : ndarray of int (n,)
        Group of each unit.
    prior : MixedPrior
        Of the covariance.
    """

    effects: np.ndarray
    root: np.ndarray
    places: np.ndarray
    groups: np.ndarray
    prior: MixedPrior


def effects_around(
    levels: Sequence[np.ndarray],
    covariances: Sequence[np.ndarray],
    priors: Sequence[MixedPrior],
    parents: Sequence[np.ndarray],
    groups: np.ndarray,
) -> list[OuterEffects]:
    """Effects of all levels around units, outermost first, none of them chosen to be moved yet.

    Parameters
    ----------
    levels, covariances, priors : sequence
        Effects (D, G) of each level, outermost first, with their covariance (D, D) and its prior.
    parents : sequence of ndarray of int (G,)
        Group around each group of a level.
    groups : ndarray of int (n,)
        Group of the innermost of these levels of each unit.
    """
    found = []
    for level in reversed(range(len(levels))):
        root = cholesky(covariances[level])
        nothing = np.zeros(0, dtype=int)
        found.append(OuterEffects(levels[level], root, nothing, groups, priors[level]))
        groups = parents[level][groups]
    return found[::-1]


class LatentMove:
    """Moves what explains one latent, or one utility.

    A latent is the difference of its utility and that of the reference. What moves the latter moves
    all latents of its variable the other way.

    Parameters
    ----------
    sides : Observed
        What the categories tell.
    expected : ndarray (n,)
        Expectation of the latent or utility given all else; it is moved along.
    rng : Generator
        Random numbers.
    groups : ndarray of int (n,), optional
        The groups around that tell best how near to certain a category is.
    sign : float
        1: latents move as what is moved does; -1: against it, as for the reference.
    """

    def __init__(
        self,
        sides: Observed,
        expected: np.ndarray,
        rng: np.random.Generator,
        groups: np.ndarray | None = None,
        sign: float = 1.0,
    ):
        self.expected, self._sides, self.rng, self.sign = expected, sides, rng, sign
        self._derived = sides.derivatives(expected)
        self._told, self._groups = self._derived[0], groups

    @cached_property
    def information(self) -> np.ndarray:
        """About what each row (n,) tells of its expectation."""
        return self._sides.information(self._groups)

    @property
    def told(self) -> np.ndarray:
        """What is known of the rows at their expectations: logarithms and slopes (2, n)."""
        if self._derived is None:
            self._derived = self.derivatives(self.expected)
        return self._derived

    def derivatives(self, expected: np.ndarray) -> np.ndarray:
        """The same (2, n) at other expectations (n,)."""
        return self._sides.derivatives(expected)

    def curvatures(self, expected: np.ndarray, told: np.ndarray) -> np.ndarray:
        """Second derivatives (n,), their sign changed, where that is known (2, n)."""
        return self._sides.curvatures(expected, told[1])

    def take(self, expected: np.ndarray, told: np.ndarray) -> None:
        """Move to other expectations (n,), with what is known there (2, n)."""
        self.expected, self._derived, self._told = expected, told, told[0]

    def coefficients(self, known: np.ndarray, before: np.ndarray, ridged: int) -> np.ndarray:
        """Coefficients (k, m) of predictors, drawn anew or as they were.

        Parameters
        ----------
        known : ndarray (k, n)
            The predictors.
        before : ndarray (k, m)
            Their coefficients, of one latent or of all of a variable.
        ridged : int
            Predictors, the first ones, whose coefficients have normal priors around zero.
        """
        rng, (k, m) = self.rng, before.shape
        weight = np.where(np.arange(k) < ridged, WIDEST_SLOPE**-2.0, 0.0)
        precision = (known * self.information) @ known.T + m * np.diag(weight)
        step = backward(cholesky(precision), rng.standard_normal(k))
        after = self._walked(known, before, WALK / np.sqrt(k) * step, weight)
        one = int(rng.integers(k))
        step = np.zeros(k)
        step[one] = rng.choice(WALKS) * WALK * rng.standard_normal() / np.sqrt(precision[one, one])
        return self._walked(known, after, step, weight)

    def _walked(self, known, before, step, weight) -> np.ndarray:
        """Coefficients after a step, or as they were."""
        after = before + self.sign * step[:, None]
        expected = self.expected + step @ known
        told = self._sides.logarithms(expected)
        gain = told.sum() - self._told.sum()
        gain -= 0.5 * np.sum(weight[:, None] * (after**2 - before**2))
        if np.log(self.rng.random()) >= gain:
            return before
        self.expected, self._told, self._derived = expected, told, None
        return after

    def effects(self, outer: OuterEffects) -> None:
        """Effects of each group, one beside the other."""
        rng, own, at = self.rng, outer.effects, outer.places
        precision = inverse(outer.root @ outer.root.T)
        size = own.shape[1]
        told = self.information
        if outer.groups is not self._groups:
            told = self._sides.information(outer.groups)
        step = np.bincount(outer.groups, told, size) + precision[at[:, None], at].sum()
        step = rng.choice(WALKS, size) * WALK / np.sqrt(step) * rng.standard_normal(size)
        moved = own.copy()
        moved[at] += self.sign * step
        expected = self.expected + step[outer.groups]
        told = self._sides.logarithms(expected)
        gain = np.bincount(outer.groups, told - self._told, size)
        gain -= 0.5 * (
            np.sum(moved * (precision @ moved), axis=0) - np.sum(own * (precision @ own), axis=0)
        )
        taken = np.log(rng.random(size)) < gain
        own[:, taken] = moved[:, taken]
        units = taken[outer.groups]
        self.expected = np.where(units, expected, self.expected)
        self._told, self._derived = np.where(units, told, self._told), None

    def stretched(self, outer: OuterEffects) -> None:
        """The effects, longer or shorter."""
        step = self.rng.choice(STRETCH_STEPS) * self.rng.standard_normal()
        way = np.zeros(len(outer.root))
        way[outer.places] = self.sign / outer.places.size
        self._take(outer, np.expm1(step) * way, step)

    def sheared(self, outer: OuterEffects) -> None:
        """Effects on something else, one by lot, added to them."""
        others = np.delete(np.arange(len(outer.root)), outer.places)
        if not others.size:
            return
        other = self.rng.choice(others)
        step = self.rng.choice(SHEAR_STEPS) * self.rng.standard_normal()
        way = np.zeros(len(outer.root))
        way[other] = step / np.sqrt(np.sum(outer.root[other] ** 2))
        self._take(outer, way, 0.0)

    def _take(self, outer: OuterEffects, way: np.ndarray, volume: float) -> None:
        """Accept effects u and covariance S that became (I + s w')u, (I + s w')S(I + s w')'.

        Parameters
        ----------
        outer : OuterEffects
            The level.
        way : ndarray (D,)
            w; s is the sign at the places of the effects on the latents, else zero.
        volume : float
            Logarithm of the determinant of I + s w'.
        """
        size = len(outer.root)
        by = way @ outer.effects
        step = np.eye(size)
        step[outer.places] += self.sign * way
        half = step @ outer.root
        root = cholesky(half @ half.T)
        expected = self.expected + by[outer.groups]
        told = self._sides.logarithms(expected)
        gain = told.sum() - self._told.sum() + (size + 1.0) * volume
        gain += outer.prior.log_covariance_density(root)
        gain -= outer.prior.log_covariance_density(outer.root)
        if np.log(self.rng.random()) < gain:
            outer.effects[outer.places] += self.sign * by
            outer.root, self.expected, self._told, self._derived = root, expected, told, None
