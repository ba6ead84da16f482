"""What is read off the settled model holds as often as it says: all of it from the same surveys.

The whole study, a thousand surveys of each world, takes ten hours of processor time a size and is
drawn by the command of ``settled_study``, which goes on where it was left. Here is what a quarter
of an hour a size shows: the first surveys of each world, those with the same promise together.
``MLM_REPLICATES`` asks for more of them.
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from tests.recovery.promises import OVER_ALL, judged, promised
from tests.recovery.settled_answers import answers
from tests.recovery.settled_study import cells, draw, pooled, read, table
from tests.recovery.settled_worlds import COUNTY, PUPILS, ROWS, SCHOOL, UNITS, World, worlds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]
REPLICATES = int(os.environ.get("MLM_REPLICATES", "25"))
TINY = World("new_schools", 8, 3, 4, 0.9)


@pytest.mark.study
@pytest.mark.parametrize("size", ["small", "large"])
def test_every_rate_lies_in_its_band(size, tmp_path):
    path = tmp_path / "rates.jsonl"
    draw(size, path, REPLICATES, (0, 1))
    outside = [cell for cell in pooled(read([path])) if not cell.is_inside]
    assert not outside, table(outside)


def test_one_survey_goes_through_the_whole_chain():
    found = answers(TINY, 1)
    wanted = {"effect of x", "term of counties", "family of slopes", "share, county"}
    assert wanted | {"effects of units", "licence", "next wave"} <= set(found)
    assert all(0.0 <= value <= 1.0 for value in found.values() if not np.isnan(value))


@pytest.mark.parametrize("design", ["same_pupils", "same_schools", "new_schools"])
def test_worlds_have_the_effects_that_they_say(design):
    """Effects of the last wave and of the one to come have the variance and the correlation."""
    world, pairs = World(design, 60, 4, 1, 0.5, x=0.0), []
    for seed in range(3):
        sample = world.drawn(np.random.default_rng(seed))
        pairs += [(sample.last[unit], sample.coming[unit]) for unit in sample.last]
        units = sample.stats.n_groups[":".join(world.group)]
        assert units == 60 * (1 if world.group == COUNTY else 4)
    assert world.group in (COUNTY, SCHOOL)
    spread = np.cov(np.array(pairs).T)
    assert np.allclose(spread[1, 1], UNITS, rtol=0.4)
    assert np.allclose(spread[0, 1], 0.5 * UNITS, atol=0.15)


def test_shares_of_a_world_are_those_of_its_variances():
    world = World("same_schools", 60, 6, 8, 0.5, x=1.0)
    total = UNITS + 0.05 + PUPILS + ROWS + 1.0
    assert world.shares["county:school"] == pytest.approx(0.5 * UNITS / total)
    assert sum(world.shares.values()) == pytest.approx(1.0)
    assert not World("same_pupils", 8, 4, 5, 0.5).shares


def test_a_study_goes_on_where_it_was_left(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "tests.recovery.settled_study.answers",
        lambda world, seed: asked.append(seed) or {"correlation": float(seed % 20 > 0)},
    )
    path = tmp_path / "rates.jsonl"
    draw("small", path, 20, (0, 2))
    draw("small", path, 40, (0, 1))
    assert len(asked) == 40 * len(worlds("small"))
    found = cells(read([path]))
    assert [cell.rate for cell in found] == [0.95] * len(found)
    assert all(cell.is_inside for cell in found)


@pytest.mark.parametrize(
    ("quantity", "wrong", "right"),
    [("correlation", 0.90, 0.95), ("time by counties", 0.09, 0.05), ("licence", 0.10, 0.0)],
)
def test_bands_tell_wrong_rates_from_right_ones(quantity, wrong, right):
    where = ("large", "same_schools, 0.5, noise", quantity)
    for rate, inside in ((wrong, False), (right, True)):
        values = np.arange(1000) < 1000 * rate
        assert judged(where, values, promised(*where), looked_at=500).is_inside is inside


def test_bands_leave_less_than_one_chance_in_a_hundred_over_all():
    where = ("large", "same_schools, 0.9, policy", "correlation")
    cell, narrow = (judged(where, np.ones(1000), promised(*where), n) for n in (1, 400))
    assert OVER_ALL == 0.01
    assert narrow.low < cell.low < 0.95 < cell.high < narrow.high
    assert promised("small", "new_schools, 1", "correlation") == (0.95, 1.0)


def test_worlds_with_the_same_promise_are_pooled():
    found = {
        ("small", f"same_schools, {r}"): [{"correlation": 1.0}, {"correlation": np.nan}]
        for r in ("0", "0.5, noise", "0.9, policy", "1")
    }
    told = {cell.world: (cell.told, cell.replicates) for cell in pooled(found)}
    assert told == {
        "same_schools; 0; 1": (2, 4),
        "same_schools; 0.5, noise; 0.9, policy": (2, 4),
    }
    assert "| 2 of 4 |" in table(pooled(found))
