"""Coefficients and residual covariance from completed cross-products, variable by variable.

The residual covariance is told by regressions: each variable with categories on the predictors and
the residuals of those before it, all numbers together on the predictors and the residuals of all
latents. The latents of one variable have, given those before, the covariance of differences of
independent utilities; categories do not tell another. Its scale is drawn with the other parameters
and taken out again, which moves a chain faster than one whose scale is fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.joint_model import Prior, Recursion
from mlm.statistics.imputation.random_matrices import inverse_wishart, matrix_normal
from mlm.statistics.imputation.small_matrices import solved

WIDEST_SLOPE = 2.5  # standard deviation of the prior of coefficients that explain latents


@dataclass(frozen=True)
class ScaleMove:
    """What beside the rows tells of the scale of latent variables, when it is drawn and taken out.

    Attributes
    ----------
    squares : ndarray (d,)
        Of each response, what its prior adds to the squares.
    degrees : ndarray (d,)
        Of each response, what scaling along with it adds to the degrees of freedom.
    """

    squares: np.ndarray
    degrees: np.ndarray

    @classmethod
    def none(cls, size: int) -> ScaleMove:
        """Rows alone."""
        return cls(np.zeros(size), np.zeros(size))


@dataclass(frozen=True)
class Regression:
    """Coefficients and residual covariance, and the scale of each latent.

    Attributes
    ----------
    coefficients : ndarray (k, d)
        Of the predictors.
    residual : ndarray (d, d)
        Residual covariance.
    scale : ndarray (d,)
        What latents, their coefficients and their effects are to be divided by; 1 for numbers.
    """

    coefficients: np.ndarray
    residual: np.ndarray
    scale: np.ndarray


def utilities(size: int) -> np.ndarray:
    """Covariance (c, c) of the differences between c utilities and that of the reference."""
    return 0.5 * (np.eye(size) + np.ones((size, size)))


def regression_of(
    total: np.ndarray,
    rows: int,
    latents: Mapping[str, Sequence[int]],
    size: int,
    prior: Prior | None = None,
    rng: np.random.Generator | None = None,
    ridged: int = 0,
    beside: ScaleMove | None = None,
    recursion: Recursion | None = None,
) -> Regression:
    """A draw given completed cross-products, or the estimates where there is no stream.

    Parameters
    ----------
    total : ndarray (k + d, k + d)
        Of predictors and responses less their effects.
    rows : int
        Rows.
    latents : mapping of str to sequence of int
        By variable the places of its latents among the responses.
    size : int
        Responses d.
    prior : Prior, optional
        Of the residual covariance of the numbers; for draws.
    rng : Generator, optional
        Random numbers.
    ridged : int
        Predictors, the first ones, whose coefficients of latents have normal priors around zero:
        where a category never occurs the rows alone would let them grow without end.
    beside : ScaleMove, optional
        What tells of the scale of latents beside the rows.
    recursion : Recursion, optional
        Which of the first predictors explain what: then categories stand in the place of the
        residuals of latents. Its indicators have normal priors around zero too.

    Source
    ------
    Liu & Wu (1999), J. Am. Stat. Assoc. 94, 1264-1274, scheme 2, for the scale; Carpenter &
    Kenward (2013), Multiple Imputation and its Application, section 5.3, for the utilities.
    """
    k = len(total) - size
    coefficients, residual = np.zeros((k, size)), np.zeros((size, size))
    scale, known = np.ones(size), list(range(k))
    beside = beside or ScaleMove.none(size)
    for block, is_latent in _blocks(latents, size):
        at = k + block
        if recursion is not None:
            known = _explaining(recursion, int(block[0]), k)
        places = np.array(known, dtype=int)[:, None]
        own, products = total[places, known], total[places, at]
        held = _ridge(known, ridged if is_latent else 0, recursion)
        own.flat[:: len(own) + 1] += held
        n_flat = int(np.sum(held == 0.0))
        mean = solved(own, products)
        left = total[at[:, None], at] - products.T @ mean
        left = 0.5 * (left + left.T)
        if is_latent:
            unit = utilities(block.size)
            square = float(np.trace(solved(unit, left))) + beside.squares[block].sum()
            flat = n_flat * (rng is not None)
            degrees = (rows - flat) * block.size + beside.degrees[block].sum()
            factor = square / (degrees if rng is None else rng.chisquare(degrees))
            covariance, scale[block] = factor * unit, np.sqrt(factor)
        elif rng is None:
            covariance = left / rows
        else:
            degrees = rows - n_flat + prior.degrees
            scaled = left + prior.residual[block[:, None], block]
            covariance = inverse_wishart(degrees, scaled, rng)
        if rng is not None:
            mean = matrix_normal(mean, own, covariance, rng)
        if recursion is not None:
            coefficients[places, block] = mean
            residual[block[:, None], block] = covariance
            continue
        done, slopes = np.array(known[k:], dtype=int) - k, mean[k:]
        coefficients[:, block] = mean[:k] + coefficients[:, done] @ slopes
        around = residual[np.ix_(done, done)] @ slopes
        residual[np.ix_(block, block)] = covariance + slopes.T @ around
        residual[np.ix_(done, block)], residual[np.ix_(block, done)] = around, around.T
        known += at.tolist()
    return Regression(coefficients, residual, scale)


def _explaining(recursion: Recursion, response: int, k: int) -> list[int]:
    """Places of what explains a response among k predictors."""
    own = np.flatnonzero(recursion.explains[:, response])
    return [*own.tolist(), *range(len(recursion.explains), k)]


def _ridge(known: list[int], ridged: int, recursion: Recursion | None) -> np.ndarray:
    """Precisions of the priors of coefficients, zero where these are flat."""
    places = np.array(known, dtype=int)
    is_held = places < ridged
    if recursion is not None:
        is_held |= (places >= recursion.complete) & (places < len(recursion.explains))
    return np.where(is_held, WIDEST_SLOPE**-2.0, 0.0)


def _blocks(latents: Mapping[str, Sequence[int]], size: int) -> list[tuple[np.ndarray, bool]]:
    """Places of each variable's latents, then those of all numbers."""
    blocks = [(np.array(places), True) for places in latents.values()]
    taken = {place for places in latents.values() for place in places}
    numbers = np.array([place for place in range(size) if place not in taken], dtype=int)
    return blocks + ([(numbers, False)] if numbers.size else [])
