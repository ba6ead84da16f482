"""Starts beside the settled model: no effect that it has begins at zero, whose slope is flat."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.model import Factor, Term
from mlm.statistics.answers.over_time.known_start import LEAST_START, known_start
from mlm.statistics.answers.over_time.one_correlation import one_correlation
from mlm.statistics.fitting.solution import ordered_model, solve
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from mlm.statistics.selection.random_part.slopes import with_slope
from tests.effects_over_waves import SCHOOL, WAVES, common, prepared, rows

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
SLOPE = Term((Factor("x"),))


def settled(form: str):
    """A model with a slope over the schools, which truly differs between them."""
    frame, _ = rows(3, common(0.6, 2), schools=40, size=6)
    draws = np.random.default_rng(1).normal(0.0, 0.6, frame["school"].nunique())
    frame["y"] += frame["x"] * draws[frame["school"].astype("category").cat.codes]
    plan, model, stats = prepared(frame, WAVES[:2])
    (level,) = recurring_levels(plan, stats)
    wanted = with_slope(level.with_form(model, form), SCHOOL, SLOPE)
    return plan, solve(wanted, stats, "REML"), level


@pytest.mark.battery(3)
@pytest.mark.parametrize("form", ["constant", "part_by_wave", "unstructured"])
@pytest.mark.parametrize("engine", ["cs", "csh"])
def test_slopes_beside_another_form_begin_where_they_were(form, engine):
    plan, found, level = settled(form)
    model = level.with_covariance(found.fit.model, engine)
    start = known_start(plan, found, model, found.stats)
    places = [i for i, r in enumerate(ordered_model(model, found.stats).random) if SLOPE in r.terms]
    own = next(r for r in found.fit.model.random if SLOPE in r.terms)
    names = found.fit.random_names[found.fit.model.random.index(own)]
    known = found.fit.covariances[found.fit.model.random.index(own)][names.index("x")]
    (place,) = places
    floor = LEAST_START * found.fit.sigma2
    assert start.covariances[place][-1, -1] == pytest.approx(known[names.index("x")] + floor)
    assert known[names.index("x")] > 0.1, "the slope truly differs"


def test_one_correlation_more_keeps_the_slope():
    plan, found, level = settled("part_by_wave")
    more = one_correlation(plan, found, level, "cs")
    assert more.solution.fit.deviance < found.fit.deviance + 5.0  # one correlation with the slope
    assert more.profile.deviances.min() > more.solution.fit.deviance - 1e-3
