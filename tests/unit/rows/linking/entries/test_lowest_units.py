"""Units that are rows tell of their ids what units that are held tell, in any number of buckets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.rows.linking import survey_rows
from mlm.rows.linking.entries import id_buckets
from mlm.rows.linking.linking import link_waves
from mlm.rows.linking.survey_rows import SurveyRows

pytestmark = pytest.mark.slow

CONFIGURATION = """
survey: small
title: Pupils who do not recur
description: Made for a test.
source: made for a test
design: {design}
levels:
  - {{name: county, id: county, plural: counties}}
  - {{name: school, id: school}}
  - {{name: pupil{id}}}
time: {{name: year, label: Year}}
waves:
  - {{name: a, time: 0, files: [a.csv]}}
  - {{name: b, time: 1, files: [b.csv]}}
  - {{name: c, time: 2, files: [c.csv]}}
variables:
  score: {{label: Score, type: number, level: row, range: [0, 9]}}
  home: {{label: Home, type: number, level: row}}
  books: {{label: Books, type: number, level: pupil}}
  sex: {{label: Sex, type: category, level: pupil, categories: {{g: Girl, b: Boy}}}}
  kind: {{label: Kind, type: category, level: school, categories: {{x: X, y: Y}}}}
  town: {{label: Town, type: category, level: school, categories: {{t: Town, u: Rural}}}}
analyses:
  score: {{outcome: score, terms: [home, books, sex, kind, town, "kind:town", "sex:kind"]}}
  home: {{outcome: home, terms: [sex, books]}}
"""

# ids of pupils by what they are: numbers that are unique, of one length, given in each school,
# spelled in two ways
KINDS = {
    "unique": lambda rng, n: rng.permutation(5 * n)[:n].astype(str),
    "of one length": lambda rng, n: (rng.permutation(8 * n)[:n] + 1000).astype(str),
    "in schools": lambda rng, n: (np.arange(n) % 7 + 1).astype(str),
    "shared": lambda rng, n: np.char.add("p", rng.integers(0, 3 * n, n).astype(str)),
    "padded": lambda rng, n: np.where(
        rng.random(n) < 0.5,
        rng.integers(1, n, n).astype(str),
        np.char.zfill(rng.integers(1, n, n).astype(str), 3),
    ),
    "letters": lambda rng, n: np.array(
        [f"É {k}" if k % 3 else f"é{k}" for k in rng.integers(1, n, n)]
    ),
}


def waves_of(kind: str, rng: np.random.Generator, n: int = 120) -> dict[str, pd.DataFrame]:
    """Three waves as cleaning leaves them: sorted by their ids, each path once."""
    waves = {}
    for wave in "abc":
        school = rng.integers(0, 12, n)
        frame = pd.DataFrame(
            {
                "county": (school % 4).astype(str),
                "school": np.char.add("s", school.astype(str)),
                "pupil": KINDS[kind](rng, n),
                "score": rng.integers(0, 9, n).astype(float),
                "home": rng.normal(size=n),
                "books": rng.normal(size=n),
                "sex": rng.choice(["g", "b"], n),
                "kind": np.where(school % 2, "x", "y"),
                "town": np.where(school % 3, "t", "u"),
            }
        )
        for name in ("score", "home", "books", "sex"):
            frame[name] = frame[name].astype(object).where(rng.random(n) > 0.2, None)
        ids = ["county", "school", "pupil"]
        frame = frame.drop_duplicates(ids)
        key = [frame[name].map(str.encode) for name in reversed(ids)]
        frame = frame.iloc[np.lexsort(key)].astype(dict.fromkeys(("score", "home", "books"), float))
        waves[wave] = frame.reset_index(drop=True)
    return waves


@pytest.fixture
def configured(tmp_path):
    def make(design: str, declared: str):
        path = tmp_path / "small.yaml"
        path.write_text(CONFIGURATION.format(design=design, id=declared), encoding="utf-8")
        return load_configuration(path)

    return make


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("declared", [", id: pupil", ", id: pupil, ids: local", ""])
def test_units_that_are_rows_are_counted_as_those_that_are_held(
    kind, declared, configured, monkeypatch
):
    configuration = configured("same_schools", declared)
    waves = waves_of(kind, np.random.default_rng(len(kind)))
    assert SurveyRows(configuration, waves).held == ("county", "school")
    found = [link_waves(configuration, waves)]
    for rows in (7, 60):
        monkeypatch.setattr(id_buckets, "HELD_ROWS", rows)
        found.append(link_waves(configuration, waves))
    monkeypatch.setattr(survey_rows.SurveyRows, "_rows_are_units", lambda self: False)
    expected = link_waves(configuration, waves)
    assert all(each == expected for each in found)


def test_rows_in_any_order_are_held_and_counted_alike(configured):
    configuration, rng = configured("same_schools", ", id: pupil"), np.random.default_rng(1)
    waves = waves_of("shared", rng)
    mixed = {wave: frame.sample(frac=1.0, random_state=3) for wave, frame in waves.items()}
    assert SurveyRows(configuration, mixed).held == ("county", "school", "pupil")
    assert link_waves(configuration, mixed).levels == link_waves(configuration, waves).levels


def test_what_buckets_took_up_is_given_back(tmp_path, configured, monkeypatch):
    monkeypatch.setattr(id_buckets, "HELD_ROWS", 50)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    SurveyRows(
        configured("same_schools", ", id: pupil"), waves_of("unique", np.random.default_rng(2))
    )
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_spellings_and_shared_ids_of_rows_are_found(configured, monkeypatch):
    monkeypatch.setattr(id_buckets, "HELD_ROWS", 50)
    configuration = configured("same_schools", ", id: pupil")
    rows = SurveyRows(configuration, waves_of("padded", np.random.default_rng(6)))
    assert rows.lowest.spelled and rows.lowest.n_shared > 0
    assert rows.lowest.again.sum() >= rows.lowest.n_shared
