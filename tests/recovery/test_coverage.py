"""Intervals cover as often as they say, over draws from the example surveys' own models."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.crossed.drawing import CrossedDrawing
from mlm.statistics.likelihood.nested.drawing import Drawing
from tests.nested_rows import nested_rows
from tests.plans import crossed, make_plan, merged
from tests.recovery.surveys import ANALYSES, simulated

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


SURVEYS = (*ANALYSES, "followed", "moving")


def sample(survey: str):
    """Plan and sample of an example survey, or of one that follows its pupils over three waves.

    Where they are ``moving``, a sixth of them changes school in the second wave.
    """
    if survey in ANALYSES:
        drawn = simulated(survey)
        return drawn.plan, drawn.stats
    sizes = {"county": 12, "school": 8, "pupil": 12, WAVE: 3, "row": 1}
    variances = {"county": 0.1, "school": 0.2, "pupil": 0.6}
    frame = nested_rows(np.random.default_rng(11), sizes, variances)
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_pupils")
    if survey == "moving":
        plan = crossed(plan)
        frame["pupil"] = frame["county"] + "-" + frame["school"] + "-" + frame["pupil"]
        moved = frame["pupil"].isin(frame["pupil"].unique()[::6]) & (frame[WAVE] != "w0")
        frame.loc[moved, "school"] = ((frame.loc[moved, "school"].astype(int) + 3) % 8).astype(str)
    return plan, merged(plan, frame)


def covered(survey: str, replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each interval holds the truth, and errors in standard errors: (replicates, p)."""
    plan, stats = sample(survey)
    true = fit_model(plan.full_model(), stats)
    drawing = CrossedDrawing(true, stats) if stats.crossing.factors else Drawing(true, stats)
    rng = np.random.default_rng(1)
    inside, errors = [], []
    for _ in range(replicates):
        table = fit_model(true.model, drawing.draw(rng), start=true).fixed_effects
        inside.append(((table["lower"] <= true.beta) & (true.beta <= table["upper"])).to_numpy())
        errors.append(((table["estimate"] - true.beta) / table["std_error"]).to_numpy())
    return np.array(inside), np.array(errors)


@pytest.mark.parametrize("survey", SURVEYS)
def test_few_draws_are_covered_about_as_often_as_they_should_be(survey):
    inside, errors = covered(survey, 12)
    assert 0.88 <= inside.mean() <= 0.99
    assert np.mean(np.abs(errors) < 3.0) > 0.98


@pytest.mark.slow
@pytest.mark.parametrize("survey", SURVEYS)
def test_intervals_cover_in_ninety_five_of_a_hundred_draws(survey):
    inside, errors = covered(survey, 200)
    assert 0.92 <= inside.mean() <= 0.98
    assert inside.mean(axis=0).min() >= 0.89, "single effects, Monte-Carlo error included"
    assert np.mean(np.abs(errors) < 3.0) > 0.99
