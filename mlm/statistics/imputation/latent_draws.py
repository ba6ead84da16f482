"""Latent normal variables of categories: drawn given the categories that are observed.

Each category but the reference has a latent normal variable; the category is that of the largest
one above zero, the reference where none is. What is observed bounds one latent given the others on
one side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

FEWEST_OF_A_CATEGORY = 0.5  # rows that a category counts as at least
LARGEST_GAIN = 500.0  # logarithm of odds beyond which a category is certain
LATENT_SWEEPS = 2  # draws of several latents, each given the others, in an iteration
ROOT_OF_CIRCLE = np.sqrt(2.0 * np.pi)
FARTHEST_TAIL = -37.0  # standard deviations, beyond which doubles know no probability


def drawn_below(bound: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Standard normal values below bounds, from numbers that are uniform between 0 and 1."""
    return ndtri(numbers * ndtr(np.maximum(bound, FARTHEST_TAIL)))


def redraw_latents(
    left: np.ndarray,
    fixed: np.ndarray,
    precision: np.ndarray,
    latents: Mapping[str, Sequence[int]],
    codes: Mapping[str, np.ndarray],
    numbers: np.ndarray,
) -> None:
    """Draw the latents of some rows one after the other, each given all others, in place.

    Parameters
    ----------
    left : ndarray (s, n)
        What is known of each row beyond its expectation: responses and latents less ``fixed``.
    fixed : ndarray (s, n)
        Expectations given predictors and effects.
    precision : ndarray (s, s)
        Inverse of the residual covariance of what is known.
    latents : mapping of str to sequence of int
        By variable that is observed in these rows, the places of its latents.
    codes : mapping of str to ndarray of int (n,)
        Position of each row's category, 0 for the reference.
    numbers : ndarray (s, n)
        Uniform between 0 and 1.

    Source
    ------
    Albert & Chib (1993), J. Am. Stat. Assoc. 88, 669-679; Goldstein, Carpenter, Kenward & Levin
    (2009), Stat. Modelling 9, 173-197, section 4.
    """
    for name, places in latents.items():
        for place in places:
            spread = 1.0 / np.sqrt(precision[place, place])
            pull = precision[place] @ left - precision[place, place] * left[place]
            mean = fixed[place] - pull * spread**2
            values = {other: fixed[other] + left[other] for other in places if other != place}
            sides = sides_of(place, places, values, codes[name], spread)
            left[place] = sides.drawn(mean, numbers[place]) - fixed[place]


@dataclass(frozen=True)
class Sides:
    """On which side of which bound one latent lies: sign (z - bound) > 0.

    Attributes
    ----------
    sign : ndarray (n,)
        1 above, -1 below, 0 where nothing is known.
    bound : ndarray (n,)
        The bounds.
    spread : float
        Standard deviation of the latent around its expectation.
    """

    sign: np.ndarray
    bound: np.ndarray
    spread: float

    def information(self, groups: np.ndarray | None = None) -> np.ndarray:
        """What each category (n,) tells of its expectation, if all of its group had the same one.

        Parameters
        ----------
        groups : ndarray of int (n,), optional
            Group of each; None: all are one.
        """
        groups = np.zeros(self.sign.size, dtype=int) if groups is None else groups
        known = self.sign != 0.0
        rows = np.bincount(groups, known) + 2.0 * FEWEST_OF_A_CATEGORY
        share = (np.bincount(groups, self.sign > 0.0) + FEWEST_OF_A_CATEGORY) / rows
        density = np.exp(-0.5 * ndtri(share) ** 2) / np.sqrt(2.0 * np.pi)
        told = density**2 / (share * (1.0 - share)) / self.spread**2
        return np.where(known, told[groups], 0.0)

    def drawn(self, expected: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Latents (n,) around expectations (n,), from numbers between 0 and 1."""
        sign = np.where(self.sign > 0.0, -1.0, 1.0)
        bound = sign * (self.bound - expected) / self.spread
        return expected + self.spread * sign * drawn_below(bound, numbers)

    def logarithms(self, expected: np.ndarray) -> np.ndarray:
        """Logarithms (n,) of the probabilities, given expectations (n,)."""
        at = self.sign * (expected - self.bound) / self.spread
        return np.where(self.sign == 0.0, 0.0, log_below(at))

    def derivatives(self, expected: np.ndarray) -> np.ndarray:
        """These logarithms and their slopes (2, n)."""
        found = slopes_below(self.sign * (expected - self.bound) / self.spread)
        found[1] *= self.sign / self.spread
        found[0, self.sign == 0.0] = 0.0
        return found

    def curvatures(self, expected: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """The second derivatives (n,), their sign changed, from the slopes (n,)."""
        at = (expected - self.bound) / self.spread**2
        return np.maximum(slopes * (slopes + at), 0.0)


def log_below(at: np.ndarray) -> np.ndarray:
    """Logarithms of the probabilities (n,) that a standard normal lies below numbers (n,)."""
    is_far = at.size and at.min() < FARTHEST_TAIL
    return log_ndtr(at) if is_far else np.log(ndtr(at))  # twice as fast


def slopes_below(at: np.ndarray) -> np.ndarray:
    """``log_below`` of numbers (n,), and its slopes: (2, n)."""
    out = np.empty((2, at.size))
    out[0] = log_below(at)
    out[1] = np.exp(-0.5 * at**2 - out[0]) / ROOT_OF_CIRCLE
    return out


def sides_of(
    place: int,
    places: Sequence[int],
    values: Mapping[int, np.ndarray] | np.ndarray,
    code: np.ndarray,
    spread: float,
) -> Sides:
    """On which side of which bound a latent lies, given the others of its variable.

    Parameters
    ----------
    place : int
        Of the latent.
    places : sequence of int
        Of all latents of the variable.
    values : mapping of int to ndarray (n,), or ndarray (m, n)
        Values by place.
    code : ndarray of int (n,)
        Position of the category, 0 for the reference, -1 where it is missing.
    spread : float
        Standard deviation of the latent around its expectation.
    """
    own = code == list(places).index(place) + 1
    others = [values[other] for other in places if other != place]
    highest = np.maximum.reduce([np.zeros(code.size), *others])
    chosen = np.zeros(code.size)
    for order, other in enumerate(places, start=1):
        if other != place:
            is_other = code == order
            chosen[is_other] = values[other][is_other]
    sign = np.where(own, 1.0, -1.0)
    sign[code < 0] = 0.0
    return Sides(sign, np.where(own, highest, chosen), spread)


def chosen_latents(
    values: np.ndarray,
    expected: np.ndarray,
    precision: np.ndarray,
    gains: np.ndarray,
    numbers: np.ndarray,
) -> np.ndarray:
    """Draw latents whose category is missing one after the other, in place; the categories (n,).

    Each lies above all others, or below the highest: what else is known of the rows tells how
    likely either is.

    Parameters
    ----------
    values : ndarray (c, n)
        The latents.
    expected : ndarray (c, n)
        Their expectations,
    precision : ndarray (c, c)
        and the inverse of their covariance.
    gains : ndarray (c + 1, n)
        Logarithms of what else is known, by category, up to a constant of each row.
    numbers : ndarray (c, n)
        Uniform between 0 and 1.
    """
    rows, chosen = np.arange(values.shape[1]), np.zeros(values.shape[1], dtype=int)
    for i in range(len(values)):
        spread = precision[i, i] ** -0.5
        pull = precision[i] @ (expected - values) + precision[i, i] * values[i]
        mean = pull * spread**2
        others = np.vstack([np.zeros(rows.size), values])
        others[i + 1] = -np.inf
        second = others.argmax(axis=0)
        bound = (others[second, rows] - mean) / spread
        odds = np.clip(gains[second, rows] - gains[i + 1], -LARGEST_GAIN, LARGEST_GAIN)
        above = ndtr(-bound)
        share = above / np.maximum(above + ndtr(bound) * np.exp(odds), np.finfo(float).tiny)
        is_above = numbers[i] < share
        left = np.where(is_above, numbers[i], numbers[i] - share)
        left /= np.where(is_above, share, 1.0 - share)
        sign = np.where(is_above, -1.0, 1.0)
        values[i] = mean + spread * sign * drawn_below(sign * bound, left)
        chosen = np.where(is_above, i + 1, second)
    return chosen


def sweeps_of(values: np.ndarray) -> int:
    """Draws of the latents (c, n) of one variable in an iteration; one alone is drawn at once."""
    return LATENT_SWEEPS if len(values) > 1 else 1


def chosen_anew(
    values: np.ndarray,
    expected: np.ndarray,
    precision: np.ndarray,
    gains: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw latents whose category is missing, in place; the categories (n,).

    Parameters
    ----------
    values, expected, precision, gains : ndarray
        As ``chosen_latents`` takes them.
    rng : Generator
        Random numbers.
    """
    for _ in range(sweeps_of(values)):
        chosen = chosen_latents(values, expected, precision, gains, rng.random(values.shape))
    return chosen


def categories_of(values: np.ndarray) -> np.ndarray:
    """Position of the category (n,) that latents (c, n) stand for, 0 for the reference."""
    return np.where(values.max(axis=0) > 0.0, values.argmax(axis=0) + 1, 0)
