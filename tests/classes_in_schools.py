"""A survey of followed pupils who have another class in each wave, with known variances."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mlm.configuration import Configuration, load_configuration

CONFIGURATION = """\
survey: classes
title: Pupils in classes
description: Followed pupils, who have another class in each wave.
source: made for tests
design: same_pupils
levels:
  - {name: school, id: school}
  - {name: class, id: class, plural: classes, crossed: pupil}
  - {name: pupil, id: pupil}
time: {name: year, label: Year}
waves:
  - {name: a, time: 0, files: [a.csv]}
  - {name: b, time: 1, files: [b.csv]}
  - {name: c, time: 2, files: [c.csv]}
variables:
  score: {label: Score, type: number, level: row}
  size: {label: Class size, type: category, level: class, categories: {r: Regular, s: Small}}
  sex: {label: Sex, type: category, level: pupil, categories: {g: Girl, b: Boy}}
analyses:
  score: {outcome: score, terms: [size, sex, "size:sex"], time_interactions: [size]}
"""

VARIANCES = {"school": 25.0, "class": 36.0, "pupil": 64.0, "residual": 16.0}
WAVES = ("a", "b", "c")


def configuration(folder: Path, changes: Mapping[str, str] | None = None) -> Configuration:
    """The configuration, with some parts of its text replaced by others."""
    text = CONFIGURATION
    for was, becomes in (changes or {}).items():
        assert was in text
        text = text.replace(was, becomes)
    (folder / "classes.yaml").write_text(text, encoding="utf-8")
    return load_configuration(folder / "classes.yaml")


def frames(
    schools: int = 8, pupils: int = 12, classes: int = 3, seed: int = 1
) -> dict[str, pd.DataFrame]:
    """Rows of each wave; the ids of classes are 1, 2, 3 in every school and wave."""
    rng = np.random.default_rng(seed)
    sd = {level: np.sqrt(variance) for level, variance in VARIANCES.items()}
    school = rng.normal(0, sd["school"], schools)
    pupil = rng.normal(0, sd["pupil"], (schools, pupils))
    sex = rng.integers(0, 2, (schools, pupils))
    out = {}
    for wave in WAVES:
        rows = []
        for s in range(schools):
            own = rng.permutation(np.arange(pupils) % classes)
            effect, small = rng.normal(0, sd["class"], classes), rng.integers(0, classes)
            for p in np.flatnonzero(rng.random(pupils) > 0.1):
                c = own[p]
                y = 50 + school[s] + effect[c] + pupil[s, p] + rng.normal(0, sd["residual"])
                size = "s" if c == small else "r"
                rows.append((f"{s:02d}", str(c + 1), f"{p:03d}", y, size, "gb"[sex[s, p]]))
        out[wave] = pd.DataFrame(rows, columns=["school", "class", "pupil", "score", "size", "sex"])
    return out
