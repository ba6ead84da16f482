"""Which forms of a covariance over waves the data tell from the residual."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import FitError
from mlm.nouns.levels import WAVE
from mlm.statistics.answers.data.identified_levels import within
from mlm.statistics.answers.over_time.form_choice import compared_forms, frame_over_waves
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged


def frame_of(waves: int, group: tuple[str, ...]):
    """Pupils in schools, one row in each wave; effects by wave of one of the levels."""
    sizes = {"county": 6, "school": 3, "pupil": 3, WAVE: waves, "row": 1}
    rows = nested_rows(np.random.default_rng(5), sizes, {"school": 0.4, "pupil": 0.5})
    plan = make_plan(
        "same_pupils",
        waves=tuple(f"w{i}" for i in range(waves)),
        terms=("x",),
        by_time=(),
    )
    stats = merged(plan, rows.assign(**{WAVE: "w" + rows[WAVE]}))
    return frame_over_waves(plan, within(plan.full_model(), stats), group, stats)


SCHOOL, PUPIL = ("county", "school"), ("county", "school", "pupil")


def test_units_with_several_rows_a_wave_tell_every_form():
    frame = frame_of(2, SCHOOL)
    assert all(map(frame.tells, ("unstructured", "compound_symmetry", "autoregressive")))


@pytest.mark.parametrize(("waves", "decays"), [(2, False), (3, True)])
def test_one_row_a_wave_tells_only_what_the_residual_does_not_hold(waves, decays):
    frame = frame_of(waves, PUPIL)
    assert not frame.tells("unstructured") and not frame.tells("compound_symmetry")
    assert frame.tells("constant") and frame.tells("autoregressive") is decays


def test_forms_that_are_not_told_are_not_compared():
    with pytest.raises(FitError, match="no form of the covariance"):
        compared_forms(frame_of(2, PUPIL), with_unstructured=False)
