"""Latent normal variables of categories: drawn given the categories that are observed.

Each category but the reference has a latent normal variable; the category is that of the largest
one above zero, the reference where none is. What is observed bounds one latent given the others on
one side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr, ndtri

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
        code = codes[name]
        for order, place in enumerate(places, start=1):
            spread = 1.0 / np.sqrt(precision[place, place])
            pull = precision[place] @ left - precision[place, place] * left[place]
            mean = fixed[place] - pull * spread**2
            others = [fixed[other] + left[other] for other in places if other != place]
            highest = np.maximum.reduce([np.zeros_like(mean), *others])
            own = code == order
            chosen = np.zeros_like(mean)
            for other_order, other in enumerate(places, start=1):
                if other != place:
                    is_other = code == other_order
                    chosen[is_other] = (fixed[other] + left[other])[is_other]
            sign = np.where(own, -1.0, 1.0)
            bound = sign * (np.where(own, highest, chosen) - mean) / spread
            value = mean + spread * sign * drawn_below(bound, numbers[place])
            left[place] = value - fixed[place]


def latents_among(
    latents: Mapping[str, Sequence[int]], seen: Sequence[int]
) -> dict[str, list[int]]:
    """Latents of the variables that some rows have, by their places among the responses seen."""
    place = {response: i for i, response in enumerate(seen)}
    return {
        name: [place[own] for own in places]
        for name, places in latents.items()
        if places[0] in place
    }


def categories_of(values: np.ndarray) -> np.ndarray:
    """Position of the category (n,) that latents (c, n) stand for, 0 for the reference."""
    return np.where(values.max(axis=0) > 0.0, values.argmax(axis=0) + 1, 0)
