"""A public French report of two waves with a trend holds nothing in English, rows to page."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.pages.document import make_protected
from mlm.results.runs.provenance import Provenance
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.linking.linking import link_waves
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.evidence.merging import merge_waves
from tests.cleaned_waves import clean_wave
from tests.few_draws import few_draws

pytestmark = pytest.mark.slow

SCHOOLS, PUPILS = 30, 12
ENGLISH = re.compile(
    r"\b(the|of|and|are|was|were|with|is|not|too|few|only|has|have|each|from|which|between|waves?|"
    r"rows|found|cells?|missing|groups?|recurs|kept|excluded|codes of)\b"
)
CONFIGURATION = """\
survey: tendance
title: Une enquête
description: Deux vagues.
source: Données simulées.
language: fr
disclosure: {mode: public}
design: same_schools
levels:
  - {name: ecole, id: ecole, plural: écoles}
  - {name: eleve, id: eleve, plural: élèves, twice: first}
time: {name: annee, label: Année, coding: trend}
waves:
  - {name: "2019", time: 0, files: [2019.csv]}
  - {name: "2022", time: 3, files: [2022.csv]}
variables:
  note: {label: Note, type: number, level: row}
  milieu: {label: Milieu, type: number, level: row, missing: {nd: non déclaré}}
  sexe: {label: Sexe, type: category, level: row, categories: {F: Fille, M: Garçon, A: Autre}}
analyses:
  note: {outcome: note, terms: [milieu, sexe], slopes: [milieu]}
"""
PROVENANCE = Provenance(
    version="0.1.0",
    commit="fccb67f",
    has_changes=True,
    date="2026-11-20",
    python=None,
    packages=(),
    command=None,
    configuration=None,
)


def rows_of(wave: str, seed: int) -> pd.DataFrame:
    """Rows with everything that a ledger accounts for, and doubts of every sort that is common."""
    draw = np.random.default_rng(seed)
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    n = len(school)
    milieu = draw.normal(size=n)
    effects = np.random.default_rng(1).normal(0.0, 2.0, SCHOOLS)
    rows = pd.DataFrame(
        {
            "ecole": [f"e{i}" for i in school],
            "eleve": [f"{wave}-{i % PUPILS}" for i in range(n)],
            "note": (50 + effects[school] + 2 * milieu + draw.normal(0.0, 5.0, n)).round(2),
            "milieu": milieu.round(3).astype(str),
            "sexe": ["FMA"[i % (3 if wave == "2019" else 2)] for i in range(n)],
        }
    )
    rows.loc[::17, "milieu"] = "nd"
    rows.loc[5:8, "note"] = np.nan
    more = rows.iloc[[3, 4]].assign(ecole=["", "e0"])
    return pd.concat([rows, more], ignore_index=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tendance")
    (folder / "t.yaml").write_text(CONFIGURATION, encoding="utf-8")
    configuration = load_configuration(folder / "t.yaml")
    tables, ledgers = {}, {}
    for seed, wave in enumerate(configuration.wave_names):
        rows_of(wave, seed).to_csv(folder / f"{wave}.csv", index=False)
        table, ledgers[wave] = clean_wave(configuration, wave)
        tables[wave] = table.to_pandas()
    survey = link_waves(configuration, tables, ledgers)
    columns = columns_of_survey(configuration, tables["2019"])
    parts = {
        wave: accumulate_wave(configuration, wave, table, columns)["note"]
        for wave, table in tables.items()
    }
    plan = plan_of(configuration, "note")
    with few_draws():
        results, _ = analyse(plan, merge_waves(plan, parts), survey)
    return results, make_protected(configuration, "note", results, survey, PROVENANCE).document


def runs_of(value) -> list[str]:
    """Every sentence, heading, label and cell of a document."""
    if isinstance(value, list):
        return [text for item in value for text in runs_of(item)]
    if not isinstance(value, dict):
        return []
    if "source" in value:
        return []
    own = [value[key] for key in ("text", "title", "caption") if key in value]
    found = [text for text in own if isinstance(text, str)]
    for key in ("runs", "alt"):
        found += ["".join(run["text"] for run in value[key])] if key in value else []
    skipped = {"source", "sources", "runs", "alt", "formula"}
    return [*found, *runs_of([item for key, item in value.items() if key not in skipped])]


def test_two_waves_carry_no_line_of_schools(made):
    results, _ = made
    forms = {step.form for step in results.settled.random_part.path}
    assert "line" not in forms | {item.form for item in results.settled.random_part.levels}


def test_no_sentence_is_left_in_english(made):
    texts = runs_of(made[1])
    assert any("trop peu de vagues" in text for text in texts)
    assert [text for text in texts if ENGLISH.search(text) and "~" not in text] == []
