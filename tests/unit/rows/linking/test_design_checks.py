"""Units whose id the next wave has in another unit above are counted."""

from __future__ import annotations

import pandas as pd
import pytest

from mlm.configuration.loading import load_configuration
from mlm.rows.linking.linking import link_waves
from tests.unit.rows.small_survey import CONFIGURATION

SCHOOLS, PUPILS = 5, 100


@pytest.fixture
def survey(tmp_path):
    def load(ids=""):
        path = tmp_path / "survey.yaml"
        path.write_text(CONFIGURATION.replace("id: pupil}", f"id: pupil{ids}}}"), encoding="utf-8")
        return load_configuration(path)

    return load


def wave(school=lambda i: i % SCHOOLS, pupil=lambda i: i + 1) -> pd.DataFrame:
    """Pupils 1 to 100, numbered over all schools."""
    return pd.DataFrame(
        {
            "school": [f"s{school(i)}" for i in range(PUPILS)],
            "pupil": [str(pupil(i)) for i in range(PUPILS)],
            "score": [float(i * 3 % 50) for i in range(PUPILS)],
            "ses": [float(i * i % 7) for i in range(PUPILS)],
            "sex": ["g" if i // 2 % 2 else "b" for i in range(PUPILS)],
            "kind": "x",
        }
    )


def elsewhere(configuration, before, after) -> list[tuple]:
    checks = link_waves(configuration, {"a": before, "b": after}).checks
    return [(c.level, c.count, c.of, c.result) for c in checks if c.kind == "found_elsewhere"]


def moved(n: int):
    """Schools of the second wave: the first pupils are in the next school."""
    return lambda i: (i + (i < n)) % SCHOOLS


def test_pupils_who_moved_are_doubted_where_ids_look_unique(survey):
    found = elsewhere(survey(), wave(), wave(moved(20)))
    assert found == [("pupil", 20, PUPILS, "warning")]


def test_pupils_who_moved_are_information_where_ids_are_said_to_be_local(survey):
    found = elsewhere(survey(", ids: local"), wave(), wave(moved(20)))
    assert found == [("pupil", 20, PUPILS, "ok")]


def test_ids_that_each_school_gives_anew_are_no_moves(survey):
    def number(i):
        return i // SCHOOLS + 1

    assert elsewhere(survey(), wave(pupil=number), wave(pupil=number)) == []


def test_a_school_that_is_spelled_otherwise_is_no_other_one(survey):
    after = wave().replace({"school": {"s1": "S1"}})
    assert elsewhere(survey(), wave(), after) == []
