"""One variable of units given all else: what lies inside tells, and which category is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from mlm.statistics.imputation.latent_draws import LARGEST_GAIN, drawn_below
from mlm.statistics.imputation.small_matrices import solved


@dataclass(frozen=True)
class Inwards:
    """What lies inside the units of a level tells of what they show, w: exp(l'w - w'Pw / 2).

    Attributes
    ----------
    precision : ndarray (m, m, G)
        P.
    linear : ndarray (m, G)
        l.
    """

    precision: np.ndarray
    linear: np.ndarray


def with_slopes(
    residual: np.ndarray, done: list[int], places: Sequence[int], place: int, slopes: np.ndarray
) -> np.ndarray:
    """The residual covariance with other slopes of one latent on the latents before.

    Parameters
    ----------
    residual : ndarray (m, m)
        Before.
    done : list of int
        Places of the latents before,
    places : sequence of int
        of those of the variable,
    place : int
        and of the latent.
    slopes : ndarray (n,)
        The slopes.
    """
    if not done:
        return residual
    out, before = residual.copy(), residual[np.ix_(done, done)]
    all_slopes = solved(before, residual[np.ix_(done, places)])
    alone = residual[np.ix_(places, places)] - all_slopes.T @ before @ all_slopes
    all_slopes[:, list(places).index(place)] = slopes
    across = before @ all_slopes
    out[np.ix_(done, places)], out[np.ix_(places, done)] = across, across.T
    out[np.ix_(places, places)] = alone + all_slopes.T @ across
    return out


def pull_of(inwards: Inwards, shown: np.ndarray, place: int, at: np.ndarray) -> np.ndarray:
    """What lies inside some units (n,) pulls on one of their variables, given the others.

    Parameters
    ----------
    inwards : Inwards
        What lies inside all units.
    shown : ndarray (m, G)
        What units show.
    place : int
        Of the variable.
    at : ndarray of int (n,)
        The units.
    """
    own = inwards.precision[place][:, at]
    return (
        inwards.linear[place, at]
        - np.sum(own * shown[:, at], axis=0)
        + own[place] * shown[place, at]
    )


@dataclass(frozen=True)
class Choice:
    """One latent of units whose category is missing: above all others, or below the highest.

    Attributes
    ----------
    place : int
        Of the latent,
    places : sequence of int
        and of all latents of its variable.
    at : ndarray of int (n,)
        The units.
    mean : ndarray (n,)
        Expectation of the latent given all else but what lies inside,
    spread : float
        and its standard deviation.
    """

    place: int
    places: Sequence[int]
    at: np.ndarray
    mean: np.ndarray
    spread: float

    def drawn(
        self, values: np.ndarray, shown: np.ndarray, inwards: Inwards, numbers: np.ndarray
    ) -> np.ndarray:
        """The latent (n,); what the units show is moved along, in place.

        Parameters
        ----------
        values, shown : ndarray (m, G)
            All values, and what units show.
        inwards : Inwards
            What lies inside tells.
        numbers : ndarray (n,)
            Uniform between 0 and 1.
        """
        at, places = self.at, list(self.places)
        others = [place for place in places if place != self.place]
        highest, second = np.zeros(at.size), np.full(at.size, -1)
        for other in others:
            above = values[other, at] > highest
            second[above], highest[above] = other, values[other, at][above]
        shown[np.ix_(places, at)] = 0.0
        gain = _gain(inwards, shown, np.full(at.size, self.place), at)
        gain -= _gain(inwards, shown, second, at)
        bound = (highest - self.mean) / self.spread
        below, above = ndtr(bound), ndtr(-bound)
        share = above / (above + below * np.exp(np.clip(-gain, -LARGEST_GAIN, LARGEST_GAIN)))
        is_above = numbers < share
        left = np.where(is_above, numbers, numbers - share)
        left /= np.where(is_above, share, 1.0 - share)
        sign = np.where(is_above, -1.0, 1.0)
        value = self.mean + self.spread * sign * drawn_below(sign * bound, left)
        chosen = np.where(is_above, self.place, second)
        there = chosen >= 0
        shown[chosen[there], at[there]] = 1.0
        return value


def _gain(inwards: Inwards, shown: np.ndarray, chosen: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Logarithm of what lies inside some units for an indicator (n,), against none (-1)."""
    out, there = np.zeros(at.size), chosen >= 0
    own, units = chosen[there], at[there]
    around = np.einsum("ing,ng->ig", inwards.precision[:, :, units], shown[:, units])
    n = np.arange(own.size)
    square = inwards.precision[own, own, units]
    out[there] = inwards.linear[own, units] - around[own, n] - 0.5 * square
    return out
