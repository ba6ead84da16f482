"""Surveys of two waves whose truth is known, as files, of whom some values are lost.

In each of three designs a number of rows, a category (of pupils where these are followed) and a
number of schools are lost at random given the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

WAVES = ("a", "b")
DESIGNS = ("new_schools", "same_schools", "same_pupils")
SHARE = 0.3  # of the values of each variable that are lost
TRUTH = {"": 2.0, "x": 0.8, "kind": 0.7, "w": 0.6, "z": 0.5, "year": 0.3}
"""Coefficients, that of the intercept first."""

LOST = ("x", "kind", "w")
CONFIGURATION = """\
survey: incomplete
title: Incomplete
description: Pupils of whom some values are lost.
source: drawn for tests
design: {design}
levels: [{{name: school, id: school}}, {{name: pupil, id: pupil}}]
time: {{name: year, label: Year, coding: categories}}
waves:
  - {{name: a, time: 0, files: [a.csv]}}
  - {{name: b, time: 1, files: [b.csv]}}
variables:
  y: {{label: Score, type: number, level: row}}
  x: {{label: Home, type: number, level: row, missing: {{NA: no answer}}}}
  kind: {{label: Kind, type: category, level: {of}, categories: {{a: A, b: B}},
         missing: {{NA: no answer}}}}
  w: {{label: Money, type: number, level: school, missing: {{NA: no answer}}}}
  z: {{label: Age, type: number, level: row}}
analyses:
  y: {{outcome: y, terms: [x, kind, w, z], protected: [x, kind, w, z], slopes: [],
      time_interactions: [], pupil_interactions: false}}
missing: {missing}
"""


def complete_survey(
    rng: np.random.Generator, design: str, schools: int, pupils: int
) -> pd.DataFrame:
    """Rows of both waves: ids, wave, y and its covariates."""
    school, pupil, wave = _ids(design, schools, pupils)
    n = school.size
    effects = rng.normal(size=(school.max() + 1, 3)) @ np.linalg.cholesky(0.2 * np.eye(3) + 0.2).T
    z = rng.normal(size=n)
    x = 0.4 * z + effects[school, 0] + rng.normal(size=n)
    of = pupil if design == "same_pupils" else np.arange(n)
    latent = 0.4 * x + 0.8 * rng.normal(size=n)
    if design == "same_pupils":  # one value a pupil, which goes with the mean of x
        latent = (_means(x, pupil) * 0.5 + 0.8 * rng.normal(size=pupil.max() + 1))[pupil]
    latent = latent + effects[school, 1]
    kind = latent > 0.3
    w = 1.0 + 1.2 * effects[:, 2] + 0.6 * rng.normal(size=len(effects))
    y = TRUTH[""] + TRUTH["x"] * x + TRUTH["kind"] * kind + TRUTH["w"] * w[school]
    y += TRUTH["z"] * z + TRUTH["year"] * wave
    y += 0.5 * rng.normal(size=len(effects))[school] + rng.normal(size=n)
    inner = 2 * school + wave if design == "same_schools" else of
    y += 0.4 * rng.normal(size=inner.max() + 1)[inner] * (design != "new_schools")
    columns = {"school": school, "pupil": pupil, "wave": wave, "y": y, "x": x}
    columns |= {"kind": np.where(kind, "b", "a"), "w": w[school], "z": z}
    return pd.DataFrame(columns)


def _ids(design: str, schools: int, pupils: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """School, pupil and wave of each row."""
    wave = np.repeat([0, 1], schools * pupils)
    school = np.tile(np.repeat(np.arange(schools), pupils), 2)
    pupil = np.arange(wave.size)
    if design == "new_schools":
        school = school + schools * wave
    if design == "same_pupils":
        pupil = pupil % (schools * pupils)
    return school, pupil, wave


def _means(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    return np.bincount(of, values) / np.bincount(of)


def with_losses(rows: pd.DataFrame, design: str, rng: np.random.Generator) -> pd.DataFrame:
    """The same rows, values lost at random given the outcome: more where it is high."""
    out = rows.copy()
    y = rows["y"].to_numpy()
    unit = {"x": np.arange(y.size), "kind": np.arange(y.size), "w": rows["school"].to_numpy()}
    if design == "same_pupils":
        unit["kind"] = rows["pupil"].to_numpy()
    for name in LOST:
        mean = _means(y, unit[name])
        high = np.tanh((mean - mean.mean()) / mean.std())
        lost = rng.random(mean.size) < SHARE * (1.0 + 0.7 * high)
        out.loc[lost[unit[name]], name] = None
    return out


def write(folder: Path, rows: pd.DataFrame, design: str, missing: Mapping[str, object]) -> Path:
    """Write the files of a survey; the path of its configuration is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, wave in enumerate(WAVES):
        own = rows[rows["wave"] == number].drop(columns="wave")
        own.to_csv(folder / f"{wave}.csv", index=False, na_rep="NA")
    of = "pupil" if design == "same_pupils" else "row"
    said = "{" + ", ".join(f"{key}: {value}" for key, value in missing.items()) + "}"
    path = folder / "incomplete.yaml"
    path.write_text(CONFIGURATION.format(design=design, of=of, missing=said), encoding="utf-8")
    return path
