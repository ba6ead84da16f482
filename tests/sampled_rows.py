"""Rows of a small assessment by a sample of schools: weights, replicates and plausible values.

Two waves of 75 new schools each. Girls are ahead of boys, by less in the second wave; few speak a
third language at home.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np
import pandas as pd

from mlm.configuration import load_configuration
from mlm.configuration.models import Configuration
from mlm.results.survey.survey import SurveyAccount
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave

SCHOOLS = 75  # in each wave
DRAWS = 5
REPLICATES = 80
FAY = 0.5
CUT = 420.0
LINKING = 2.3  # standard error of the link between the waves, in points
WAVES = ("2018", "2022")
FEW = MappingProxyType({"2018": 6, "2022": 13})  # pupils who speak a third language
ABSENT = 20  # pupils of a wave without a questionnaire
CATEGORIES = MappingProxyType({"sex": ("F", "M"), "language": ("test", "other", "third")})


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
    """Rows of each wave: ids, variables, ``weight``, ``pv1`` to ``pv5``; ``math`` is the first.

    Weights of the replicates are in :func:`replicate_factors`.
    """
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
    frame["math"] = frame["pv1"]
    frame.loc[rng.choice(n, ABSENT, replace=False), "language"] = ""
    return frame


def complete_rows(wave: str) -> pd.DataFrame:
    """Rows of a wave of which the models know all."""
    rows = sampled_rows()[wave]
    return rows[rows["language"] != ""]


@cache
def replicate_factors(wave: str) -> np.ndarray:
    """What multiplies the weights of each school in each replicate, by Fay's method.

    Returns
    -------
    ndarray (schools, replicates)
    """
    rng = np.random.default_rng(int(wave))
    signs = rng.choice([-1.0, 1.0], (SCHOOLS // 2 + 1, REPLICATES))
    pairs, half = np.divmod(np.arange(SCHOOLS), 2)
    return 1.0 + (1.0 - FAY) * signs[pairs] * (1.0 - 2.0 * half)[:, None]


@cache
def _stored_account() -> str:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        path = folder / "assessment.yaml"
        path.write_text(json.dumps(stored_configuration()), encoding="utf-8")
        found = load_configuration(path)
        tables, ledgers = {}, {}
        for wave, frame in sampled_rows().items():
            frame.to_csv(folder / "data" / f"{wave}.csv", index=False)
            table, ledgers[wave] = clean_wave(found, wave, folder)
            tables[wave] = table.to_pandas()
        return link_waves(found, tables, ledgers).to_json()


def survey_account() -> SurveyAccount:
    """The account of the linked survey."""
    return SurveyAccount.model_validate_json(_stored_account())
