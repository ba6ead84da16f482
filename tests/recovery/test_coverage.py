"""Intervals cover as often as they say, over draws from the example surveys' own models.

Effects of one draw are dependent: draws are worth fewer independent intervals than they have. With
few counties the coverage that Satterthwaite's degrees of freedom give is within ``COVERAGE``.
"""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.solution import fit_model
from tests.bands import FALSE_ALARM, binomial_band, independent_trials
from tests.nested_rows import nested_rows
from tests.plans import crossed, make_plan, merged
from tests.recovery.surveys import ANALYSES, simulated

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


SURVEYS = (*ANALYSES, "followed", "moving")
COVERAGE = (0.94, 0.96)
NEAR = (0.985, 1.0)  # within three standard errors: t with 10 degrees of freedom, and normal


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


def covered(survey: str, replicates: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Whether each interval holds the truth, and errors in standard errors: (replicates, p).

    With them the number of independent intervals that all of them are worth.
    """
    plan, stats = sample(survey)
    true = fit_model(plan.full_model(), stats)
    drawing = drawing_of(true, stats)
    rng = np.random.default_rng(1)
    inside, errors = [], []
    for _ in range(replicates):
        table = fit_model(true.model, drawing.draw(rng), start=true).fixed_effects
        inside.append(((table["lower"] <= true.beta) & (true.beta <= table["upper"])).to_numpy())
        errors.append(((table["estimate"] - true.beta) / table["std_error"]).to_numpy())
    sd = np.sqrt(np.diagonal(true.covariance))
    worth = independent_trials(replicates, true.covariance / np.outer(sd, sd))
    return np.array(inside), np.array(errors), worth


def assert_in_band(share: float, band: tuple[float, float]) -> None:
    low, high = band
    assert low <= share <= high


@pytest.mark.study
@pytest.mark.parametrize("survey", SURVEYS)
def test_few_draws_are_covered_about_as_often_as_they_should_be(survey):
    inside, errors, worth = covered(survey, 12)
    assert_in_band(inside.mean(), binomial_band(worth, COVERAGE))
    assert_in_band(np.mean(np.abs(errors) < 3.0), binomial_band(worth, NEAR))


@pytest.mark.study
@pytest.mark.parametrize("survey", SURVEYS)
def test_intervals_cover_in_ninety_five_of_a_hundred_draws(survey):
    inside, errors, worth = covered(survey, 200)
    assert_in_band(inside.mean(), binomial_band(worth, COVERAGE))
    single = binomial_band(200, COVERAGE, FALSE_ALARM / inside.shape[1])
    for share in inside.mean(axis=0):
        assert_in_band(share, single)
    assert_in_band(np.mean(np.abs(errors) < 3.0), binomial_band(worth, NEAR))
