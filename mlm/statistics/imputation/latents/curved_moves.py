"""What explains latents or utilities, moved by the slope and curvature of what the categories tell.

Where effects on several latents hang together closely, a walk along single directions is slow.
Coefficients of predictors and of other effects go along a path that the slope bends. The effects of
a group are proposed around the point to which a step of Newton leads, with the inverse curvature as
covariance, which is near to a draw: the logarithm of a probability is nearly quadratic.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mlm.statistics.imputation.latents.effect_regression import EffectRegression
from mlm.statistics.imputation.latents.moves import LatentMove, OuterEffects
from mlm.statistics.imputation.recursive_regression import WIDEST_SLOPE
from mlm.statistics.imputation.small_matrices import backward, cholesky, forward, inverse
from mlm.statistics.likelihood import batched

PATH_STEPS = 4  # of a path
STEP_LENGTHS = 1.2, 2.4  # of its steps, by lot, over the fourth root of the dimension
STRETCHES = 2  # of what is left of the effects of a level
SPREAD_STEPS = 0.1, 0.4, 1.6  # of the logarithm of a standard deviation, one of them by lot


def move_regression(
    move: LatentMove,
    known: np.ndarray,
    before: np.ndarray,
    ridged: int,
    outer: Sequence[OuterEffects],
) -> np.ndarray:
    """Coefficients (k, m) of predictors and of other effects, moved together.

    The effects on one latent or utility are told by a regression on all others, and what is left
    of them, in standard deviations, stays. Where several move as one, as for the reference, they
    move by as much. They go along a path that what is known bends, in units of about its curvature.

    Parameters
    ----------
    move : LatentMove
        The latent or utility.
    known : ndarray (k, n)
        Predictors.
    before : ndarray (k, m)
        Their coefficients, of one latent or of all of a variable.
    ridged : int
        Predictors, the first ones, whose coefficients have normal priors around zero.
    outer : sequence of OuterEffects
        Levels around, their ``places`` chosen; effects and roots are moved in place.

    Source
    ------
    Neal (2011), MCMC using Hamiltonian dynamics, Handbook of Markov Chain Monte Carlo, 113-162;
    Yu & Meng (2011), J. Comput. Graph. Stat. 20, 531-570, section 2, for holding what is left of
    effects.
    """
    path = _Path(move, known, before, ridged, outer)
    rng, size = move.rng, len(path.predictors)
    position, momentum = np.zeros(size), rng.standard_normal(size)
    energy = 0.5 * momentum @ momentum
    length = rng.uniform(*STEP_LENGTHS) * size**-0.25
    first, slope = path.start()
    for _ in range(PATH_STEPS):
        momentum = momentum + 0.5 * length * slope
        position = position + length * momentum
        value, slope = path.at(position)
        momentum = momentum + 0.5 * length * slope
    gain = value - first + energy - 0.5 * momentum @ momentum
    is_taken = np.log(rng.random()) < gain
    after = path.taken() if is_taken else before
    for each in outer:
        for _ in range(STRETCHES):
            _stretch(move, each)
    return after


def _stretch(move: LatentMove, outer: OuterEffects) -> None:
    """What is left of the effects of a level, longer or shorter."""
    own, rng = EffectRegression.of(outer), move.rng
    by = rng.choice(SPREAD_STEPS) * rng.standard_normal()
    moved, known = own.with_spread(own.spread * np.exp(by)), own.known
    step = move.sign * (moved.spread - own.spread) * own.standard
    expected = move.expected + step[outer.groups]
    told = move.derivatives(expected)
    gain = told[0].sum() - move.told[0].sum()
    gain += moved.log_density(known)[0] - own.log_density(known)[0]
    if np.log(rng.random()) < gain:
        moved.take()
        move.take(expected, told)


class _Path:
    """The logarithm of a density along a path of coefficients."""

    def __init__(self, move: LatentMove, known, before, ridged: int, outer):
        self._move, self._before = move, before
        self._levels = [EffectRegression.of(each) for each in outer]
        self._known = [each.known for each in self._levels]
        by_row = [move.sign * own.others[:, own.outer.groups] for own in self._levels]
        self.predictors = np.vstack([known, *by_row])
        k, m = before.shape
        self._weight = np.where(np.arange(k) < ridged, WIDEST_SLOPE**-2.0, 0.0)
        curvature = (self.predictors * move.information) @ self.predictors.T
        curvature[range(k), range(k)] += m * self._weight
        ends = np.cumsum([k, *(len(each.others) for each in self._levels)]).tolist()
        self._places = [slice(*both) for both in pairwise(ends)]
        for each, own in zip(self._levels, self._places, strict=True):
            curvature[own, own] += each.held()
        self._edge = cholesky(curvature)

    def start(self) -> tuple[float, np.ndarray]:
        """The value, and its slope, where the path begins."""
        return self._density(np.zeros(len(self.predictors)), self._move.expected, self._move.told)

    def at(self, position: np.ndarray) -> tuple[float, np.ndarray]:
        """The same at a position in units of the curvature."""
        step = backward(self._edge, position)
        expected = self._move.expected + step @ self.predictors
        return self._density(step, expected, self._move.derivatives(expected))

    def _density(self, step, expected, told) -> tuple[float, np.ndarray]:
        k, move = len(self._before), self._move
        self._expected, self._told = expected, told
        slope = self.predictors @ told[1]
        self._after = self._before + move.sign * step[:k, None]
        value = told[0].sum() - 0.5 * np.sum(self._weight[:, None] * self._after**2)
        slope[:k] -= move.sign * self._weight * self._after.sum(axis=1)
        self._moved = []
        for each, known, own in zip(self._levels, self._known, self._places, strict=True):
            self._moved.append(each.with_slopes(each.slopes + step[own]))
            told, pull = self._moved[-1].log_density(known)
            value += told
            slope[own] += pull
        return float(value), forward(self._edge, slope)

    def taken(self) -> np.ndarray:
        """Move to where the path has led; the coefficients."""
        for each in self._moved:
            each.take()
        self._move.take(self._expected, self._told)
        return self._after


def move_effects(
    moves: Sequence[LatentMove], outer: OuterEffects, rng: np.random.Generator
) -> None:
    """Effects of each group, one group beside the other, on all latents at once or on one.

    Parameters
    ----------
    moves : sequence of LatentMove
        One, that moves the effects on its places together, or one for each place.
    outer : OuterEffects
        The level; its effects are moved in place.
    rng : Generator
        Random numbers.

    Source
    ------
    Gamerman (1997), Statistics and Computing 7, 57-68.
    """
    at, size, many = outer.places, outer.effects.shape[1], len(moves)
    ways = np.eye(many) if many == at.size else np.ones((at.size, 1))
    ways = ways * [move.sign for move in moves]
    precision = inverse(outer.root @ outer.root.T)
    inner = ways.T @ precision[np.ix_(at, at)] @ ways
    places = np.arange(many)

    def summed(values: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([np.bincount(outer.groups, own, size) for own in values])

    def proposal(at_rows, told, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Roots of the curvature of each group, and their inverses times the slopes."""
        curvature = np.repeat(inner[:, :, None], size, axis=2)
        trios = zip(moves, at_rows, told, strict=True)
        curvature[places, places] += summed([m.curvatures(e, each) for m, e, each in trios])
        slope = summed([each[1] for each in told]) - ways.T @ (precision[at] @ own)
        edge = batched.cholesky(curvature)
        return edge, batched.forward_solve(edge, slope[:, None])[:, 0]

    own, before = outer.effects, [move.told for move in moves]
    edge, half = proposal([move.expected for move in moves], before, own)
    numbers = rng.standard_normal((many, size))
    step = batched.backward_solve(edge, half + numbers)
    moved = own.copy()
    moved[at] += ways @ step
    expected = [move.expected + each[outer.groups] for move, each in zip(moves, step, strict=True)]
    told = [move.derivatives(each) for move, each in zip(moves, expected, strict=True)]
    back, turned = proposal(expected, told, moved)
    left = np.einsum("jig,jg->ig", back, step) + turned
    gain = 0.5 * (np.sum(numbers**2, axis=0) - np.sum(left**2, axis=0))
    gain += np.log(back[places, places] / edge[places, places]).sum(axis=0)
    pairs = zip(told, before, strict=True)
    gain += np.bincount(outer.groups, sum(new[0] - old[0] for new, old in pairs), size)
    gain -= 0.5 * (
        np.sum(moved * (precision @ moved), axis=0) - np.sum(own * (precision @ own), axis=0)
    )
    taken = np.log(rng.random(size)) < gain
    own[:, taken] = moved[:, taken]
    rows = taken[outer.groups]
    for move, each, new in zip(moves, expected, told, strict=True):
        move.take(np.where(rows, each, move.expected), np.where(rows, new, move.told))
