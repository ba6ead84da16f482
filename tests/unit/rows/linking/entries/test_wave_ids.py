"""Ids that recur against the design are told pair by pair, whatever other waves there are."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.configuration.loading import load_configuration
from mlm.rows.linking.linking import link_waves
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION

N_SCHOOLS, N_PUPILS = 3, 12

# ids of the pupils of a wave, by the kind of the file
KINDS = {
    "serial": lambda wave: [str(i + 1) for i in range(N_PUPILS)],
    "padded": lambda wave: [f"{i + 1:05d}" for i in range(N_PUPILS)],
    "serial with a gap": lambda wave: [str(i + 1 + (i > 5)) for i in range(N_PUPILS)],
    "persons": lambda wave: [f"p{i * 7}" for i in range(N_PUPILS)],
    "in their school": lambda wave: [str(i // N_SCHOOLS + 1) for i in range(N_PUPILS)],
    "new": lambda wave: [f"w{wave}n{i}" for i in range(N_PUPILS)],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recurrence")


def doubts(folder, kinds) -> set[tuple[int, int, int]]:
    """Pairs of waves whose pupils seem to recur, and how many; a kind may carry its wave."""
    text = CONFIGURATION.replace("same_pupils", "same_schools").replace(
        "level: pupil", "level: row"
    )
    start, end = text.index("waves:\n"), text.index("variables:\n")
    waves = [f'  - {{name: "{i}", time: {i}, files: [{i}.csv]}}\n' for i, _ in enumerate(kinds)]
    path = folder / "survey.yaml"
    path.write_text(text[:start] + "waves:\n" + "".join(waves) + text[end:], encoding="utf-8")
    frames = {}
    for i, (kind, wave) in enumerate(kinds):
        rows = range(N_PUPILS)
        frames[str(i)] = pd.DataFrame(
            {
                "school": [str(row % N_SCHOOLS) for row in rows],
                "pupil": KINDS[kind](wave),
                "score": [float(row * 5 + wave) for row in rows],
                "ses": [float(row * row % 7) for row in rows],
                "sex": [row % 2 for row in rows],
                "kind": ["x" if row % N_SCHOOLS else "y" for row in rows],
            }
        ).assign(sex=lambda f: f["sex"].map({0: "g", 1: "b"}))
    account = link_waves(load_configuration(path), frames)
    return {
        (int(c.wave), int(c.other), c.stay)
        for c in account.checks
        if c.kind == "recurs" and c.level == "pupil"
    }


@pytest.mark.study
@settings(max_examples=cases(25))
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=3, max_size=4))
def test_other_waves_change_no_pair(folder, kinds):
    waves = [(kind, i) for i, kind in enumerate(kinds)]
    alone = {
        (i, i + 1, stay)
        for i, pair in enumerate(itertools.pairwise(waves))
        for _, _, stay in doubts(folder, pair)
    }
    assert doubts(folder, waves) == alone


SEQUENCES = [
    (["serial", "serial", "persons"], set()),
    (["persons", "persons", "in their school"], {(0, 1, N_PUPILS)}),
    (["serial", "serial with a gap", "in their school"], {(0, 1, N_PUPILS - 1)}),
    (["in their school", "persons", "persons", "serial"], {(1, 2, N_PUPILS)}),
    (["padded", "padded", "serial with a gap"], set()),
]


@pytest.mark.parametrize(("kinds", "expected"), SEQUENCES)
def test_sequences(folder, kinds, expected):
    assert doubts(folder, [(kind, i) for i, kind in enumerate(kinds)]) == expected


def test_schools_at_the_top_that_recur_are_told_where_they_are_taken_as_new(folder):
    text = CONFIGURATION.replace("same_pupils", "new_schools").replace("level: pupil", "level: row")
    path = folder / "new.yaml"
    path.write_text(text, encoding="utf-8")
    rows = [("sch" + str(i % 4), f"{i}", i, i * i % 5, "gb"[i % 2], "xy"[i % 2]) for i in range(16)]
    frame = pd.DataFrame(rows, columns=["school", "pupil", "score", "ses", "sex", "kind"])
    later = frame.assign(score=frame["score"] + 1.0)
    account = link_waves(load_configuration(path), {"a": frame, "b": later})
    told = [(c.level, c.stay) for c in account.checks if c.kind == "recurs"]
    assert told == [("school", 4)]
