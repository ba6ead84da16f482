"""What an analysis of a sample tells of its units, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.levels import ROW
from mlm.nouns.sampling import SamplingDesign
from tests.sampled_surveys import (
    DRAWS,
    KINDS,
    SCHOOLS,
    plan_of_survey,
    results_of,
    sources_of_survey,
)
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

SAME = 1e-8  # relative: two ways to the same sums


def test_units_are_told_of_observed_scores_alone():
    for kind in KINDS:
        (units,) = results_of(kind).units
        if kind in ("weights", "replicates"):
            assert units.kind == "estimated" and units.n == SCHOOLS
            assert all(0.0 <= unit.reliability <= 1.0 for unit in units.units)
            ends = {
                c.check: (c.lower, c.value) for c in units.licence.checks if c.lower is not None
            }
            assert set(ends) == {"reliability", "stability"}
            assert all(lower <= value for lower, value in ends.values())
            assert [check.check for check in units.licence.checks] == [
                "units",
                "variance",
                "reliability",
                "separable",
                "stability",
            ]
        else:
            assert units.reason.kind == "not_for_single_units" and units.reason.draws == DRAWS
    raw = SamplingDesign({ROW: "w_pupil", "school": "w_school"}, scaling="none")
    plan = plan_of_survey("weights", design=raw, slopes=())
    (units,) = analyse_rows(plan, sources_of_survey(), EMPTY)[0].units
    assert units.reason.kind == "scaling_not_for_units"


def test_draws_that_were_made_to_describe_units_tell_of_them():
    plan = plan_of_survey("all", slopes=())
    (score,) = plan.sampling.scores
    made = replace(plan.sampling, scores=(replace(score, describe_units=True),))
    results, _ = analyse_rows(replace(plan, sampling=made), sources_of_survey(), EMPTY)
    (units,) = results.units
    assert units.kind == "estimated" and units.n == SCHOOLS
    assert "ranking" not in {refusal.what for refusal in results.refusals}
    observed = {unit.unit: unit for unit in results_of("replicates").units[0].units}
    pairs = [(unit.estimate, observed[unit.unit].estimate) for unit in units.units]
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.9
    assert all(unit.reliability > 0.0 for unit in units.units)


@pytest.mark.parametrize("kind", KINDS)
def test_the_part_of_schools_that_lasts_is_their_correlation(kind):
    results = results_of(kind)
    (level,) = results.over_time.levels
    parts = {
        c.level.in_wave: c.estimate
        for c in results.settled.variance_components
        if c.level.ids and c.term1 == () and c.term2 is None
    }
    if len(results.settled.fits) == DRAWS:
        assert level.average.estimate == pytest.approx(
            parts[False] / (parts[False] + parts[True]), abs=0.05
        )
    else:
        assert level.average.estimate == pytest.approx(
            parts[False] / (parts[False] + parts[True]), rel=SAME
        )
    assert level.average.lower < level.average.estimate < level.average.upper
    assert logit(level.average.upper) > logit(level.average.lower)
