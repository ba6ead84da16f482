"""Relations between counts."""

from __future__ import annotations

import pytest

from tests.unit.pages.sample import (
    context_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_units_of_a_wave_are_one_count_wherever_they_are_told(given):
    from mlm.pages.disclosure.relations import key_of, survey_relations

    context = context_of(given)
    present = "results#/over_time/levels/0/details/trajectories/present/1"
    same = "results#/waves/1/groups/0/n"
    relations = [{key_of(at.source): f for f, at in terms} for terms in survey_relations(context)]
    assert {present: 1, same: -1} in relations


def test_units_of_the_models_are_those_of_the_survey_where_none_is_left_out(given):
    from mlm.pages.disclosure.relations import key_of, survey_relations

    context = context_of(given)
    relations = [{key_of(at.source): f for f, at in terms} for terms in survey_relations(context)]
    assert {"results#/levels/0/n": 1, "survey#/levels/0/distinct": -1} in relations
