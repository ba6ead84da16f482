"""Rows that lack covariates, held against rows that are counted and regressed one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from mlm.configuration import load_configuration
from mlm.rows.linking import missing_patterns
from mlm.rows.linking.missing_account import missing_covariates
from mlm.rows.linking.survey_rows import SurveyRows, first_of_entries

CONFIGURATION = """\
survey: gaps
title: Gaps
description: Rows that lack something.
source: made for tests
design: same_schools
levels: [{name: county, id: county}, {name: school, id: school}, {name: pupil}]
time: {name: year, label: Year, below: school}
waves:
  - {name: a, time: 0, files: [a.csv]}
  - {name: b, time: 1, files: [b.csv]}
variables:
  score: {label: Score, type: number, level: row}
  ses: {label: Home, type: number, level: row}
  age: {label: Age, type: number, level: row}
  tongue: {label: Language, type: category, level: row, categories: {x: X, y: Y, z: Z}}
  money: {label: Money, type: number, level: school}
analyses:
  all: {outcome: score, terms: [ses, age, tongue, money, "ses^2"]}
  some: {outcome: score, terms: [ses, tongue]}
"""
NINE_DIGITS = 1e-8  # of stored numbers
FEW = missing_patterns.PACKED
NAMES = ("ses", "age", "tongue", "money")


def drawn_waves(seed: int) -> dict[str, pd.DataFrame]:
    """Rows of two waves whose gaps depend on score, county and each other."""
    rng = np.random.default_rng(seed)
    waves = {}
    for k, wave in enumerate("ab"):
        n = 600
        school = rng.integers(0, 24, n)
        score = 500 + 30 * k + 5 * school + 20 * rng.normal(size=n)
        frame = pd.DataFrame(
            {
                "county": [f"c{s % 6}" for s in school],
                "school": [f"s{s}" for s in school],
                "pupil": [f"{wave}{i}" for i in range(n)],
                "score": score,
                "ses": 0.01 * score + rng.normal(size=n),
                "age": 15 + rng.normal(size=n),
                "tongue": rng.choice(list("xyz"), n),
                "money": 1e6 + 3.0 * school,
            }
        )
        frame.loc[rng.random(n) < 1 / (1 + np.exp((score - 480) / 10)), "ses"] = np.nan
        frame.loc[
            (rng.random(n) < 0.1) | (frame["ses"].isna() & (rng.random(n) < 0.5)), "tongue"
        ] = None
        frame.loc[np.isin(school, [3, 7 + k, 11]), "money"] = np.nan
        frame.loc[rng.random(n) < 0.05, "score"] = np.nan
        waves[wave] = frame.sort_values(["county", "school", "pupil"], ignore_index=True)
    return waves


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gaps")
    (folder / "gaps.yaml").write_text(CONFIGURATION, encoding="utf-8")
    configuration, waves = load_configuration(folder / "gaps.yaml"), drawn_waves(3)
    (account,) = missing_covariates(configuration, SurveyRows(configuration, waves))
    rows = pd.concat([frame.assign(wave=wave) for wave, frame in waves.items()], ignore_index=True)
    return account, rows[rows["score"].notna()].reset_index(drop=True)


def test_rows_and_units_that_lack_a_variable_are_counted_by_wave(made):
    account, rows = made
    assert [item.variable for item in account.variables] == ["ses", "tongue", "money"]
    for item in account.variables:
        for found in item.by_wave:
            own = rows[rows["wave"] == found.wave]
            gone = own[own[item.variable].isna()]
            schools = [len(set(part["school"])) for part in (gone, own)]
            units = schools if item.level == "school" else [len(gone), len(own)]
            assert [found.rows, found.with_outcome, found.groups, found.units] == [
                len(gone),
                len(own),
                *units,
            ]


@pytest.mark.parametrize("analysis", ["all", "some"])
def test_patterns_are_those_of_the_rows(analysis, made):
    account, rows = made
    names = [name for name in NAMES if analysis == "all" or name in ("ses", "tongue")]
    found = next(item for item in account.analyses if item.analysis == analysis)
    told = {item.variables: (item.rows, item.groups) for item in found.patterns}
    assert len(told) == len(found.patterns)
    counted = {}
    for gone in itertools.product([False, True], repeat=len(names)):
        own = rows[(rows[names].isna().to_numpy() == gone).all(axis=1)]
        if len(own):
            lacking = tuple(name for name, is_gone in zip(names, gone, strict=True) if is_gone)
            counted[lacking] = len(own), len(set(own["school"]))
    assert told == counted and found.level == "school"
    assert [item.rows for item in found.patterns] == sorted((n for n, _ in told.values()))[::-1]


def regressed(rows: pd.DataFrame, variable: str, column: pd.Series) -> tuple[float, float, int]:
    """Least squares on lacking and waves, with the sandwich of clusters, row by row."""
    has = column.notna().to_numpy()
    y, own = column[has].to_numpy(float), rows[has]
    lacks = own[variable].isna().to_numpy(float)
    waves = (own["wave"] == "b").to_numpy(float)
    x = np.column_stack([lacks, np.ones_like(y), waves])
    bread = np.linalg.inv(x.T @ x)
    residual = y - x @ (bread @ x.T @ y)
    county = own["county"].to_numpy()
    scores = np.array([x[county == c].T @ residual[county == c] for c in np.unique(county)])
    meat = scores.T @ scores * len(scores) / (len(scores) - 1)
    within = y - np.array([y[waves == w].mean() for w in (0.0, 1.0)])[waves.astype(int)]
    sd = np.sqrt(np.mean(within**2))
    return (bread @ x.T @ y)[0] / sd, np.sqrt((bread @ meat @ bread)[0, 0]) / sd, int(lacks.sum())


def test_differences_are_those_of_a_regression_by_clusters(made):
    account, rows = made
    compared = 0
    for item in account.variables:
        assert item.unlike[0].column.variable == "score"
        for found in item.unlike:
            factor, column = found.column, rows[found.column.variable]
            if factor.category is not None:
                column = (column == factor.category).where(column.notna()).astype(float)
            size, error, n = regressed(rows, item.variable, column)
            assert found.standardised == pytest.approx(size, rel=NINE_DIGITS, abs=1e-12)
            assert found.std_error == pytest.approx(error, rel=NINE_DIGITS)
            ends = student.interval(0.95, found.df, found.standardised, found.std_error)
            assert (found.lower, found.upper) == pytest.approx(ends, rel=10 * NINE_DIGITS)
            has = column.notna()
            clusters = [set(rows["county"][has & gone]) for gone in
                        (rows[item.variable].isna(), rows[item.variable].notna())]  # fmt: skip
            assert (found.n, found.groups) == (n, len(clusters[0]))
            members = column[rows[item.variable].isna()].sum() if factor.category else None
            assert found.members == members
            assert found.df == min(map(len, clusters)) - 1
            compared += 1
    assert compared == 6 + 4 + 6  # the three categories of the language each
    ses = account.variables[0].unlike[0]
    assert ses.standardised < -1.0 and ses.standardised + 4 * ses.std_error < 0.0


def test_nothing_is_lacking_where_all_rows_are_complete(tmp_path):
    (tmp_path / "gaps.yaml").write_text(CONFIGURATION, encoding="utf-8")
    configuration = load_configuration(tmp_path / "gaps.yaml")
    waves = {wave: frame.dropna() for wave, frame in drawn_waves(4).items()}
    (account,) = missing_covariates(configuration, SurveyRows(configuration, waves))
    assert account.variables == ()
    assert [[(p.variables, p.rows) for p in item.patterns] for item in account.analyses] == [
        [((), sum(map(len, waves.values())))]
    ] * 2


@pytest.mark.parametrize("n_covariates", [1, 4, FEW, FEW + 1])
def test_patterns_are_numbered_as_they_first_appear(n_covariates):
    rng, known, expected = np.random.default_rng(n_covariates), {}, {}
    for _ in range(3):
        lacking = rng.random((n_covariates, 50)) < 0.2
        numbers = missing_patterns._numbered(lacking, known)
        own = [expected.setdefault(tuple(row), len(expected)) for row in lacking.T.tolist()]
        assert numbers.tolist() == own
    assert [tuple(np.frombuffer(code, dtype=bool).tolist()) for code in known] == list(expected)


def test_the_first_value_of_each_entry_is_found():
    rng = np.random.default_rng(3)
    entry, has = np.repeat(np.arange(40), rng.integers(1, 6, 40)), rng.random(200) < 0.5
    has = has[: len(entry)]
    found = first_of_entries(entry, has)
    first = {}
    for row in np.flatnonzero(has).tolist():
        first.setdefault(int(entry[row]), row)
    assert set(first.values()) <= set(found.tolist()) <= set(np.flatnonzero(has).tolist())
    assert len(found) < has.sum()
