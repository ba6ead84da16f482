"""A correlation below zero decides between forms only where it is told from zero."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.distributions import CHI_SQUARED_95
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.pooling.beside import start_at
from mlm.statistics.selection.random_part.search import settled_forms
from mlm.statistics.selection.random_part.sign_of_correlation import counted_deviances
from tests.effects_over_waves import SCHOOL, common, level_of, prepared, rows, with_form
from tests.normal_draws import exactly_correlated

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]

FURTHER_APART = np.array([[1.0, -0.1, -0.15], [-0.1, 1.0, -0.1], [-0.15, -0.1, 1.0]])


def found(correlation: np.ndarray):
    """Schools whose effects have these correlations in three waves, by two variances."""
    sample = rows(4, correlation, 40, size=20, draw=exactly_correlated)[0]
    plan, _, stats = prepared(sample, ("w0", "w1", "w2"))
    return plan, stats, with_form(plan, stats, "part_by_wave")


def counted(plan, stats, model) -> tuple[float, float, float]:
    """The deviance of two variances, of a correlation of any sign, and what is counted."""
    fit, level = model.fit, level_of(plan, stats)
    free = fit_model(level.with_covariance(fit.model, "cs"), stats).deviance
    (value,) = counted_deviances(
        plan, level, fit.model, start_at(model), np.array([fit.deviance]), stats
    )
    return fit.deviance, free, value


def test_below_zero_within_its_error_the_correlation_is_free():
    plan, stats, model = found(common(-0.1, 3))
    held, free, value = counted(plan, stats, model)
    assert 0.1 < held - free < CHI_SQUARED_95
    assert value == pytest.approx(free, abs=1e-6)


@pytest.mark.parametrize("correlation", [0.3, -0.3])
def test_above_zero_and_clearly_below_it_two_variances_are_themselves(correlation):
    plan, stats, model = found(common(correlation, 3))
    held, free, value = counted(plan, stats, model)
    assert value == held
    assert held - free == pytest.approx(0.0, abs=1e-6) or held - free > CHI_SQUARED_95


def test_no_other_form_is_taken_for_the_sign_alone():
    plan, stats, model = found(FURTHER_APART)
    fading = with_form(plan, stats, "autoregressive").fit.deviance
    held, _, value = counted(plan, stats, model)
    assert value + 0.1 < fading < held - 0.1, "better than two variances, for its sign alone"
    assert settled_forms(plan, model.fit.model, stats, 0.05).forms == {SCHOOL: "part_by_wave"}
