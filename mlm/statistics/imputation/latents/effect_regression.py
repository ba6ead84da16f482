"""One effect of each group as a regression on the others, with what is left of it held."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.imputation.effect_covariance import DEGREES
from mlm.statistics.imputation.latents.moves import OuterEffects
from mlm.statistics.imputation.small_matrices import backward, cholesky, forward


@dataclass(frozen=True)
class EffectRegression:
    """An effect u = b'v + r z of each group, v its others, z standard normal.

    Where effects on several latents move as one, u is that on the first, and v holds how far those
    on the others lie from it. While b and r move, v and z stay.

    Attributes
    ----------
    outer : OuterEffects
        The level; its effects at ``places`` are those that move.
    others : ndarray (D - 1, G)
        v.
    standard : ndarray (G,)
        z.
    slopes : ndarray (D - 1,)
        b.
    spread : float
        r.
    root : ndarray (D - 1, D - 1)
        Lower root of the covariance of v.
    basis : ndarray (D, D)
        Makes v and u, which is last, of the effects.
    """

    outer: OuterEffects
    others: np.ndarray
    standard: np.ndarray
    slopes: np.ndarray
    spread: float
    root: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(cls, outer: OuterEffects) -> EffectRegression:
        """That of the effects at the places of a level."""
        first, size = int(outer.places[0]), len(outer.root)
        basis = np.eye(size)
        basis[outer.places[1:], first] = -1.0
        basis = basis[[*range(first), *range(first + 1, size), first]]
        half, effects = basis @ outer.root, basis @ outer.effects
        root = cholesky(half @ half.T)
        inner, spread = root[:-1, :-1], float(root[-1, -1])
        slopes = backward(inner, root[-1, :-1])
        standard = (effects[-1] - slopes @ effects[:-1]) / spread
        return cls(outer, effects[:-1], standard, slopes, spread, inner, basis)

    @property
    def known(self) -> np.ndarray:
        """Inverse variance of each effect (D,) given the others, if r had no end."""
        return np.sum(forward(self.root, self.basis[:-1]) ** 2, axis=0)

    def held(self) -> np.ndarray:
        """Curvature (D - 1, D - 1) of the logarithm of the prior of b, at the most."""
        prior = self.outer.prior
        weight = self._power / (self.known + prior.widths**-2.0 / DEGREES) / self.spread**2
        return (self.basis[:-1] * weight) @ self.basis[:-1].T

    @property
    def _power(self) -> float:
        return DEGREES + float(len(self.basis))

    def log_density(self, known: np.ndarray) -> tuple[float, np.ndarray]:
        """Logarithm of the density of b and log(r), but for a constant, and its slope by b.

        Mixing numbers are integrated out.

        Parameters
        ----------
        known : ndarray (D,)
            As the property has it, which stays.
        """
        left = (self.basis[-1] - self.slopes @ self.basis[:-1]) / self.spread
        mixed = DEGREES * (known + left**2) + self.outer.prior.widths**-2.0
        volume = 2.0 - DEGREES - 2.0 * len(self.basis)
        value = volume * np.log(self.spread) - 0.5 * self._power * np.log(mixed).sum()
        slope = self.basis[:-1] @ (left / mixed) * (self._power * DEGREES / self.spread)
        return float(value), slope

    def with_slopes(self, slopes: np.ndarray) -> EffectRegression:
        """The same with other slopes (D - 1,)."""
        return replace(self, slopes=slopes)

    def with_spread(self, spread: float) -> EffectRegression:
        """The same with what is left longer or shorter."""
        return replace(self, spread=spread)

    def take(self) -> None:
        """Move the effects of the level, and the root of their covariance."""
        outer, size = self.outer, len(self.basis)
        whole = np.zeros((size, size))
        whole[:-1, :-1], whole[-1, -1] = self.root, self.spread
        whole[-1, :-1] = self.slopes @ self.root
        half = np.linalg.solve(self.basis, whole)
        outer.root = cholesky(half @ half.T)
        moved = self.slopes @ self.others + self.spread * self.standard
        outer.effects[outer.places] += moved - outer.effects[outer.places[0]]
