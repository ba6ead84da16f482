"""A small survey with gaps, imputed row by row, and written as programs write imputations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from mlm.configuration import Configuration, load_configuration
from tests.unit.rows.files.formats import write

M = 3
WAVES = ("a", "b")
GAPS = ("ses", "tongue", "money")
CONFIGURATION = """\
survey: gaps
title: Gaps
description: Rows that lack something.
source: made for tests
design: same_schools
levels: [{{name: school, id: school}}, {{name: pupil, id: pupil}}]
time: {{name: year, label: Year}}
waves:
  - {{name: a, time: 0, files: [a{suffix}]}}
  - {{name: b, time: 1, files: [b{suffix}]}}
variables:
  score: {{label: Score, type: number, level: row, missing: {{NA: no answer}}}}
  ses: {{label: Home, type: number, level: row, missing: {{NA: no answer}}}}
  age: {{label: Age, type: number, level: row}}
  tongue: {{label: Language, type: category, level: row, categories: {{x: X, y: Y, z: Z}},
            missing: {{NA: no answer}}}}
  money: {{label: Money, type: number, level: school, missing: {{NA: no answer}}}}
  school_ses: {{label: Home of the school, type: number, level: school,
                aggregate: {{of: ses, within: school, statistic: mean}}}}
  older: {{label: Older and poorer, type: number, level: row, derive: "age - ses"}}
analyses:
  score: {{outcome: score, terms: [ses, age, tongue, money, school_ses], slopes: [],
           pupil_interactions: false}}
  plain: {{outcome: score, terms: [age], slopes: [], pupil_interactions: false}}
missing: {missing}
"""


def observed_waves(seed: int = 1, schools: int = 12, pupils: int = 15) -> dict[str, pd.DataFrame]:
    """Rows of both waves with gaps that depend on the score; some have no score."""
    rng = np.random.default_rng(seed)
    waves = {}
    for k, wave in enumerate(WAVES):
        school = np.repeat(np.arange(schools), pupils)
        n = school.size
        ses = rng.normal(size=n) + 0.1 * school
        score = 500 + 20 * k + 10 * ses + 5 * rng.normal(size=schools)[school]
        score += 15 * rng.normal(size=n)
        frame = pd.DataFrame(
            {
                "school": [f"s{s:02d}" for s in school],
                "pupil": [f"p{i:03d}" for i in range(n)],
                "score": score.round(2),
                "ses": ses.round(4),
                "age": (15 + rng.normal(size=n)).round(2),
                "tongue": rng.choice(list("xyz"), n, p=[0.6, 0.3, 0.1]),
                "money": np.round(100 + 3.0 * school + k, 1),
            }
        )
        frame.loc[rng.random(n) < 0.6 / (1 + np.exp((score - 500) / 10)), "ses"] = np.nan
        frame.loc[rng.random(n) < 0.15, "tongue"] = ""
        frame.loc[np.isin(school, [2, 5]), "money"] = np.nan
        frame.loc[rng.random(n) < 0.08, "score"] = np.nan
        waves[wave] = frame.iloc[rng.permutation(n)].reset_index(drop=True)
    return waves


def imputed_waves(
    observed: dict[str, pd.DataFrame], seed: int = 2, draws: int = M
) -> dict[str, list[pd.DataFrame]]:
    """Each gap filled by a draw: home from score, languages and schools' money at random."""
    rng = np.random.default_rng(seed)
    return {wave: [_imputed(frame, rng) for _ in range(draws)] for wave, frame in observed.items()}


def _imputed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    made = frame.copy()
    for place, row in frame.iterrows():
        if np.isnan(row["ses"]):
            near = 0.0 if np.isnan(row["score"]) else 0.03 * (row["score"] - 500)
            made.loc[place, "ses"] = round(near + 0.8 * rng.normal(), 4)
        if row["tongue"] == "":
            made.loc[place, "tongue"] = rng.choice(["x", "y"])
    for school in frame.loc[frame["money"].isna(), "school"].unique():
        made.loc[made["school"] == school, "money"] = round(110 + 8 * rng.normal(), 1)
    made["score"] = made["score"].fillna(500.0)  # imputed too, and not used
    return made


def _stacked(
    frame: pd.DataFrame,
    imputed: list[pd.DataFrame],
    name: str,
    row: str | None,
    with_observed: bool = True,
) -> pd.DataFrame:
    """Data sets below each other, numbered, each row with its number in them."""
    parts = []
    for number, part in enumerate([frame, *imputed]):
        if number or with_observed:
            head = {name: float(number)}
            rows = {row: np.arange(1.0, len(part) + 1)} if row else {}
            parts.append(part.assign(**head, **rows))
    return pd.concat(parts, ignore_index=True)


def _in_one(folder: Path, waves, imputed, name: str, row: str, suffix: str = ".csv") -> str:
    for wave, frame in waves.items():
        write(folder / f"{wave}{suffix}", _stacked(frame, imputed[wave], name, row))
    return f"{{method: files, column: {name}, row: {row}, draws: {len(imputed['a'])}}}"


def mice(folder: Path, waves, imputed) -> str:
    """``complete(imp, "long", include = TRUE)``, as ``write.csv`` writes it."""
    for wave, frame in waves.items():
        long = _stacked(frame, imputed[wave], ".imp", ".id").replace("", np.nan)
        long.to_csv(folder / f"{wave}.csv", index=False, na_rep="NA")
    return f"{{method: files, column: .imp, row: .id, draws: {len(imputed['a'])}}}"


def jomo(folder: Path, waves, imputed) -> str:
    """The data frame that ``jomo`` returns: the observed rows first."""
    return _in_one(folder, waves, imputed, "Imputation", "id")


def stata(folder: Path, waves, imputed) -> str:
    """``mi convert flong``."""
    return _in_one(folder, waves, imputed, "_mi_m", "_mi_id", ".dta")


def spss(folder: Path, waves, imputed) -> str:
    """The data set that ``MULTIPLE IMPUTATION`` writes, split by ``Imputation_``."""
    for wave, frame in waves.items():
        write(folder / f"{wave}.sav", _stacked(frame, imputed[wave], "Imputation_", None))
    return f"{{method: files, column: Imputation_, draws: {len(imputed['a'])}}}"


def blimp(folder: Path, waves, imputed) -> str:
    """``stacked``: imputations alone, beside the file that was read."""
    for wave, frame in waves.items():
        write(folder / f"{wave}.csv", frame)
        long = _stacked(frame, imputed[wave], "imputation", None, with_observed=False)
        write(folder / f"{wave}_imps.csv", long)
    files = ", ".join(f"{wave}: {wave}_imps.csv" for wave in waves)
    return f"{{method: files, files: {{{files}}}, column: imputation, draws: {len(imputed['a'])}}}"


def one_each(folder: Path, waves, imputed) -> str:
    """A file an imputation, as lists of mitml, hmi and Blimp (``separate``) are written."""
    rng = np.random.default_rng(3)
    for wave, frame in waves.items():
        write(folder / f"{wave}.csv", frame)
        for number, part in enumerate(imputed[wave], start=1):
            order = rng.permutation(len(part))  # ids tell which row is which
            write(folder / f"{wave}_{number}.csv", part.iloc[order].reset_index(drop=True))
    names = ", ".join(f"{wave}: '{wave}_{{1..{len(imputed['a'])}}}.csv'" for wave in waves)
    return f"{{method: files, files: {{{names}}}}}"


FORMS: dict[str, Callable[..., str]] = {
    form.__name__: form for form in (mice, jomo, stata, spss, blimp, one_each)
}
SUFFIXES = {"stata": ".dta", "spss": ".sav"}


def write_imputed(folder: Path, form: str, waves, imputed, change: Callable = str) -> Configuration:
    """Write a survey with its imputations in one of the forms; its configuration.

    Parameters
    ----------
    change : callable
        What becomes of the text of the configuration.
    """
    missing = FORMS[form](folder, waves, imputed)
    text = CONFIGURATION.format(suffix=SUFFIXES.get(form, ".csv"), missing=missing)
    path = folder / "gaps.yaml"
    path.write_text(change(text), encoding="utf-8")
    return load_configuration(path)
