"""Derivative of the criterion by the relative covariance matrices: the elimination run backwards.

Derivatives by the sums of a level lie in the span of a few directions: F, with ``d criterion =
trace(F F' dA)`` for the eliminated cross-products A, and the random columns of the levels around.
All arrays are therefore kept in these d coordinates instead of the w working columns.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from mlm.statistics import batched
from mlm.statistics.likelihood import Elimination, Evaluation
from mlm.statistics.root import root_gradient, tree_slope
from mlm.statistics.working import Working


def gradient(working: Working, at: Evaluation, reml: bool) -> list[np.ndarray]:
    """Derivative of the criterion by each level's relative covariance matrix.

    Parameters
    ----------
    working, at, reml
        As given to, and returned by, ``evaluate``.

    Returns
    -------
    list of ndarray (q, q)
        Symmetric ``D`` with ``d criterion = trace(D dOmega)``, outermost level first.
    """
    directions, n_factor, places = _directions(working, at, reml)
    derivatives: list[np.ndarray] = []
    around: dict[int, np.ndarray] = {}
    if working.crossing is not None:
        return _crossed_gradient(working, at, directions[:, :n_factor])
    for i, done in enumerate(at.eliminations):
        if done.wide is None:
            derivatives.append(_pool_derivative(working, done, directions, n_factor, around))
            continue
        parent = working.levels[i].parent
        beside = {column: adjoint[:, parent] for column, adjoint in around.items()}
        reach = [(places[column], adjoint) for column, adjoint in beside.items()]
        seen = np.tensordot(directions.T, done.wide, axes=1)
        slope = _gain_adjoint(seen, n_factor, reach)
        derivatives.append(_omega_derivative(done, slope, 1.0))
        if i + 1 < len(working.levels):
            columns = working.levels[i].columns.tolist()
            own = [places[column] for column in columns]
            adjoint = _sums_adjoint(done, seen, n_factor, reach, slope, own)
            for a, column in enumerate(columns):
                beside[column] = beside.get(column, 0.0) + adjoint[:, a]
            around = beside
    return derivatives


def _crossed_gradient(working: Working, at: Evaluation, directions) -> list[np.ndarray]:
    """The same for one level of the tree, or none, beside crossed factors."""
    crossing = working.crossing
    omegas = at.omegas[len(working.levels) :]
    crossed, inside = root_gradient(crossing, at.root, omegas, directions)
    if not working.levels:
        return crossed
    (done,) = at.eliminations
    seen = np.tensordot(directions.T, done.wide, axes=1)
    seen += np.stack([(link @ inside).T for link in crossing.links], axis=1)
    slope = -np.einsum("fig,fjg->ijg", seen, seen, optimize=True)
    slope -= tree_slope(crossing, at.root)
    return [_omega_derivative(done, slope, 1.0), *crossed]


def _directions(working: Working, at: Evaluation, reml: bool):
    """Directions (w, d): F, then random columns of all but the innermost level; their places."""
    p, w = working.n_fixed, working.total.shape[0]
    n_factor = 1 + (p if reml else 0)
    outer = sorted({int(c) for level in working.levels[:-1] for c in level.columns})
    directions = np.zeros((w, n_factor + len(outer)))
    directions[:p, 0], directions[w - 1, 0] = -at.beta, 1.0
    directions[:, 0] /= np.sqrt(at.sigma2)
    if reml and p:
        directions[:p, 1:n_factor] = solve_triangular(at.fixed_root, np.eye(p))
    places = {column: n_factor + i for i, column in enumerate(outer)}
    for column, place in places.items():
        directions[column, place] = 1.0
    return directions, n_factor, places


def _gain_adjoint(seen: np.ndarray, n_factor: int, reach) -> np.ndarray:
    """Derivative by Q, shape (q, q, G), from the sums along the directions, (d, q, G).

    ``reach`` holds, for each random column of the levels around, its place among the directions
    and the derivative (d, G) by the sums of that column, all such levels together.
    """
    q = seen.shape[1]
    passed = [(place, batched.contract(beside, seen.transpose(1, 0, 2))) for place, beside in reach]
    slope = np.empty((q, q, seen.shape[2]))
    for j in range(q):
        for k in range(j + 1):
            value = -seen[0, j] * seen[0, k]
            for factor in range(1, n_factor):
                value -= seen[factor, j] * seen[factor, k]
            for place, along in passed:
                value -= 0.5 * (seen[place, j] * along[k] + seen[place, k] * along[j])
            slope[j, k] = slope[k, j] = value
    return slope


def _omega_derivative(done: Elimination, slope: np.ndarray, counts) -> np.ndarray:
    """Derivative by Omega, summed over the groups, from that by Q; shape (q, q)."""
    shrink = -batched.multiply(done.gain, done.inner)
    for i in range(shrink.shape[0]):
        shrink[i, i] += 1.0
    part = batched.multiply(batched.transpose(shrink), batched.multiply(slope, shrink))
    part += counts * batched.multiply(done.inner, shrink)
    total = part.sum(axis=2)
    return 0.5 * (total + total.T)


def _sums_adjoint(
    done: Elimination, seen: np.ndarray, n_factor: int, reach, slope: np.ndarray, own: list[int]
) -> np.ndarray:
    """Derivative by the sums S of a level, in coordinates of the directions: (d, q, G).

    ``own`` are the places of the level's random columns among the directions.
    """
    product = batched.apply(done.gain, seen)
    adjoint = np.zeros_like(seen)
    np.multiply(product[:n_factor], -2.0, out=adjoint[:n_factor])
    for place, beside in reach:
        for j in range(seen.shape[1]):
            adjoint[:, j] -= product[place, j] * beside
        adjoint[place] -= batched.contract(beside, product.transpose(1, 0, 2))
    inner = done.gain - batched.multiply(done.gain, batched.multiply(slope, done.gain))
    for j in range(seen.shape[1]):
        for k, place in enumerate(own):
            adjoint[place, j] += inner[j, k]
    return adjoint


def _pool_derivative(working, done: Elimination, directions, n_factor: int, around) -> np.ndarray:
    """Derivative by the pooled innermost level's Omega, shape (q, q)."""
    pool = working.pool
    factor = directions[:, :n_factor]
    slope = -np.tensordot(pool.moments, factor @ factor.T, axes=2)
    for column, cross in zip(working.reach[-1], pool.crosses, strict=True):
        beside = around[column][:, pool.parent]
        reach = (np.matmul(directions.T, cross) * beside).sum(axis=2)
        half = np.array(
            [
                [np.bincount(pool.pattern, weights=cell, minlength=slope.shape[2]) for cell in row]
                for row in reach
            ]
        )
        slope -= 0.5 * (half + half.transpose(1, 0, 2))
    return _omega_derivative(done, slope, pool.counts)
