"""Rows of schools that were drawn with unequal chances, and a design that says so."""

from __future__ import annotations

import numpy as np
import pandas as pd

import mlm

WEIGHTS = {"row": "w", "school": "ws"}
FORMULA = "y ~ x + (1 | school)"
DESIGN = mlm.SamplingDesign(WEIGHTS)


def sample(schools: int = 24, pupils: int = 6, seed: int = 3) -> pd.DataFrame:
    """Pupils in schools, schools in counties, with weights of both."""
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), pupils)
    x = rng.normal(size=school.size)
    y = 1.0 + x + rng.normal(0, 1, schools)[school] + rng.normal(0, 1, school.size)
    ws = rng.uniform(1, 5, schools)[school]
    return pd.DataFrame(
        {
            "school": school,
            "county": school // 4,
            "stratum": school // 8,
            "number": school % 8,
            "area": np.arange(school.size) % 7,
            "x": x,
            "y": y,
            "ws": ws,
            "w": ws * rng.uniform(1, 3, school.size),
        }
    )


ROWS = sample()
