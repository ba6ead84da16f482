"""Pupils in schools whose truth is known and of whom some values are lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

FORMULA = "y ~ x + kind + w + z + (1 | school)"
LATENT = np.array([[1.0, 0.4], [0.4, 1.0]])  # of x and of what makes the kind
FARTHEST = 1.8  # coefficient of the last of many classes
SHARE = 0.3  # of values that are lost, on average


def complete_world(rng: np.random.Generator, schools: int, pupils: int) -> pd.DataFrame:
    """A number x and a category of pupils, a number w of schools, a complete z, and an outcome."""
    school = np.repeat(np.arange(schools), pupils)
    n = school.size
    effects = rng.normal(size=(schools, 3)) @ np.linalg.cholesky(0.2 * (np.eye(3) + 1.0)).T
    z = rng.normal(size=n)
    own = rng.normal(size=(n, 2)) @ np.linalg.cholesky(LATENT).T
    own += 0.4 * z[:, None] + effects[school, :2]
    w = 1.0 + 1.2 * effects[:, 2] + 0.6 * rng.normal(size=schools)
    kind = np.where(own[:, 1] > 0.3, "b", "a")
    y = 2.0 + 0.8 * own[:, 0] + 0.7 * (kind == "b") + 0.6 * w[school] + 0.5 * z
    y += 0.5 * rng.normal(size=schools)[school] + rng.normal(size=n)
    columns = {"school": school, "y": y, "z": z, "x": own[:, 0], "kind": kind, "w": w[school]}
    return pd.DataFrame(columns)


def many_classes(rng: np.random.Generator, schools: int, pupils: int, classes: int) -> pd.DataFrame:
    """A number x and a category of many classes, which go with it, a complete z, and an outcome.

    Coefficients of the classes rise evenly from 0 to ``FARTHEST``.
    """
    school = np.repeat(np.arange(schools), pupils)
    n = school.size
    effects = rng.normal(size=(schools, 2)) @ np.linalg.cholesky(0.2 * (np.eye(2) + 1.0)).T
    z = rng.normal(size=n)
    own = rng.normal(size=(n, 2)) @ np.linalg.cholesky(LATENT).T + 0.4 * z[:, None]
    own += effects[school]
    place = np.searchsorted(np.quantile(own[:, 1], np.arange(1, classes) / classes), own[:, 1])
    y = 2.0 + 0.8 * own[:, 0] + FARTHEST * place / (classes - 1) + 0.5 * z
    y += 0.5 * rng.normal(size=schools)[school] + rng.normal(size=n)
    kind = np.array([f"k{i}" for i in range(classes)])[place]
    return pd.DataFrame({"school": school, "y": y, "z": z, "x": own[:, 0], "kind": kind})


def with_losses(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same rows, values lost at random given the outcome: more where it is high."""
    out = rows.copy()
    high = np.tanh((rows["y"] - rows["y"].mean()) / rows["y"].std()).to_numpy()
    for name in ("x", "kind"):
        out.loc[rng.random(len(rows)) < SHARE * (1.0 + 0.7 * high), name] = None
    if "w" not in rows:
        return out
    mean = rows.groupby("school")["y"].mean()
    high = np.tanh((mean - mean.mean()) / mean.std()).to_numpy()
    lost = rng.random(len(mean)) < SHARE * (1.0 + 0.7 * high)
    out.loc[lost[rows["school"]], "w"] = np.nan
    return out
