"""Sizes of the levels of a sample: persons are persons, wherever they were."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.nouns.levels import WAVE
from mlm.statistics.answers.data.sample import level_sizes
from tests.drawn_cases import cases
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

SIZES = {"county": 2, "school": 3, "pupil": 4, WAVE: 2, "row": (0, 1)}


def seen(movers: int, known_by: str):
    """Pupils of whom some are in the next school in the second wave, and what is known of them."""
    frame = nested_rows(np.random.default_rng(1), SIZES, {"pupil": 1.0})
    place = frame[["county", "school"]].astype(int)
    school = 3 * place["county"] + place["school"]
    person = 4 * school + frame["pupil"].astype(int)
    moves = (frame[WAVE].astype(str) == "1") & (person < movers)
    school = (school + moves) % 6
    frame = frame.assign(
        county=(school // 3).astype(str),
        school=school.astype(str),
        pupil=person.astype(str),
        **{WAVE: "w" + frame[WAVE].astype(str)},
    ).sort_values(["county", "school", "pupil"], kind="stable")
    plan = make_plan("same_pupils", waves=("w0", "w1"), by_time=(), terms=("x",))
    account = [SimpleNamespace(name="county", known_by="path")]
    account += [SimpleNamespace(name="school", known_by="path")]
    account += [SimpleNamespace(name="pupil", known_by=known_by)]
    sizes = level_sizes(plan, merged(plan, frame), SimpleNamespace(levels=account))
    pairs = frame.groupby(["county", "school", "pupil"]).ngroups
    return {item.level.unit: item for item in sizes}, pairs, frame["pupil"].nunique()


@settings(max_examples=cases(5))
@given(movers=st.integers(0, 24))
def test_a_pupil_who_moves_is_one_person_and_two_pairs(movers):
    sizes, pairs, persons = seen(movers, "id")
    assert (sizes["pupil"].n, sizes["pupil"].distinct) == (pairs, persons)
    assert sizes["county"].distinct is None and sizes["school"].distinct is None


@pytest.mark.parametrize("movers", [0, 5])
def test_pupils_whose_ids_are_used_again_in_other_schools_are_counted_by_school(movers):
    sizes, pairs, _ = seen(movers, "path")
    assert (sizes["pupil"].n, sizes["pupil"].distinct) == (pairs, None)
