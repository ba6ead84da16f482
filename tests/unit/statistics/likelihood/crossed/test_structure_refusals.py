"""What is not computed where units are crossed is refused with its kind and numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.errors import ModelError, StatisticsError
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.separable import OneRowEach, separable_levels
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.crossed import structure
from mlm.statistics.likelihood.refusals import NotWhereCrossed, UnitsInSeveral
from tests.crossed_rows import crossed_sample
from tests.nested_rows import nested_rows
from tests.plans import crossed, make_plan, merged

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
WAVES = ("w0", "w1", "w2")


def survey():
    """Pupils crossed with the 8 schools of two counties, seen once in each wave."""
    sizes = {"county": 2, "school": 4, "pupil": 5, WAVE: 3}
    frame = nested_rows(np.random.default_rng(8), sizes, {"school": 0.4, "pupil": 0.5})
    frame[WAVE] = "w" + frame[WAVE]
    frame["pupil"] = frame["county"] + "-" + frame["school"] + "-" + frame["pupil"]
    return crossed(make_plan("same_pupils", waves=WAVES, terms=("x",), by_time=())), frame


def units_apart(plan, frame):
    stats = merged(plan, frame)
    fit = fit_model(plan.null_model(), stats)
    working = evaluation_of(fit, stats).working
    waves = {
        wave: np.zeros((2, *stats.total.shape)) for wave in WAVES
    }  # two counties; not looked at
    return working.structure.units_apart(plan, fit.model, stats, waves)


def test_units_are_not_drawn_again():
    fit, stats, _ = crossed_sample("three crossed")
    evaluated = evaluation_of(fit, stats)
    totals = evaluated.working.total[None]
    with pytest.raises(NotWhereCrossed, match="drawn again") as refused:
        evaluated.working.structure.pieces(evaluated.at, totals, np.ones(1), [None])
    assert isinstance(refused.value, StatisticsError) and refused.value.kind == "crossed_units"
    assert (refused.value.effects, refused.value.limit) == (6 + 4, None)


def test_units_are_not_left_out_where_that_would_take_long(monkeypatch):
    plan, frame = survey()
    assert units_apart(plan, frame) is not None
    monkeypatch.setattr(structure, "MAX_MULTIPLICATIONS", 999)
    with pytest.raises(NotWhereCrossed, match="without each unit") as refused:
        units_apart(plan, frame)
    assert refused.value.effects == 2 + 8
    assert 3 * refused.value.limit**3 <= 999 < 3 * (refused.value.limit + 1) ** 3


def test_units_are_not_left_out_where_a_pupil_was_in_two_in_one_wave():
    plan, frame = survey()
    twice = frame.iloc[:2].assign(county="1", school="0")  # one pupil, in two waves
    with pytest.raises(UnitsInSeveral, match="1 groups of pupil") as refused:
        units_apart(plan, pd.concat([frame, twice]))
    assert refused.value.kind == "units_in_several" and refused.value.group == "pupil"
    assert refused.value.units == 1  # of each wave, the first in which there are any


def test_crossed_units_with_one_row_each_are_told_from_nothing():
    plan, frame = survey()
    codes = pd.factorize(frame["pupil"])[0]
    once = frame[frame[WAVE] == "w" + pd.Series(codes % 3, frame.index).astype(str)]
    with pytest.raises(OneRowEach, match="one row each") as refused:
        separable_levels(plan, merged(plan, once))
    assert isinstance(refused.value, ModelError) and refused.value.kind == "one_row_each"
    assert (refused.value.group, refused.value.groups, refused.value.rows) == ("pupil", 40, 40)
