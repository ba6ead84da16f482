"""Units and their waves merged: the criterion and its derivatives are those of both levels."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.statistics.answers.claims import check_claims
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.nested.waves_merged import MergedWaves
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

WAVES = ("w0", "w1", "w2")
UNITS = {"county": 12, "school": 60, WAVE: 3, "row": (2, 4)}
SCHOOL, COUNTY = ("county", "school"), ("county",)
YEAR = Term((Factor("year"),))
AROUND = {
    "an intercept": RandomTerm(COUNTY, (Term(),)),
    "effects of waves": RandomTerm(COUNTY, (YEAR,)),
    "a slope": RandomTerm(COUNTY, (Term(), Term((Factor("x"),)))),
}


@pytest.fixture(scope="module")
def sample():
    frame = nested_rows(np.random.default_rng(2), UNITS, {"county": 0.2, "school": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_schools", waves=WAVES, by_time=())
    return plan, check_claims(plan, merged(plan, frame)).stats


def working_of(sample, around: str):
    plan, stats = sample
    inner = [RandomTerm(SCHOOL, (Term(),)), RandomTerm((*SCHOOL, WAVE), (Term(),))]
    return working_statistics(plan.full_model().with_random([*inner, AROUND[around]]), stats)


@pytest.mark.parametrize("around", ["an intercept", "effects of waves"])
def test_units_and_waves_have_one_criterion_merged_or_apart(sample, around):
    apart = working_of(sample, around)
    together = apart.searched
    assert isinstance(together.structure, MergedWaves)
    sizes = apart.structure.widths
    for a, b in ((0.3, 0.1), (0.0, 0.2), (0.4, 0.0)):
        omegas = [0.2 * np.eye(sizes[0]) + 0.1, np.array([[a]]), np.array([[b]])]
        for criterion in ("ML", "REML"):
            one, two = (evaluate(each, omegas, criterion) for each in (apart, together))
            assert two.deviance == pytest.approx(one.deviance, rel=1e-11)
            assert two.beta == pytest.approx(one.beta, rel=1e-9, abs=1e-9)
            slopes = (gradient(w, at, criterion) for w, at in ((apart, one), (together, two)))
            for expected, found in zip(*slopes, strict=True):
                assert found == pytest.approx(expected, rel=1e-8, abs=1e-7)


def test_searches_evaluate_units_and_waves_merged(sample):
    working = working_of(sample, "an intercept")
    search = search_of(working, "REML")
    theta = np.array([0.3, 0.2, 0.4])
    direct = evaluate(working, search.omegas(theta), "REML").deviance
    assert search.point(theta).at.deviance == pytest.approx(direct, rel=1e-11)
    assert working.structure.merged is not None


def test_units_with_a_slope_around_them_are_left_apart(sample):
    working = working_of(sample, "a slope")
    assert working.searched is working
