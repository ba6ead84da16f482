"""Small nested surveys of many shapes, with the parts that an independent evaluation needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.equivalence.independent import Part, part
from tests.nested_rows import formula, nested_rows

SHAPES = {
    "counties and schools": {"county": 8, "school": (2, 6), "row": (2, 9)},
    "few counties": {"county": 3, "school": 4, "row": 5},
    "many small schools": {"county": 6, "school": (5, 9), "row": (1, 3)},
    "balanced": {"county": 6, "school": 5, "row": 4},
    "waves": {"county": 6, "school": (2, 5), "wave": 4, "row": (2, 5)},
    "pupils over time": {"county": 4, "school": 3, "pupil": (2, 6), "row": (1, 4)},
    "schools alone": {"school": (12, 12), "row": (1, 12)},
    "counties, schools, waves, pupils": {"county": 10, "school": 8, "wave": 4, "row": 10},
}
SMALL = [name for name in SHAPES if name != "counties, schools, waves, pupils"]


@dataclass(frozen=True)
class World:
    """Rows, the model as a formula, and its parts as plain arrays, innermost term first."""

    frame: pd.DataFrame
    formula: str
    y: np.ndarray
    x: np.ndarray
    parts: tuple[Part, ...]
    zero: tuple[str, ...]


def world(seed: int, shape: str, slopes: int = 0, zeros: float = 0.4) -> World:
    """A survey of one shape; each level's variance is truly zero with probability ``zeros``.

    ``slopes`` levels, innermost last, get a random slope on x in the model; the true slope
    variance may be zero as well.
    """
    rng = np.random.default_rng(seed)
    sizes = SHAPES[shape]
    levels = [name for name in sizes if name != "row"]
    variances = {
        name: 0.0 if rng.random() < zeros else float(np.exp(rng.normal(-1.5, 1.0)))
        for name in levels
    }
    sloped = tuple(levels[:slopes])
    true = {name: 0.0 if rng.random() < zeros else 0.2 for name in sloped}
    frame = nested_rows(rng, sizes, variances, true, residual=float(np.exp(rng.normal())))
    dummies = [(frame["kind"] == c).to_numpy(float) for c in ("b", "c")]
    x = np.column_stack([np.ones(len(frame)), frame["x"], frame["z"], *dummies])
    parts = tuple(
        part(frame, levels[: i + 1], *([frame["x"]] if levels[i] in sloped else []))
        for i in reversed(range(len(levels)))
    )
    text = formula(levels, slopes=sloped)
    zero = tuple(name for name in levels if variances[name] == 0.0)
    return World(frame, text, frame["y"].to_numpy(), x, parts, zero)


def rich_world(seed: int) -> World:
    """A survey whose levels have slopes on x, on kind, or none: many end on a bound.

    Some of these samples are smaller than a user should fit such models to; their criteria have
    flat ridges, several optima and covariances that leave zero together with a variance.
    """
    rng = np.random.default_rng(seed)
    sizes = SHAPES[SMALL[rng.integers(len(SMALL))]]
    levels = [name for name in sizes if name != "row"]
    variances = {n: 0.0 if rng.random() < 0.4 else np.exp(rng.normal(-1.5, 1.0)) for n in levels}
    slopes = {n: 0.0 if rng.random() < 0.4 else 0.2 for n in levels}
    frame = nested_rows(rng, sizes, variances, slopes, residual=np.exp(rng.normal()))
    kinds = [(frame["kind"] == c).to_numpy(float) for c in "abc"]
    bars, parts = [], []
    for i in range(len(levels)):
        path, group = levels[: i + 1], ":".join(levels[: i + 1])
        code = part(frame, path).group
        choice = (
            ("1", part(frame, path)),
            ("1 + x", part(frame, path, frame["x"])),
            ("0 + kind", Part(code, np.column_stack(kinds))),
            ("1 + kind", part(frame, path, *kinds[1:])),
        )[rng.integers(4)]
        bars.append(f"({choice[0]} | {group})")
        parts.insert(0, choice[1])
    x = np.column_stack([np.ones(len(frame)), frame["x"], frame["z"], *kinds[1:]])
    text = " + ".join(["y ~ x + z + kind", *bars])
    zero = tuple(name for name in levels if variances[name] == 0.0)
    return World(frame, text, frame["y"].to_numpy(), x, tuple(parts), zero)


def in_order(fit, parts_in: World) -> list[np.ndarray]:
    """The fit's Omegas in the order of the world's parts (innermost first)."""
    depth = {term.name: len(term.group) for term in fit.model.random}
    pairs = sorted(
        zip(fit.model.random, fit.omegas, strict=True), key=lambda pair: -depth[pair[0].name]
    )
    assert len(pairs) == len(parts_in.parts)
    return [omega for _, omega in pairs]
