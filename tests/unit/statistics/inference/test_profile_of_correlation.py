"""The profile of one correlation: against profiles of the general kind, and at the bound."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.distributions import CHI_SQUARED_95
from mlm.statistics.inference.profile import Profile
from mlm.statistics.inference.profile_of_correlation import parameter_of, profile_of_correlation
from mlm.statistics.likelihood.over_waves.forms import FORMS
from tests.effects_over_waves import (
    SCHOOL,
    WAVES,
    common,
    decaying,
    prepared,
    rows,
    with_engine,
    with_form,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


def profiled(correlation: np.ndarray, form: str, seed: int = 5, least: float = -1.0):
    size = len(correlation)
    frame, _ = rows(seed, correlation, schools=40, size=8)
    plan, _, stats = prepared(frame, WAVES[:size])
    fitted = with_engine(plan, stats, form)
    term = [r.group for r in fitted.fit.model.random].index(SCHOOL)
    return plan, fitted, profile_of_correlation(fitted, term, least)


@pytest.mark.study
def test_the_interval_in_two_waves_is_that_of_the_general_profile():
    plan, fitted, found = profiled(common(0.6, 2), "csh")
    whole = with_form(plan, fitted.stats, "unstructured")
    exact = next(
        i for i in Profile(whole.fit, whole.stats).intervals() if i.quantity == "correlation"
    )
    assert fitted.fit.deviance == pytest.approx(whole.fit.deviance, abs=1e-6)
    assert (found.lower, found.upper) == pytest.approx((exact.lower, exact.upper), abs=2e-3)
    assert found.value == pytest.approx(exact.estimate, abs=1e-3)


@pytest.mark.parametrize(
    ("form", "truth"),
    [("csh", common(0.5, 3)), ("ar1", decaying(0.5, 3))],
)
def test_the_ends_cost_what_the_quantile_allows(form, truth):
    _, fitted, found = profiled(truth, form)
    places = [
        int(np.argmin(np.abs(found.correlations - end))) for end in (found.lower, found.upper)
    ]
    costs = found.deviances[places] - fitted.fit.deviance
    assert costs == pytest.approx(np.full(2, CHI_SQUARED_95), abs=0.1)
    assert found.lower < found.value < found.upper


def test_a_correlation_that_is_one_has_one_in_its_interval():
    """Seeds on both sides of the bound: one rule, and no jump between them."""
    values = []
    for seed in range(4):
        _, _, found = profiled(np.ones((2, 2)), "csh", seed)
        assert found.upper == 1.0 and -1.0 < found.lower < 0.99
        values.append(found.value)
    assert max(values) == 1.0 and min(values) < 1.0


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("name", ["cs", "csh", "ar1", "ar1h"])
@pytest.mark.parametrize("r", [-0.1, 0.0, 0.4, 0.95])
def test_a_parameter_stands_for_its_correlation(name, r, size):
    form = FORMS[name]
    found = form.correlations(np.array([parameter_of(form, r, size)]), size)
    assert found[0, 1] == pytest.approx(r, abs=1e-12)
