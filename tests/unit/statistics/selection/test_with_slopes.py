"""The final model with random slopes: growth that differs between units, and honest errors of it.

Truth: every unit grows at its own rate, and the county variable z has nothing to do with it.
"""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.results.reason import TooFewWaves
from mlm.statistics.selection.random_part.slopes import tried_slopes
from tests.growing_units import GROWTH, WAVES, grown, sloped
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


def test_growth_is_tried_over_all_units_that_recur_and_kept_where_it_differs():
    _, slopes, found = sloped()
    assert [(s.variable, s.group.rpartition(":")[2]) for s in slopes] == [
        ("year", "county"),
        ("year", "school"),
        ("year", "pupil"),
    ]
    assert all(slope.test is not None for slope in slopes)
    kept = {term.name for term in found.reml.fit.model.random if len(term.terms) > 1}
    assert {"county", "county:school:pupil"} <= kept
    sd = np.sqrt(found.reml.fit.variance("county:school:pupil", "year"))
    assert sd == pytest.approx(GROWTH["pupil"], rel=0.25)


def test_two_waves_are_too_few_for_growth_of_single_units():
    plan = make_plan("same_pupils", "trend", waves=WAVES[:2], by_time=(), slopes=())
    model, stats = plan.full_model(), merged(plan, grown(1, waves=2))
    reasons = {slope.reason for slope in tried_slopes(plan, model, stats)}
    assert reasons == {TooFewWaves(waves=2, needed=3, what="trend")}


def test_units_of_one_wave_have_no_growth():
    plan = make_plan("new_schools", "trend", slopes=("x",))
    tried = {group[-1]: plan.slope_variables(group) for group in plan.groups}
    assert tried == {"county": ("year", "x"), WAVE: ("x",), "school": ("x",)}
    with_categories = make_plan("same_pupils", slopes=("x",))
    assert with_categories.slope_variables(with_categories.groups[0]) == ("x",)


def test_the_path_of_a_model_with_growth_begins_with_its_slopes():
    for *_, item in (sloped(seed) for seed in range(3)):
        assert item.path[0].dropped == ()
        assert item.path[-1].fit.model == item.ml.fit.model == item.reml.fit.model
        assert "year" in item.ml.fit.terms


def test_without_slopes_the_final_model_is_what_the_reduction_left():
    for seed in range(3):
        reduced, _, found = sloped(seed, with_growth=False)
        if not found.path:
            assert found.pair == reduced
            break
    else:
        pytest.fail("a slope was kept in each of three samples without any, at 1 %")
