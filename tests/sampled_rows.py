"""Rows of a small assessment by a sample of schools: weights, replicates and plausible values.

Two waves of 75 new schools each. Girls are ahead of boys, by less in the second wave; few speak a
third language at home.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd

from mlm.configuration.models import Configuration

SCHOOLS = 75  # in each wave
DRAWS = 5
REPLICATES = 80
FAY = 0.5
CUT = 420.0
LINKING = 2.3  # standard error of the link between the waves, in points
WAVES = ("2018", "2022")
FEW = MappingProxyType({"2018": 6, "2022": 13})  # pupils who speak a third language
ABSENT = 20  # pupils of a wave without a questionnaire


def stored_configuration() -> dict:
    """The configuration as its file gives it."""
    return {
        "survey": "assessment",
        "title": "Assessment of pupils (invented)",
        "description": "Two samples of schools and their pupils of 15 years.",
        "source": "Invented for tests.",
        "design": "new_schools",
        "levels": [
            {"name": "school", "id": "school", "plural": "schools"},
            {"name": "pupil", "id": "pupil", "plural": "pupils"},
        ],
        "time": {"name": "year", "label": "Year", "coding": "categories"},
        "waves": [
            {"name": wave, "time": float(wave), "files": [f"data/{wave}.csv"]} for wave in WAVES
        ],
        "variables": {
            "math": _number("Mathematics score", phrase="the mathematics score", unit="points"),
            "sex": _categories(
                "Sex",
                F={"label": "Girl", "phrase": "girls"},
                M={"label": "Boy", "phrase": "boys"},
            ),
            "language": _categories(
                "Language at home",
                test={"label": "Language of the test", "phrase": "pupils who speak it at home"},
                other={"label": "Other", "phrase": "pupils with another language"},
                third={"label": "Sign language", "phrase": "pupils with a sign language"},
            ),
            "escs": _number(
                "Status of the home", phrase="the status of the home", unit="standard deviations"
            ),
        },
        "sampling": {
            "weights": {"pupil": "weight"},
            "school_weight": "mean",
            "replicates": {"method": "fay", "factor": FAY, "columns": f"rep1-rep{REPLICATES}"},
        },
        "plausible_values": {"math": f"pv1-pv{DRAWS}"},
        "minimum_proficiency": {"math": CUT},
        "linking_error": {"math": {"2018 to 2022": LINKING}},
        "analyses": {
            "math": {
                "title": "Mathematics at the age of 15",
                "outcome": "math",
                "terms": ["sex", "language", "escs"],
                "time_interactions": ["sex"],
                "slopes": ["escs"],
            }
        },
    }


def configuration() -> Configuration:
    """The configuration of the assessment."""
    return Configuration.model_validate(stored_configuration())


def _number(label: str, **more) -> dict:
    return {"label": label, "type": "number", "level": "row", **more}


def _categories(label: str, **categories) -> dict:
    return {"label": label, "type": "category", "level": "row", "categories": categories} | {
        "reference": next(iter(categories)),
        "missing": {"": "not recorded"},
    }


@cache
def sampled_rows() -> dict[str, pd.DataFrame]:
    """Rows of each wave: ids, variables, ``weight``, ``pv1`` to ``pv5``, ``rep1`` to ``rep80``."""
    rng = np.random.default_rng(2022)
    return {wave: _wave(rng, wave, place) for place, wave in enumerate(WAVES)}


def _wave(rng: np.random.Generator, wave: str, place: int) -> pd.DataFrame:
    school = np.repeat(np.arange(SCHOOLS), rng.integers(18, 26, SCHOOLS))
    n = school.size
    girl = rng.random(n) < 0.5
    escs = (0.5 * rng.normal(size=SCHOOLS))[school] + 0.8 * rng.normal(size=n)
    language = np.where(rng.random(n) < 0.15, "other", "test").astype(object)
    language[rng.choice(n, FEW[wave], replace=False)] = "third"
    true = 462.0 - 17.0 * place + (34.0 - 20.0 * place) * (girl - 0.5) + 28.0 * escs
    true += np.where(language == "test", 0.0, -18.0) + 70.0 * rng.normal(size=n)
    true += (30.0 * rng.normal(size=SCHOOLS))[school]
    frame = pd.DataFrame(
        {
            "school": school + 1,
            "pupil": np.arange(n) + 1,
            "sex": np.where(girl, "F", "M"),
            "language": language,
            "escs": escs.round(2),
            "weight": (
                rng.uniform(20.0, 90.0 + 10.0 * place, SCHOOLS)[school] * rng.uniform(1, 1.6, n)
            ).round(3),
        }
    )
    for draw in range(1, DRAWS + 1):
        frame[f"pv{draw}"] = (true + 25.0 * rng.normal(size=n)).round(1)
    frame.loc[rng.choice(n, ABSENT, replace=False), "language"] = ""
    weights = frame["weight"].to_numpy()[:, None] * _factors(wave)[school]
    names = [f"rep{r}" for r in range(1, REPLICATES + 1)]
    return pd.concat([frame, pd.DataFrame(weights.round(4), columns=names)], axis=1)


def _factors(wave: str) -> np.ndarray:
    """What multiplies the weights of each school in each replicate, by Fay's method."""
    rng = np.random.default_rng(int(wave))
    signs = rng.choice([-1.0, 1.0], (SCHOOLS // 2 + 1, REPLICATES))
    pairs, half = np.divmod(np.arange(SCHOOLS), 2)
    return 1.0 + (1.0 - FAY) * signs[pairs] * (1.0 - 2.0 * half)[:, None]
