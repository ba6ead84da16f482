"""Rows of a survey of two cycles: 20 schools, five pupils each, weights, replicates, draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from mlm.configuration import Configuration, load_configuration
from tests.unit.configuration.sampled.surveys import given

SCHOOLS, PUPILS, REPLICATES, DRAWS = 20, 5, 4, 3


def wave_rows(seed: int) -> pd.DataFrame:
    """Rows of a cycle: overall weights, Fay replicates of pairs of schools, plausible values."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    of_school = rng.choice([10.0, 20.0, 40.0], SCHOOLS)[school]
    weight = of_school * rng.choice([2.0, 3.0, 4.0], school.size)
    escs = rng.normal(size=school.size).round(3)
    math = 480 + 20 * escs + 25 * rng.normal(size=SCHOOLS)[school] + 60 * rng.normal(size=100)
    frame = pd.DataFrame(
        {
            "SCHOOLID": [f"{seed % 1000}{s:02d}" for s in school],
            "STRATUM": [f"R{s // 10}" for s in school],
            "W_FSCHWT": of_school,
            "W_FSTUWT": weight,
            "escs": escs,
            "size": 100 + school * 10,
        }
    )
    signs = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    for r in range(REPLICATES):
        half = np.where(school % 2 == 0, 1, -1) * signs[r][school // 2 % 4]
        frame[f"W_FSTR{r + 1}"] = weight * np.where(half > 0, 1.5, 0.5)
    for m in range(DRAWS):
        frame[f"PV{m + 1}MATH"] = (math + 15 * rng.normal(size=school.size)).round(2)
    return frame


def write_cycles(
    folder: Path, spoil: Callable[[pd.DataFrame], object] | None = None, **changes
) -> Configuration:
    """The survey in a folder, with the rows of its last wave spoiled and keys of it changed."""
    for wave in ("2018", "2022"):
        frame = wave_rows(int(wave))
        if spoil is not None and wave == "2022":
            changed = spoil(frame)
            frame = changed if isinstance(changed, pd.DataFrame) else frame
        frame.to_csv(folder / f"{wave}.csv", index=False)
    path = folder / "cycles.yaml"
    path.write_text(yaml.safe_dump(given(**changes), sort_keys=False), encoding="utf-8")
    return load_configuration(path)
