"""Effects of all levels given the parameters, missing values integrated out: drawn or expected.

What the rows of a group say of the sum s of the effects around them is exp(h's - s'Ks / 2). Going
outwards, the effects of a level are integrated out of it; going inwards, they are drawn given those
around, or have their conditional expectation. This is the elimination of the likelihood with a
covariance matrix in place of a variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mlm.statistics.imputation.joint_model import Parameters
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.small_matrices import block_inverses, inverse, symmetric_places
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
        return inverse(self.precision)

    @property
    def centre(self) -> np.ndarray | float:
        """Expectation (d, G) of the effects."""
        return 0.0 if self.linear is None else self.covariance @ self.linear


class GroupedUnits(Protocol):
    """Units in the groups around them."""

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums (w, H) over each group of values (w, G)."""


@dataclass(frozen=True)
class UnitInformation:
    """What variables of the units of a level tell of the effects of the levels around.

    Attributes
    ----------
    precision : ndarray (m, m)
        Inverse of the covariance of their residuals.
    left : ndarray (m, G)
        Values less what predictors explain.
    grouped : GroupedUnits or None
        Crossed units in the groups around; None: the units are nested.
    """

    precision: np.ndarray
    left: np.ndarray
    grouped: GroupedUnits | None = None

    def joined(
        self, precision: np.ndarray, linear: np.ndarray, family: GroupedUnits
    ) -> tuple[np.ndarray, np.ndarray]:
        """What is known (D, D, H), (D, H) of the effects around, with those on these variables.

        Parameters
        ----------
        precision : ndarray (d, d, H)
            K of the sum of effects around, without these variables,
        linear : ndarray (d, H)
            and h.
        family : GroupedUnits
            Of nested units in the groups around.
        """
        family = self.grouped or family
        d, m, size = len(linear), len(self.left), linear.shape[1]
        counts = family.sums(np.ones((1, self.left.shape[1])))[0]
        whole = np.zeros((d + m, d + m, size))
        whole[:d, :d] = precision
        whole[d:, d:] = self.precision[:, :, None] * counts
        return whole, np.vstack([linear, self.precision @ family.sums(self.left)])


@dataclass(frozen=True)
class LevelMessage:
    """What is known of one level's groups.

    Attributes
    ----------
    precision : ndarray (d, d, G)
        K of the sum of effects up to this level.
    linear : ndarray (d, G)
        h of it.
    root : ndarray (d, d, G)
        Lower Cholesky root of K plus the precision of this level's own effects.
    own : ndarray (d, d)
        That precision.
    """

    precision: np.ndarray
    linear: np.ndarray
    root: np.ndarray
    own: np.ndarray

    @classmethod
    def of(cls, precision: np.ndarray, linear: np.ndarray, covariance: np.ndarray) -> LevelMessage:
        """That of groups whose own effects have a covariance.

        Parameters
        ----------
        precision : ndarray (d, d, G)
            K.
        linear : ndarray (d, G)
            h.
        covariance : ndarray (d, d)
            Of the own effects.
        """
        own = inverse(covariance)
        return cls(precision, linear, batched.cholesky(precision + own[:, :, None]), own)

    def integrated(self) -> tuple[np.ndarray, np.ndarray]:
        """K and h of what lies around this level, its own effects integrated out."""
        own = self.own[:, :, None]
        wide = batched.forward_solve(self.root, own)
        solved = batched.forward_solve(self.root, self.linear[:, None])[:, 0]
        left = own - batched.multiply(batched.transpose(wide), wide)
        return left, np.einsum("ijg,ig->jg", wide, solved)

    def drawn(self, around: np.ndarray | float, numbers: np.ndarray | None) -> np.ndarray:
        """Own effects (d, G) given the effects around.

        Parameters
        ----------
        around : ndarray (d, G) or float
            Sum of the effects around.
        numbers : ndarray (d, G) or None
            Standard normal noise; None: expectations.
        """
        linear = self.linear
        if not np.isscalar(around):
            linear = linear - np.einsum("ijg,jg->ig", self.precision, around)
        half = batched.forward_solve(self.root, linear[:, None])[:, 0]
        if numbers is not None:
            half = half + numbers
        return batched.backward_solve(self.root, half)


@dataclass(frozen=True)
class JointEffects:
    """Effects of all levels.

    Attributes
    ----------
    levels : tuple of ndarray (D, G)
        Own effects of each level, outermost first: on the responses of rows, then on variables of
        units further in.
    whole : ndarray (d, G)
        What the groups add to the rows of each lowest group: their sum, and what the incomplete
        variables of units explain.
    spread : ndarray (d, d, G) or None
        Covariance of ``whole`` where the effects are expectations,
    level_spread : tuple of ndarray (d, d)
        and of each level's own effects, summed over its groups.
    crossed : tuple of ndarray (d, C)
        What the units of each crossed level add to their rows, as ``whole`` does; their effects
        stand behind those of the nested levels.
    """

    levels: tuple[np.ndarray, ...]
    whole: np.ndarray
    spread: np.ndarray | None = None
    level_spread: tuple[np.ndarray, ...] = ()
    crossed: tuple[np.ndarray, ...] = ()


def messages(
    table: PatternTable,
    parameters: Parameters,
    reach: np.ndarray | None = None,
    units: Mapping[int, Sequence[UnitInformation]] | None = None,
    pulled: np.ndarray | None = None,
) -> list[LevelMessage]:
    """What is known of each level's effects, outermost first.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    parameters : Parameters
        The model.
    reach : ndarray (d, G), optional
        What incomplete variables of units add to the rows of each lowest group.
    units : mapping of int to sequence of UnitInformation, optional
        By nested levels around, what incomplete variables of units tell of effects around them.
    pulled : ndarray (d, G), optional
        What effects of crossed levels take from what the rows of each lowest group tell.
    """
    d = table.n_responses
    inner = block_inverses(parameters.residual, table.observed)
    loads = np.concatenate([-inner @ parameters.coefficients.T, inner], axis=2)
    linear = loads.transpose(1, 0, 2).reshape(d, -1)[:, table.known_places] @ table.sums
    packed = inner[:, *np.triu_indices(d)].T @ table.counts
    precision = packed[symmetric_places(d)]
    if reach is not None:
        linear = linear - np.einsum("ijg,jg->ig", precision, reach)
    if pulled is not None:
        linear = linear - pulled
    found: list[LevelMessage] = []
    for level in range(len(table.parents) - 1, -1, -1):
        message = LevelMessage.of(precision, linear, parameters.effects[level])
        found.insert(0, message)
        if level:
            around, moved = message.integrated()
            family, size = table.families[level], len(linear)
            precision = family.sums(around.reshape(size * size, -1)).reshape(size, size, -1)
            linear = family.sums(moved)
            for own in units.get(level, ()) if units else ():
                precision, linear = own.joined(precision, linear, family)
    return found


def expected_effects(table: PatternTable, known: list[LevelMessage]) -> JointEffects:
    """Expectations of the effects of all levels, and their covariances."""
    levels, spreads, whole, spread = [], [], None, None
    for parent, message in zip(table.parents, known, strict=True):
        around = 0.0 if whole is None else whole[:, parent]
        own = message.drawn(around, None)
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
        whole = around + own
    return JointEffects(tuple(levels), whole, spread, tuple(spreads))


def _inverse(root: np.ndarray) -> np.ndarray:
    """Inverses (d, d, G) of the matrices with these lower Cholesky roots."""
    d = len(root)
    half = batched.forward_solve(root, np.eye(d)[:, :, None])
    return batched.multiply(batched.transpose(half), half)


def _sandwich(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    return batched.multiply(batched.multiply(outer, inner), batched.transpose(outer))


def no_effects(table: PatternTable) -> JointEffects:
    """Effects of nothing."""
    sizes = [parent.size for parent in table.parents]
    return summed(table, [np.zeros((table.n_responses, size)) for size in sizes])


def summed(table: PatternTable, levels: list[np.ndarray]) -> JointEffects:
    """Effects of all levels, with their sums at the lowest one."""
    whole = levels[0]
    for parent, own in zip(table.parents[1:], levels[1:], strict=True):
        whole = whole[:, parent] + own
    return JointEffects(tuple(levels), whole)
