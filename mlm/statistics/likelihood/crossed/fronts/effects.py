"""Posterior means and covariances of effects that were eliminated in fronts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.crossed.fronts.elimination import FrontSums
from mlm.statistics.likelihood.crossed.fronts.gradient import Back, back, seen_early, spread_early
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance


def means(
    given: FrontSums, at: Evaluation, contrast: np.ndarray, sizes: Sequence[int]
) -> list[np.ndarray]:
    """Working effects (G, q) of each place.

    Parameters
    ----------
    given : FrontSums
        The evidence.
    at : Evaluation
        What elimination left behind.
    contrast : ndarray (w,)
        Weights of the working columns that make ``y - X b``.
    sizes : sequence of int
        Groups of each place.
    """
    direction = contrast[:, None]
    way = back(given, at.remains.done, at.omegas, direction)
    return [own[:, :, 0] for own in _means(given, at, way, direction, sizes)]


def covariances(
    given: FrontSums, at: Evaluation, with_fixed: bool, sizes: Sequence[int]
) -> list[np.ndarray]:
    """Covariance (G, q, q) over sigma^2 of the same effects.

    With ``with_fixed`` the error of the fixed effects is included.
    """
    p = at.beta.size
    directions = np.eye(len(given.sums.T))[:, :p]
    way = back(given, at.remains.done, at.omegas, directions)
    out = _covariances(given, at, way, sizes)
    if with_fixed and p:
        fixed = fixed_covariance(at)
        for own, reach in zip(out, _means(given, at, way, directions, sizes), strict=True):
            own += reach @ fixed @ reach.transpose(0, 2, 1)
    return out


def _means(
    given: FrontSums, at: Evaluation, way: Back, directions: np.ndarray, sizes: Sequence[int]
) -> list[np.ndarray]:
    """Means (G, q, f) of the effects of each place, given combinations of the columns."""
    effects, f = given.placed.fronts.layout.effects, directions.shape[1]
    out = []
    for place, (size, omega) in enumerate(zip(sizes, at.omegas, strict=True)):
        own = effects.place == place
        found = np.zeros((size, len(omega), f))
        found[effects.group[own], effects.column[own]] = way.means[:-1][own]
        out.append(found)
    early = given.placed.early
    if early is not None:
        pulled = batched.apply(_gain(given, at), seen_early(given, way, directions))
        out[0][early.units] = pulled.transpose(2, 1, 0)
    return out


def _covariances(
    given: FrontSums, at: Evaluation, way: Back, sizes: Sequence[int]
) -> list[np.ndarray]:
    """Covariances (G, q, q) over sigma^2 given the fixed effects."""
    effects = given.placed.fronts.layout.effects
    out = [np.zeros((size, *o.shape)) for size, o in zip(sizes, at.omegas, strict=True)]
    for block, coupled in zip(given.placed.fronts.blocks, given.placed.fronts.coupled, strict=True):
        front, i = coupled.front, coupled.i
        inner = way.covariances[block.start : block.edge].reshape(*block.own.shape, -1)
        found, group = inner[front, i, coupled.j], effects.group[block.own[front, i]]
        for own, here in zip(out, coupled.of_places, strict=False):
            own[group[here], coupled.first[here], coupled.second[here]] = found[here]
    early = given.placed.early
    if early is not None:
        gain = _gain(given, at)
        spread = spread_early(given, way)
        shared = batched.multiply(gain, batched.multiply(spread, batched.transpose(gain)))
        out[0][early.units] = (gain + shared).transpose(2, 0, 1)
    return out


def _gain(given: FrontSums, at: Evaluation) -> np.ndarray:
    """Q (q, q, G) of the early units."""
    gain = at.remains.done.early.gain
    return gain if given.pooled is None else gain[:, :, given.pooled.patterns.pattern]
