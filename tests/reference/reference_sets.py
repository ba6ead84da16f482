"""Real surveys with fits by lme4, read and fitted once a session."""

from __future__ import annotations

import json
import os
import warnings
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import mlm
from mlm.errors import SingularFit
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("MLM_REFERENCE_DATA", ROOT.parent / "shared" / "data"))

# columns that are ids or categories, whatever their digits look like
TEXT = {
    "egsingle": ("school", "pupil", "retained", "black", "hispanic"),
    "exam": ("school", "pupil"),
    "chem97": ("lea", "school", "pupil"),
    "sleepstudy": ("subject",),
    "dyestuff2": ("batch",),
    "ilea567": ("school", "year"),
    "pisa_europe": ("country", "wave", "school", "student"),
    "star": ("school", "pupil", "teacher", "grade"),
}
NEEDS_DATA = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="no reference data beside the project (../shared/data or $MLM_REFERENCE_DATA)",
)


@cache
def reference(name: str) -> dict:
    """Reference fits of a data set, ``{}`` where the data are absent."""
    path = FOLDER / name / "reference.json"
    return json.loads(path.read_text()) if path.is_file() else {}


@cache
def rows(name: str) -> pd.DataFrame:
    """Rows of a data set, with the columns that its reference derived."""
    text = dict.fromkeys(TEXT[name], str)
    frame = pd.read_csv(FOLDER / name / "data.csv.gz", dtype=text)
    if name == "ilea567":
        frame = frame.assign(year_f=frame["year"], year_c=frame["year"].astype(int) - 1986)
    if name == "pisa_europe":
        wave = frame["country"] + ":" + frame["wave"]
        frame = frame.assign(wave_f=frame["wave"], country_wave=wave)
        frame = frame.assign(country_wave_school=wave + ":" + frame["school"])
    return frame


@cache
def model(name: str, label: str, criterion: str) -> dict:
    """One reference fit."""
    models = reference(name)["models"]
    return next(m for m in models if (m["name"], m["estimator"]) == (label, criterion))


@cache
def statistics(name: str, label: str):
    """Cross-products for one model of a data set; its criteria share them."""
    entry = model(name, label, "ML")
    frame = rows(name)
    for variable, values in (entry["factor_levels"] or {}).items():
        frame = frame.assign(**{variable: pd.Categorical(frame[variable], values)})
    return statistics_of(parse_formula(entry["formula"]), frame)


@cache
def fitted(name: str, label: str, criterion: str):
    """Our fit of one reference model."""
    formula = model(name, label, criterion)["formula"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        return mlm.fit(formula, statistics(name, label), criterion=criterion)


@cache
def effects(name: str, label: str, criterion: str):
    """Our posterior means of one reference model."""
    return mlm.posterior_means(fitted(name, label, criterion), statistics(name, label))


def plain_term(name: str) -> str:
    """Our name of a column as R writes it: ``escs``, ``vr_bandvr2``, ``(Intercept)``."""
    return "(Intercept)" if name == "Intercept" else name.replace("[T.", "").replace("]", "")
