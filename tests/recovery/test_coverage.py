"""Intervals cover as often as they say, over draws from the example surveys' own models."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.drawing import Drawing
from mlm.statistics.solution import fit_model
from tests.recovery.surveys import ANALYSES, simulated

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


def covered(survey: str, replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each interval holds the truth, and errors in standard errors: (replicates, p)."""
    drawn = simulated(survey)
    true = fit_model(drawn.plan.full_model(), drawn.stats)
    drawing, rng = Drawing(true, drawn.stats), np.random.default_rng(1)
    inside, errors = [], []
    for _ in range(replicates):
        table = fit_model(true.model, drawing.draw(rng), start=true).fixed_effects
        inside.append(((table["lower"] <= true.beta) & (true.beta <= table["upper"])).to_numpy())
        errors.append(((table["estimate"] - true.beta) / table["std_error"]).to_numpy())
    return np.array(inside), np.array(errors)


@pytest.mark.parametrize("survey", ANALYSES)
def test_few_draws_are_covered_about_as_often_as_they_should_be(survey):
    inside, errors = covered(survey, 12)
    assert 0.88 <= inside.mean() <= 0.99
    assert np.mean(np.abs(errors) < 3.0) > 0.98


@pytest.mark.slow
@pytest.mark.parametrize("survey", ANALYSES)
def test_intervals_cover_in_ninety_five_of_a_hundred_draws(survey):
    inside, errors = covered(survey, 200)
    assert 0.92 <= inside.mean() <= 0.98
    assert inside.mean(axis=0).min() >= 0.89, "single effects, Monte-Carlo error included"
    assert np.mean(np.abs(errors) < 3.0) > 0.99
