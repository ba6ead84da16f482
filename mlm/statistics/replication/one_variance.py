"""Fits to every replicate of models with intercepts of one level of units, for all draws at once.

With ``omega = exp(2 u)`` the relative variance, the units of a replicate r take

    sum_g f_rg W_g S_g S_g' omega / (1 + C_g omega)

from its cross-products, and ``sum_g f_rg W_g log(1 + C_g omega)`` is ``log|V|``. Both are analytic
in u at least for ``|Im u| < pi / 2``, whatever the C_g, so that few points of u, the same for all
replicates and draws, give them everywhere between: the error of interpolation falls as
``rho ** -points``, rho the sum of the semiaxes of the ellipse that reaches that line. The units are
gone over once a point, and the products of covariates are shared by all draws.

Source
------
Trefethen (2013), Approximation Theory and Approximation Practice, theorem 8.2 and chapter 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.cluster_scores import clusters_of
from mlm.statistics.fitting.solution import Solution

DIGITS = 1e-13  # relative error of interpolation
MOST_POINTS = 24  # beyond which replicates are better fitted one by one
ROOM, SHARE_OF_ROOM = 0.02, 0.3  # of u, on either side of where first steps lead: least, and share
MOST_STEPS, LAST_STEP = 20, 1e-9  # Newton steps, of u
UNTRUSTED_SD = 0.02  # relative standard deviation below which steps are not trusted
PRODUCTS_TOGETHER = 1 << 20  # numbers of products of units that are made at a time


@dataclass(frozen=True)
class FoundTogether:
    """Estimates of one draw in those R replicates for which they were found.

    Attributes
    ----------
    done : ndarray of bool (R,)
        Which replicates.
    theta : ndarray (R, 1)
    beta : ndarray (R, p)
        In the working basis.
    sigma2 : ndarray (R,)
        In squared working units.
    """

    done: np.ndarray
    theta: np.ndarray
    beta: np.ndarray
    sigma2: np.ndarray


def found_together(
    solutions: Sequence[Solution],
    stats: CrossProducts,
    factors: np.ndarray,
    totals: np.ndarray,
    starts: Sequence[np.ndarray],
) -> list[FoundTogether | None]:
    """Estimates of models in every replicate, draws of one model from the same sums.

    Parameters
    ----------
    solutions : sequence of Solution
        M models fitted to the full sample.
    stats : CrossProducts
        That sample.
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.
    totals : ndarray (R, k, k)
        Cross-products of the stored columns in each replicate.
    starts : sequence of ndarray (R, t)
        Where first steps lead in each model.

    Returns
    -------
    list of FoundTogether or None
        None of models with other random effects, and where replicates are too far apart.
    """
    models = list(zip(solutions, starts, strict=True))
    known = [i for i, (each, _) in enumerate(models) if _is_of_one_variance(each)]
    out: list[FoundTogether | None] = [None] * len(models)
    for alike in _alike(solutions, known):
        chosen = [solutions[i] for i in alike]
        found = _draws(chosen, stats, factors, totals, [starts[i] for i in alike])
        for i, each in zip(alike, found or [None] * len(alike), strict=True):
            out[i] = each
    return out


def _is_of_one_variance(solution: Solution) -> bool:
    working = solution.search.working
    return (
        list(working.structure.widths) == [1]
        and len(working.blocks) == 1
        and working.blocks[0].form is None
        and working.strata is None
        and solution.best.theta.size == 1
    )


def _alike(solutions: Sequence[Solution], known: Sequence[int]) -> list[list[int]]:
    """Places of models that have the same covariates and units, together."""
    out: list[list[int]] = []
    sums = {i: solutions[i].search.working.structure.sums_of_outermost for i in known}
    for i in known:
        for others in out:
            if np.array_equal(sums[i][:-1], sums[others[0]][:-1]):
                others.append(i)
                break
        else:
            out.append([i])
    return out


def _draws(
    solutions: Sequence[Solution],
    stats: CrossProducts,
    factors: np.ndarray,
    totals: np.ndarray,
    starts: Sequence[np.ndarray],
) -> list[FoundTogether] | None:
    """The same of models that are alike but for the response."""
    theta = np.array(starts)[:, :, 0]
    own = np.array([solution.best.theta[0] for solution in solutions])
    sound = theta > UNTRUSTED_SD
    if not sound.any() or (own <= UNTRUSTED_SD).any():
        return None
    u = np.log(np.concatenate([theta[sound], own]))
    room = max(SHARE_OF_ROOM * float(np.ptp(u)), ROOM)
    low, high = float(u.min()) - room, float(u.max()) + room
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    points = _points(half)
    if points > MOST_POINTS:
        return None
    at = chebyshev.chebpts1(points)
    units = _Units.of(solutions, stats, factors)
    taken, logdet = units.taken(np.exp(2.0 * (middle + half * at)))
    return [
        _found(solution, totals, units, taken.of(m), logdet, (middle, half, at))
        for m, solution in enumerate(solutions)
    ]


def _points(half: float) -> int:
    """Points from which an interval of so much on either side is interpolated."""
    reach = 0.5 * math.pi / half
    return math.ceil(-math.log(DIGITS) / math.log(reach + math.sqrt(reach**2 + 1.0))) + 2


@dataclass(frozen=True)
class _Units:
    """Sums of the units in the working bases of M draws, w - 1 covariates alike in all.

    Attributes
    ----------
    covariates : ndarray (w - 1, G)
    responses : ndarray (M, G)
    inner : ndarray (G,)
    weights : ndarray (R, G)
        Overall weights in every replicate.
    degrees : ndarray (R,)
        Sums of the weights of rows.
    """

    covariates: np.ndarray
    responses: np.ndarray
    inner: np.ndarray
    weights: np.ndarray
    degrees: np.ndarray

    @classmethod
    def of(cls, solutions: Sequence[Solution], stats: CrossProducts, factors: np.ndarray) -> _Units:
        """The sums of some draws under weights times the factors (C, R) of clusters."""
        first = solutions[0].search.working
        sums = [each.search.working.structure.sums_of_outermost[:, 0] for each in solutions]
        clusters, own = clusters_of(first, stats), first.structure.outermost_weights
        weights = factors.T[:, clusters.of_outermost]
        return cls(
            sums[0][:-1],
            np.array([each[-1] for each in sums]),
            sums[0][int(first.structure.columns[0][0])],
            weights if own is None else weights * own,
            factors.T @ clusters.weights,
        )

    def taken(self, omegas: np.ndarray) -> tuple[_Taken, np.ndarray]:
        """What the units take at K variances, and ``log|V|`` (K, R)."""
        scale = 1.0 + np.multiply.outer(omegas, self.inner)  # (K, G)
        logdet = np.log(scale) @ self.weights.T
        gains = omegas[:, None] / scale
        x, y = self.covariates, self.responses
        rows, columns = np.tril_indices(len(x))
        wide = rows.size + len(y) * (len(x) + 1)
        out = np.zeros((len(omegas), len(self.weights), wide))
        step = max(PRODUCTS_TOGETHER // wide, 1)
        for start in range(0, x.shape[1], step):
            part = slice(start, start + step)
            own = x[:, part]
            ys = y[:, part]
            products = np.concatenate(
                [
                    own[rows] * own[columns],
                    (ys[:, None] * own).reshape(-1, own.shape[1]),
                    ys**2,
                ]
            ).T
            for k, gain in enumerate(gains):
                out[k] += (self.weights[:, part] * gain[part]) @ products
        return _Taken(out, len(x), len(y)), logdet


@dataclass(frozen=True)
class _Taken:
    """Sums (K, R, .) of products of covariates, of covariates with each response, of squares."""

    sums: np.ndarray
    covariates: int
    draws: int

    def of(self, m: int) -> np.ndarray:
        """Those (K, R, w, w) of one draw."""
        p, points, count = self.covariates, *self.sums.shape[:2]
        rows, columns = np.tril_indices(p)
        full = np.empty((points, count, p + 1, p + 1))
        full[..., rows, columns] = full[..., columns, rows] = self.sums[..., : rows.size]
        start = rows.size + m * p
        full[..., -1, :p] = full[..., :p, -1] = self.sums[..., start : start + p]
        full[..., -1, -1] = self.sums[..., rows.size + self.draws * p + m]
        return full


def _found(
    solution: Solution,
    totals: np.ndarray,
    units: _Units,
    taken: np.ndarray,
    logdet: np.ndarray,
    where: tuple[float, float, np.ndarray],
) -> FoundTogether:
    """The least deviance of each replicate, from those at the points."""
    working, (middle, half, at) = solution.search.working, where
    left = working.matrix.T @ totals @ working.matrix - taken
    beta, rest = _solved(left, working.n_fixed)
    sigma2 = rest / units.degrees
    with np.errstate(invalid="ignore", divide="ignore"):
        values = units.degrees * np.log(sigma2) + logdet
    finite = np.isfinite(values).all(axis=0)
    values = np.where(finite, values, 0.0)
    series = _series(values - values.mean(axis=0), at)
    place, done = _least(series)
    done &= finite
    weights = _lagrange(np.where(done, place, 0.0), at)  # (R, K)
    there = np.einsum("rk,krij->rij", weights, left)
    beta, rest = _solved(there, working.n_fixed)
    theta = np.exp(middle + half * place)[:, None]
    return FoundTogether(done, theta, beta, rest / units.degrees)


def _solved(left: np.ndarray, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Fixed effects (..., p) and what they leave of squares (...), of cross-products."""
    rest = left[..., -1, -1].copy()
    if not p:
        return np.zeros((*rest.shape, 0)), rest
    beta = np.linalg.solve(left[..., :p, :p], left[..., :p, -1:])[..., 0]
    return beta, rest - np.einsum("...p,...p->...", beta, left[..., :p, -1])


def _series(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Coefficients (K, R) of Chebyshev polynomials through values at their points."""
    polynomials = chebyshev.chebvander(at, at.size - 1)  # orthogonal over the points
    norms = np.where(np.arange(at.size) == 0, at.size, 0.5 * at.size)
    return (polynomials.T @ values) / norms[:, None]


def _least(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where in [-1, 1] each polynomial is least, by Newton steps, and where these end there."""
    slope, bend = chebyshev.chebder(series), chebyshev.chebder(series, 2)
    place, done = np.zeros(series.shape[1]), np.zeros(series.shape[1], dtype=bool)
    for _ in range(MOST_STEPS):
        first = chebyshev.chebval(place, slope, tensor=False)
        second = chebyshev.chebval(place, bend, tensor=False)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.where(second > 0.0, -first / second, np.nan)
        moved = np.clip(place + step, -1.0, 1.0)
        done = np.abs(moved - place) <= LAST_STEP
        done &= np.abs(moved) < 1.0
        place = np.where(np.isfinite(moved), moved, place)
        if done.all():
            break
    return place, done


def _lagrange(place: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Weights (R, K) of values at the points for those at a place."""
    polynomials = chebyshev.chebvander(at, at.size - 1)
    norms = np.where(np.arange(at.size) == 0, at.size, 0.5 * at.size)
    return chebyshev.chebvander(place, at.size - 1) / norms @ polynomials.T
