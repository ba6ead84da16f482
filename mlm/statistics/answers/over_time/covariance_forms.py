"""Forms that the covariance of a level's effects over the waves may have.

Every form is a matrix (T, T) in a few parameters, relative to the residual variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.covariance import semidefinite_root, triangle

NEAR_ONE = 0.9999  # largest correlation of neighbouring waves in the autoregressive form


@dataclass(frozen=True)
class Form:
    """One form of the covariance: how many parameters, and the matrix they make.

    Attributes
    ----------
    name : str
    matrix : callable
        From parameters (m,) and times (T,), in steps between waves, to the matrix (T, T).
    starts : callable
        From a variance, a correlation and times to first parameters (m,).
    bounds : callable
        From T to the bounds of the parameters.
    can_extrapolate : bool
        Whether the matrix is known for a time that was not observed.
    least_waves : int or None
        Waves from which the form is told apart from those before it in ``FORMS``, and compared with
        them; None where it is not one of a list of simpler forms.
    """

    name: str
    matrix: Callable[[np.ndarray, np.ndarray], np.ndarray]
    starts: Callable[[float, float, np.ndarray], np.ndarray]
    bounds: Callable[[int], list[tuple[float | None, float | None]]]
    can_extrapolate: bool = False
    least_waves: int | None = None

    def is_compared(self, n_waves: int) -> bool:
        """Whether the form is one of those compared over so many waves."""
        return self.least_waves is not None and n_waves >= self.least_waves


def _triangular(p: np.ndarray, times: np.ndarray) -> np.ndarray:
    rows, columns = triangle(times.size)
    half = np.zeros((times.size, times.size))
    half[rows, columns] = p
    return half @ half.T


def _trend(p: np.ndarray, times: np.ndarray) -> np.ndarray:
    line = np.column_stack([np.ones(times.size), times])
    half = line @ np.array([[p[0], 0.0], [p[1], p[2]]])
    return half @ half.T + p[3] ** 2 * np.eye(times.size)


def _root_of_common(variance: float, r: float, times: np.ndarray) -> np.ndarray:
    common = variance * (r * np.ones((times.size,) * 2) + (1.0 - r) * np.eye(times.size))
    return semidefinite_root(common)[triangle(times.size)]


def _triangle_bounds(size: int) -> list[tuple[float | None, float | None]]:
    rows, columns = triangle(size)
    return [(0.0 if i == j else None, None) for i, j in zip(rows, columns, strict=True)]


FORMS = {
    form.name: form
    for form in (
        Form("unstructured", _triangular, _root_of_common, _triangle_bounds),
        Form(
            "compound_symmetry",
            lambda p, t: p[0] ** 2 * np.ones((t.size,) * 2) + p[1] ** 2 * np.eye(t.size),
            lambda v, r, t: np.sqrt(v * np.array([r, 1.0 - r])),
            lambda size: [(0.0, None), (0.0, None)],
            can_extrapolate=True,
            least_waves=2,
        ),
        Form(
            "autoregressive",
            lambda p, t: p[0] ** 2 * max(p[1], 0.0) ** np.abs(t[:, None] - t),
            lambda v, r, t: np.array([np.sqrt(v), r]),
            lambda size: [(0.0, None), (0.0, NEAR_ONE)],
            can_extrapolate=True,
            least_waves=3,
        ),
        Form(
            "linear_trend",
            _trend,
            lambda v, r, t: np.sqrt(v * np.array([r, 0.0, 0.5 * (1.0 - r), 0.5 * (1.0 - r)])),
            lambda size: [(0.0, None), (None, None), (0.0, None), (0.0, None)],
            can_extrapolate=True,
            least_waves=3,
        ),
        Form(
            "constant",
            lambda p, t: p[0] ** 2 * np.ones((t.size,) * 2),
            lambda v, r, t: np.array([np.sqrt(v)]),
            lambda size: [(0.0, None)],
            can_extrapolate=True,
        ),
    )
}
