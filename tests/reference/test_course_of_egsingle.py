"""The course of growth in egsingle, against lme4's polynomial of degree 5."""

from __future__ import annotations

import pytest

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.statistics.answers.variables.adjusted_means import adjusted_means
from mlm.statistics.answers.variables.course import course_of_time
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.fitting.solution import solve
from tests.cleaned_waves import clean_wave
from tests.examples import CONFIG, ROOT

pytestmark = pytest.mark.slow

MODEL = (
    "math ~ year + retained + black + hispanic + lowinc + mobility + year:retained + year:black + "
    "year:lowinc + (1 + year | school:pupil) + (1 + year + retained | school)"
)
RISE, RISE_ERROR = 3.94, 0.085  # of lme4's saturated curve, at the means of the covariates
PRINTED = 0.005  # half a unit of its last printed digit
CHI2 = 275.0  # of lme4's likelihood-ratio test by ML on 4 degrees of freedom
SAME_TEST = 0.04  # relative: lme4's models have more terms, and a Wald test is another statistic


@pytest.mark.filterwarnings("ignore::mlm.errors.EffectsLeftOut")
def test_the_rise_is_that_of_the_saturated_curve():
    plan, stats = _growth()
    course = course_of_time(plan, solve(parse_formula(MODEL), stats, "REML"))
    assert course.test.df == 4 and course.is_rejected
    rise = adjusted_means(plan, course)[-1].change
    assert rise.estimate == pytest.approx(RISE, abs=PRINTED)
    assert rise.std_error == pytest.approx(RISE_ERROR, abs=PRINTED)
    models = course.drawn.fit.model, course.saturated.fit.model
    line, saturated = (solve(model, stats, "ML").fit.deviance for model in models)
    assert line - saturated == pytest.approx(CHI2, rel=SAME_TEST)
    assert 4 * course.test.statistic == pytest.approx(line - saturated, rel=SAME_TEST)


def _growth():
    """Plan and cross-products of the example."""
    configuration = load_configuration(CONFIG / "examples" / "egsingle.yaml")
    names = configuration.wave_names
    tables = {wave: clean_wave(configuration, wave, ROOT)[0].to_pandas() for wave in names}
    columns = columns_of_survey(configuration, tables[names[0]])
    plan = plan_of(configuration, "math")
    waves = {
        wave: accumulate_wave(configuration, wave, table, columns)["math"]
        for wave, table in tables.items()
    }
    return plan, merge_waves(plan, waves)
