"""Effects of all levels given the parameters, missing values integrated out: drawn or expected.

What the rows of a group say of the sum s of the effects around them is exp(h's - s'Ks / 2). Going
outwards, the effects of a level are integrated out of it; going inwards, they are drawn given those
around, or have their conditional expectation. This is the elimination of the likelihood with a
covariance matrix in place of a variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.joint_model import Parameters
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.likelihood import batched


@dataclass(frozen=True)
class OwnEffects:
    """What is known of a level's own effects u beside the rows: exp(l'u - u'Pu / 2).

    Attributes
    ----------
    precision : ndarray (d, d)
        P.
    linear : ndarray (d, G) or None
        l; None: zero.
    """

    precision: np.ndarray
    linear: np.ndarray | None = None

    @property
    def covariance(self) -> np.ndarray:
        """Covariance (d, d) of the effects."""
        return np.linalg.inv(self.precision)

    @property
    def centre(self) -> np.ndarray | float:
        """Expectation (d, G) of the effects."""
        return 0.0 if self.linear is None else self.covariance @ self.linear


@dataclass(frozen=True)
class LevelMessage:
    """What is known of one level's groups.

    Attributes
    ----------
    precision : ndarray (d, d, G)
        K of the sum of effects up to this level.
    linear : ndarray (d, G)
        h of it, and what is known of the level's own effects.
    root : ndarray (d, d, G)
        Lower Cholesky root of K plus the precision of this level's own effects.
    own : ndarray (d, d)
        That precision.
    """

    precision: np.ndarray
    linear: np.ndarray
    root: np.ndarray
    own: np.ndarray


@dataclass(frozen=True)
class JointEffects:
    """Effects of all levels.

    Attributes
    ----------
    levels : tuple of ndarray (d, G)
        Own effects of each level, outermost first.
    whole : ndarray (d, G)
        Their sum at the lowest level.
    spread : ndarray (d, d, G) or None
        Covariance of ``whole`` where the effects are expectations,
    level_spread : tuple of ndarray (d, d)
        and of each level's own effects, summed over its groups.
    """

    levels: tuple[np.ndarray, ...]
    whole: np.ndarray
    spread: np.ndarray | None = None
    level_spread: tuple[np.ndarray, ...] = ()


def observed_precisions(residual: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Inverses (P, d, d) of the residual covariance of what each pattern has, zero elsewhere."""
    out = np.zeros((len(observed), *residual.shape))
    for p, there in enumerate(observed):
        at = np.flatnonzero(there)
        out[p][np.ix_(at, at)] = np.linalg.inv(residual[np.ix_(at, at)])
    return out


def messages(
    table: PatternTable, parameters: Parameters, beside: Mapping[int, OwnEffects] | None = None
) -> list[LevelMessage]:
    """What is known of each level's effects, outermost first.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    parameters : Parameters
        The model.
    beside : mapping of int to OwnEffects, optional
        By level, what its effects follow, where it is not their covariance alone.
    """
    d, size = table.n_responses, table.counts.shape[1]
    inner = observed_precisions(parameters.residual, table.observed)
    loads = np.concatenate([-inner @ parameters.coefficients.T, inner], axis=2)
    linear = loads.transpose(1, 0, 2).reshape(d, -1) @ table.sums
    precision = (inner.reshape(-1, d * d).T @ table.counts).reshape(d, d, size)
    found: list[LevelMessage] = []
    for level in range(len(table.parents) - 1, -1, -1):
        known = (beside or {}).get(level)
        if known is None:
            known = OwnEffects(np.linalg.inv(parameters.effects[level]))
        own, more = known.precision, 0.0 if known.linear is None else known.linear
        linear = linear + more
        root = batched.cholesky(precision + own[:, :, None])
        found.insert(0, LevelMessage(precision, linear, root, own))
        if level:
            wide = batched.forward_solve(root, own[:, :, None])
            solved = batched.forward_solve(root, linear[:, None])[:, 0]
            left = own[:, :, None] - batched.multiply(batched.transpose(wide), wide)
            moved = np.einsum("ijg,ig->jg", wide, solved)
            family = table.families[level]
            left = family.sums(left.reshape(d * d, -1))
            precision = left.reshape(d, d, -1)
            linear = family.sums(moved - more)
    return found


def drawn_effects(
    table: PatternTable, known: list[LevelMessage], rng: np.random.Generator
) -> JointEffects:
    """A draw of the effects of all levels.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    known : list of LevelMessage
        What is known of each level, outermost first.
    rng : Generator
        Random numbers.
    """
    levels, whole = [], None
    for parent, message in zip(table.parents, known, strict=True):
        around = None if whole is None else whole[:, parent]
        numbers = rng.standard_normal(message.linear.shape)
        own = _solved(message, around, numbers)
        levels.append(own)
        whole = own if around is None else around + own
    return JointEffects(tuple(levels), whole)


def expected_effects(table: PatternTable, known: list[LevelMessage]) -> JointEffects:
    """Expectations of the effects of all levels, and their covariances."""
    levels, spreads, whole, spread = [], [], None, None
    for parent, message in zip(table.parents, known, strict=True):
        around = None if whole is None else whole[:, parent]
        own = _solved(message, around, None)
        inverse = _inverse(message.root)
        if spread is None:
            spread = own_spread = inverse
        else:
            outer = spread[:, :, parent]
            kept = batched.multiply(
                inverse, np.broadcast_to(message.own[:, :, None], inverse.shape)
            )
            lost = batched.multiply(inverse, message.precision)
            own_spread = _sandwich(lost, outer) + inverse
            spread = _sandwich(kept, outer) + inverse
        levels.append(own)
        spreads.append(own_spread.sum(axis=2))
        whole = own if around is None else around + own
    return JointEffects(tuple(levels), whole, spread, tuple(spreads))


def _solved(message: LevelMessage, around: np.ndarray | None, numbers: np.ndarray | None):
    """Own effects (d, G) given the sum of those around, with noise where there are numbers."""
    linear = message.linear
    if around is not None:
        linear = linear - np.einsum("ijg,jg->ig", message.precision, around)
    half = batched.forward_solve(message.root, linear[:, None])[:, 0]
    if numbers is not None:
        half = half + numbers
    return _backward_solve(message.root, half)


def _backward_solve(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (d, G) of ``root' x = right``."""
    out = np.empty_like(right)
    for i in range(len(right) - 1, -1, -1):
        left = right[i].copy()
        for k in range(i + 1, len(right)):
            left -= root[k, i] * out[k]
        out[i] = left / root[i, i]
    return out


def _inverse(root: np.ndarray) -> np.ndarray:
    """Inverses (d, d, G) of the matrices with these lower Cholesky roots."""
    d = len(root)
    half = batched.forward_solve(root, np.eye(d)[:, :, None])
    return batched.multiply(batched.transpose(half), half)


def _sandwich(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    return batched.multiply(batched.multiply(outer, inner), batched.transpose(outer))
