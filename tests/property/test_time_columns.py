"""Columns with time, made when waves are merged, equal those made from the rows of all waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.errors import StatisticsError
from mlm.fitting import statistics_of
from mlm.hierarchy import Hierarchy
from mlm.plan import WAVE
from mlm.rows.accumulate import accumulate
from mlm.statistics.merging import merge_waves
from mlm.statistics.solution import fit_model
from tests.nested_rows import nested_rows
from tests.plans import PATHS, make_plan, merged, waves_of, with_time
from tests.property.equality import assert_equal

SIZES = {
    "same_pupils": {"county": 4, "school": (2, 4), "pupil": (4, 8), WAVE: 3, "row": (0, 1)},
    "same_schools": {"county": 4, "school": (2, 4), WAVE: 3, "row": (3, 8)},
    "new_schools": {"county": 4, WAVE: 3, "school": (2, 4), "row": (3, 8)},
    "cross_section": {"county": 4, WAVE: 3, "school": (2, 4), "row": (3, 8)},
}
CASES = [(design, coding) for design in PATHS for coding in ("categories", "trend")]
DEVIANCE = 1e-7  # the same criterion in other working columns
ESTIMATE = 1e-6  # absolute; effects are of size one


def rows(design: str, seed: int = 1) -> pd.DataFrame:
    frame = nested_rows(
        np.random.default_rng(seed), SIZES[design], {"county": 0.3, "school": 0.2, "pupil": 0.3}
    )
    frame[WAVE] = "w" + frame[WAVE]
    return frame


@pytest.mark.parametrize("design,coding", CASES)
def test_merged_waves_equal_a_pass_over_all_rows(design, coding):
    plan, frame = make_plan(design, coding, by_time=("x", "kind")), rows(design)
    stats = merged(plan, frame)
    levels = Hierarchy.of((level.group, level.candidates) for level in stats.levels)
    assert_equal(stats, accumulate(with_time(plan, frame), stats.columns, levels))


@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("design,coding", CASES)
@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_a_fit_to_merged_waves_equals_the_fit_to_the_rows(design, coding, criterion):
    plan, frame = make_plan(design, coding), rows(design, 2)
    model = plan.full_model()
    mine = fit_model(model, merged(plan, frame), criterion)
    direct = fit_model(model, statistics_of(model, with_time(plan, frame)), criterion)
    assert mine.names == direct.names
    assert mine.deviance == pytest.approx(direct.deviance, abs=DEVIANCE)
    assert mine.beta == pytest.approx(direct.beta, abs=ESTIMATE)


def test_waves_may_be_given_in_any_order():
    plan, frame = make_plan("same_schools"), rows("same_schools")
    waves = waves_of(plan, frame)
    backwards = dict(reversed(list(waves.items())))
    assert_equal(merge_waves(plan, backwards), merge_waves(plan, waves))


def test_a_missing_wave_is_named():
    plan, frame = make_plan("same_schools"), rows("same_schools")
    waves = waves_of(plan, frame)
    del waves["w1"]
    with pytest.raises(StatisticsError, match="no cross-products of the waves w1"):
        merge_waves(plan, waves)


def test_a_wave_of_an_older_configuration_is_told():
    plan, frame = make_plan("same_schools"), rows("same_schools")
    older = make_plan("same_schools", terms=("x", "z"))
    waves = waves_of(plan, frame) | {"w2": waves_of(older, frame)["w2"]}
    with pytest.raises(StatisticsError, match=r"wave w2 lacks.*Accumulate the wave again"):
        merge_waves(plan, waves)


def test_another_wave_leaves_the_statistics_of_older_ones_as_they_are():
    short, long = make_plan("same_schools", waves=("w0", "w1")), make_plan("same_schools")
    frame = rows("same_schools")
    before, after = waves_of(short, frame), waves_of(long, frame)
    for wave in short.time.waves:
        assert_equal(before[wave], after[wave])
        assert np.array_equal(before[wave].total, after[wave].total)
