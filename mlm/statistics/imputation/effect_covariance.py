"""Covariances of effects, drawn given the effects, under priors that shrink no small variance.

The standard deviation of each effect has a half-t prior of two degrees, and every correlation is as
likely as any other. Given mixing numbers that are drawn too, the prior is an inverse Wishart one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.random_matrices import inverse_wishart
from mlm.statistics.imputation.small_matrices import inverse, root_inverse

DEGREES = 2  # of the half-t priors: correlations are uniform


@dataclass(frozen=True)
class MixedPrior:
    """Priors of the covariance of the D effects of a level, given their mixing numbers.

    Attributes
    ----------
    widths : ndarray (D,)
        Scales of the half-t priors of the standard deviations.
    mixing : ndarray (D,)
        Given them the prior is inverse Wishart.

    Source
    ------
    Huang & Wand (2013), Bayesian Analysis 8, 439-452, equations 2 to 4.
    """

    widths: np.ndarray
    mixing: np.ndarray

    @classmethod
    def of(cls, widths: np.ndarray, covariance: np.ndarray) -> MixedPrior:
        """Mixing numbers at their size given a covariance."""
        return cls(widths, 1.0 / np.diagonal(covariance))

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the inverse Wishart prior."""
        return DEGREES + self.widths.size - 1

    @property
    def scale(self) -> np.ndarray:
        """Diagonal (D,) of its scale."""
        return 2.0 * DEGREES * self.mixing

    def log_density(self, root: np.ndarray) -> float:
        """Logarithm of the density of the lower root (D, D) of a covariance, but for a constant.

        Mixing numbers are integrated out.
        """
        size = self.widths.size
        edge = np.log(np.abs(np.diagonal(root)))
        return float(((size - np.arange(size)) * edge).sum()) + self.log_covariance_density(root)

    def log_covariance_density(self, root: np.ndarray) -> float:
        """Logarithm of the density of the covariance with a lower root (D, D), but for a constant.

        Mixing numbers are integrated out.
        """
        size = self.widths.size
        edge = np.log(np.abs(np.diagonal(root))).sum()
        inverse = np.sum(root_inverse(root) ** 2, axis=0)
        mixed = np.log(DEGREES * inverse + self.widths**-2.0).sum()
        return float(-(DEGREES + 2 * size) * edge - 0.5 * (DEGREES + size) * mixed)

    def covariance(self, effects: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A draw of the covariance (D, D) given effects (D, G)."""
        scale = effects @ effects.T + np.diag(self.scale)
        return inverse_wishart(effects.shape[1] + self.degrees, scale, rng)

    def mixed(self, covariance: np.ndarray, rng: np.random.Generator) -> MixedPrior:
        """The prior with mixing numbers drawn given a covariance."""
        rate = DEGREES * np.diagonal(inverse(covariance)) + self.widths**-2.0
        shape = 0.5 * (DEGREES + self.widths.size)
        return MixedPrior(self.widths, rng.gamma(shape, size=rate.size) / rate)

    def divided(self, scale: np.ndarray) -> MixedPrior:
        """The prior of effects that are divided by a scale (D,), of the same widths."""
        return MixedPrior(self.widths, self.mixing / scale**2)
