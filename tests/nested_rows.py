"""Rows of nested surveys with known parameters, for tests that need many small ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

LETTERS = np.array(["a", "b", "c"])


def nested_rows(
    rng: np.random.Generator,
    sizes: Mapping[str, int | tuple[int, int]],
    variances: Mapping[str, float],
    slopes: Mapping[str, float] | None = None,
    residual: float = 1.0,
) -> pd.DataFrame:
    """Rows of a nested survey with random intercepts and slopes on ``x``.

    Parameters
    ----------
    rng : Generator
        Source of all draws.
    sizes : mapping of level to int or (int, int)
        Children of each unit of the level above, outermost first; the last entry is ``row``.
        Two numbers are the bounds between which each unit draws its own.
    variances, slopes : mapping of level to float
        Variance of the intercepts and of the slopes on ``x`` at a level; 0 where not named.
    residual : float
        Variance of the rows.

    Returns
    -------
    DataFrame
        One text id a level, local to its parent; ``x`` (row), ``z`` (outermost unit), ``kind``
        (a, b, c; row), ``group_kind`` (a, b, c; outermost unit), ``y``.
    """
    levels = [name for name in sizes if name != "row"]
    path = np.zeros((1, 0), dtype=int)
    for name in sizes:
        path = _children(rng, path, sizes[name])
    frame = pd.DataFrame({name: path[:, i].astype(str) for i, name in enumerate(levels)})
    n = len(frame)
    top = _codes(path[:, :1])
    x, kind = rng.normal(size=n), rng.integers(3, size=n)
    z = rng.normal(size=top.max() + 1)[top]
    top_kind = rng.integers(3, size=top.max() + 1)[top]
    y = 2.0 + 0.5 * x + 0.3 * z + 0.4 * kind + np.sqrt(residual) * rng.normal(size=n)
    for i, name in enumerate(levels):
        codes = _codes(path[:, : i + 1])
        own = rng.normal(size=(2, codes.max() + 1))
        y += np.sqrt(variances.get(name, 0.0)) * own[0][codes]
        y += np.sqrt((slopes or {}).get(name, 0.0)) * own[1][codes] * x
    columns = {"x": x, "z": z, "kind": LETTERS[kind], "group_kind": LETTERS[top_kind], "y": y}
    return frame.assign(**columns)


def formula(levels: list[str], fixed: str = "x + z + kind", slopes: tuple[str, ...] = ()) -> str:
    """The lme4 formula with random intercepts at all levels, and slopes on x at some."""
    bars = [
        f"({'1 + x' if name in slopes else '1'} | {':'.join(levels[: i + 1])})"
        for i, name in enumerate(levels)
    ]
    return " + ".join([f"y ~ {fixed}", *bars])


def _children(rng, path: np.ndarray, size) -> np.ndarray:
    low, high = size if isinstance(size, tuple) else (size, size)
    counts = rng.integers(low, high + 1, size=len(path))
    number = np.concatenate([np.arange(count) for count in counts])
    return np.column_stack([np.repeat(path, counts, axis=0), number])


def _codes(path: np.ndarray) -> np.ndarray:
    return np.unique(path, axis=0, return_inverse=True)[1].reshape(-1)
