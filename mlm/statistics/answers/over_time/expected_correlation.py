"""Correlation of predictions with means seen later, where the model is right: its mean and spread.

Of few units it is drawn. Of many it is nearly normal on Fisher's scale, with a mean and a variance
that follow from the moments of quadratic forms; what is foretold of units of different blocks,
which share no more than the fixed effects and an outermost unit that is cut, counts as independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.distributions import normal_quantile
from mlm.statistics.likelihood.symmetric_root import symmetric_root

CORRELATION_SEED = 20_240_604
IN_BLOCK = 250
"""Units of a block, at most."""


@dataclass(frozen=True)
class ExpectedCorrelation:
    """What a correlation is where the model is right.

    Attributes
    ----------
    mean : float
        Its mean.
    lower, upper : float
        Ends of an interval that holds it with a stated probability.
    """

    mean: float
    lower: float
    upper: float


def drawn_correlations(foretold: np.ndarray, errors: np.ndarray, draws: int) -> np.ndarray:
    """Correlations (draws,) of predictions with means, both drawn under the model.

    Parameters
    ----------
    foretold, errors : ndarray (n, n)
        Covariance of what is foretold, and of what the means hold beside it.
    draws : int
        Their number.
    """
    rng, size = np.random.default_rng(CORRELATION_SEED), len(errors)
    known = rng.standard_normal((draws, size)) @ symmetric_root(foretold)
    found = known + rng.standard_normal((draws, size)) @ symmetric_root(errors)
    centred = [v - v.mean(axis=1, keepdims=True) for v in (known, found)]
    safe = np.maximum(np.prod([np.linalg.norm(v, axis=1) for v in centred], axis=0), 1e-300)
    return np.sum(centred[0] * centred[1], axis=1) / safe


def correlation_of_many(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]], tails: Sequence[float]
) -> ExpectedCorrelation:
    """The same of many units, by the delta method.

    Parameters
    ----------
    blocks : iterable of (ndarray (b, b), ndarray (b, b))
        For each block of units, the covariance of what is foretold and of what is beside it.
    tails : (float, float)
        Probabilities below the ends.

    Source
    ------
    Moments of quadratic forms of normal variables: Searle (1971), Linear Models, section 2.5. The
    scale: Fisher (1921), Metron 1, 3-32.
    """
    moments = _Moments()
    for foretold, errors in blocks:
        moments.add(foretold, foretold + errors)
    known, seen = moments.traces
    if known <= 0.0 or seen <= 0.0:
        return ExpectedCorrelation(0.0, 0.0, 0.0)
    own, across, other = moments.squares
    mean = float(np.sqrt(known / seen))
    variance = (
        (across + own) / known**2
        - 1.5 * own / known**2
        + 0.5 * other / seen**2
        + (own - 2.0 * across) / (known * seen)
    )
    if mean >= 1.0:
        return ExpectedCorrelation(1.0, 1.0, 1.0)
    spread = mean * np.sqrt(max(variance, 0.0)) / (1.0 - mean**2)
    ends = (float(np.tanh(np.arctanh(mean) + normal_quantile(tail) * spread)) for tail in tails)
    return ExpectedCorrelation(mean, *ends)


class _Moments:
    """Traces of centred covariances F and G = F + E, and of their products, added up by block."""

    def __init__(self) -> None:
        self._count = 0
        self._sums = np.zeros(7)  # tr F, tr G, 1'F1, 1'G1, tr FF, tr FG, tr GG
        self._rows = np.zeros(3)  # (F1)'F1, (F1)'G1, (G1)'G1

    def add(self, first: np.ndarray, second: np.ndarray) -> None:
        """Add a block of F and of G."""
        self._count += len(first)
        a, b = first.sum(axis=1), second.sum(axis=1)
        products = [np.vdot(x, y) for x, y in ((first, first), (first, second), (second, second))]
        self._sums += [np.trace(first), np.trace(second), a.sum(), b.sum(), *products]
        self._rows += [a @ a, a @ b, b @ b]

    @property
    def traces(self) -> tuple[float, float]:
        """tr(HF) and tr(HG), H the matrix that centres."""
        found = self._sums[:2] - self._sums[2:4] / self._count
        return float(found[0]), float(found[1])

    @property
    def squares(self) -> np.ndarray:
        """tr(HFHF), tr(HFHG) and tr(HGHG)."""
        a, b = self._sums[2:4]
        outer = np.array([a * a, a * b, b * b]) / self._count**2
        return self._sums[4:] - 2.0 * self._rows / self._count + outer


def blocks_of_units(outermost: Sequence[str], most: int = IN_BLOCK) -> list[np.ndarray]:
    """Units in blocks: whole outermost units together, those with more than ``most`` units cut.

    Parameters
    ----------
    outermost : sequence of str
        The outermost unit around each of n units.
    most : int
        Units of a block.

    Returns
    -------
    list of ndarray of int
        Places of the units of each block.
    """
    _, label = np.unique(np.asarray(outermost, dtype=str), return_inverse=True)
    order = np.argsort(label, kind="stable")
    borders = np.flatnonzero(np.diff(label[order])) + 1
    blocks: list[np.ndarray] = []
    for own in np.split(order, borders):
        if blocks and len(blocks[-1]) + len(own) <= most:
            blocks[-1] = np.concatenate([blocks[-1], own])
        else:
            blocks += [own[i : i + most] for i in range(0, len(own), most)]
    return blocks
