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
    from mlm.pages.disclosure.relations import survey_relations

    context = context_of(given)
    present = "results#/over_time/levels/0/details/trajectories/present/1"
    same = "results#/waves/1/groups/0/n"
    relations = [{at.source: f for f, at in terms} for terms in survey_relations(context)]
    assert {present: 1, same: -1} in relations
