"""What a profile interval can be of: functions of the coordinates of the criterion.

Each is monotone in the quantity it stands for and keeps a gradient where the quantity itself is at
its bound: a standard deviation for a variance, the root of a share, the angle whose cosine is a
correlation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mlm.statistics.inference.surface import Surface
from mlm.statistics.likelihood.covariance import triangle


@dataclass(frozen=True)
class Deviation:
    """Standard deviation of the first column of a random term, in working units."""

    start: int

    bounds: ClassVar = (0.0, np.inf)

    def __call__(self, surface: Surface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        sigma, slope = np.exp(x[-1]), np.zeros(x.size)
        slope[self.start], slope[-1] = sigma, sigma * x[self.start]
        return float(sigma * x[self.start]), slope


@dataclass(frozen=True)
class Residual:
    """Logarithm of the residual standard deviation in working units."""

    bounds: ClassVar = (-np.inf, np.inf)

    def __call__(self, surface: Surface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        slope = np.zeros(x.size)
        slope[-1] = 1.0
        return float(x[-1]), slope


@dataclass(frozen=True)
class Covariance:
    """Covariance of the first two columns of a random term, in squared working units."""

    start: int

    bounds: ClassVar = (-np.inf, np.inf)

    def __call__(self, surface: Surface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        s, square, slope = self.start, np.exp(2.0 * x[-1]), np.zeros(x.size)
        value = square * x[s] * x[s + 1]
        slope[s], slope[s + 1], slope[-1] = square * x[s + 1], square * x[s], 2.0 * value
        return float(value), slope


@dataclass(frozen=True)
class Angle:
    """Angle, 0 to pi, whose cosine is the correlation of the first two columns of a term."""

    start: int
    size: int

    bounds: ClassVar = (0.0, np.pi)

    def __call__(self, surface: Surface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        along, across = self.start + 1, self.start + self.size
        a, b, slope = x[along], x[across], np.zeros(x.size)
        square = max(a * a + b * b, 1e-300)
        slope[along], slope[across] = -b / square, a / square
        return float(np.arctan2(b, a)), slope


@dataclass(frozen=True)
class RootShare:
    """Root of the share of some random terms in the variance of the response.

    The variance of a term is the mean over the rows of ``z' Sigma z`` (Johnson 2014).
    """

    blocks: tuple[int, ...]
    moments: tuple[np.ndarray, ...]

    bounds: ClassVar = (0.0, 1.0)

    def __call__(self, surface: Surface, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient."""
        own, total, own_slope, slope = 0.0, 1.0, np.zeros(x.size), np.zeros(x.size)
        triangles = zip(surface.factors(x), self._ordered(surface), surface.starts, strict=True)
        for b, (factor, moment, start) in enumerate(triangles):
            rows, columns = triangle(factor.shape[0])
            reach = moment @ factor
            part = slice(start, start + rows.size)
            value = float(np.sum(reach * factor))
            slope[part] = 2.0 * reach[rows, columns]
            total += value
            if b in self.blocks:
                own += value
                own_slope[part] = slope[part]
        if own == 0.0:
            return 0.0, self._inward(surface) / np.sqrt(total)
        root = np.sqrt(own / total)
        return float(root), (own_slope - own / total * slope) / (2.0 * root * total)

    def _inward(self, surface: Surface) -> np.ndarray:
        """Slope of the root of a variance that is zero by the relative standard deviations."""
        out, moments = np.zeros(surface.is_bounded.size), self._ordered(surface)
        for b in self.blocks:
            rows, columns = triangle(len(moments[b]))
            part = slice(surface.starts[b], surface.starts[b] + rows.size)
            out[part] = np.where(rows == columns, np.sqrt(np.diagonal(moments[b])[rows]), 0.0)
        return out

    def _ordered(self, surface: Surface) -> list[np.ndarray]:
        """The moments with their columns in the order of the coordinates."""
        pairs = zip(self.moments, surface.orders, strict=True)
        return [moment[np.ix_(order, order)] for moment, order in pairs]
