"""The test of a line's lack of fit rejects true lines in one of twenty, with few schools too."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.results.test import Test
from mlm.statistics.answers.variables.course import course_of_time, course_within
from mlm.statistics.fitting.solution import solve
from tests.bands import FALSE_ALARM, binomial_band
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings(
        "ignore::mlm.errors.SingularFit",
        "ignore::mlm.errors.NotConverged",
        "ignore::mlm.errors.EffectsLeftOut",
    ),
]
REPLICATES = 200
WAVES = ("w0", "w1", "w2", "w3")
OVER_WAVES = (Term((Factor(WAVE),)),)
SCHOOL, PUPIL = ("county", "school"), ("county", "school", "pupil")
PRESENT = 0.8  # share of a pupil's occasions that were seen
CHANGE = 0.15  # variance of what a school's effect is in one wave alone


def same_schools(seed: int, schools: int):
    """New pupils in every wave of schools that change."""
    rng = np.random.default_rng(seed)
    sizes = {"county": 1, "school": schools, WAVE: len(WAVES), "row": (4, 8)}
    frame = nested_rows(rng, sizes, {"school": 0.2, WAVE: CHANGE})
    return made("same_schools", frame, None)


def same_pupils(seed: int, schools: int, changing: bool):
    """Pupils who are followed with gaps, their occasions correlated, in schools that may change."""
    rng = np.random.default_rng(seed)
    sizes = {"county": 1, "school": schools, "pupil": 12, WAVE: len(WAVES), "row": 1}
    frame = nested_rows(rng, sizes, {"school": 0.2, "pupil": 0.8})
    frame = frame[rng.random(len(frame)) < PRESENT].reset_index(drop=True)
    if changing:
        own = np.sqrt(CHANGE) * rng.normal(size=(schools, len(WAVES)))
        frame["y"] += own[frame["school"].astype(int), frame[WAVE].astype(int)]
    form = "cs" if changing else None
    school = RandomTerm(SCHOOL, OVER_WAVES, form) if changing else RandomTerm(SCHOOL)
    return made("same_pupils", frame, (RandomTerm(PUPIL, OVER_WAVES, "us"), school))


def made(design: str, frame, random):
    plan = make_plan(design, "trend", waves=WAVES, terms=("x", "z", "kind"), by_time=("z", "kind"))
    z = np.random.default_rng(len(frame)).normal(size=frame["school"].astype(int).max() + 1)
    frame = frame.assign(z=z[frame["school"].astype(int)])
    frame = frame.assign(y=frame["y"] + 0.3 * frame[WAVE].astype(int), **{WAVE: "w" + frame[WAVE]})
    stats = merged(plan, frame).without_levels(("county",))
    model = plan.full_model()
    model = model.with_random(random or [r for r in model.random if r.group != ("county",)])
    return plan, solve(model, stats)


WORLDS = {
    "8 schools": lambda seed: same_schools(seed, 8),
    "20 schools": lambda seed: same_schools(seed, 20),
    "8 schools, pupils followed": lambda seed: same_pupils(seed, 8, changing=False),
    "20 schools that change, pupils followed": lambda seed: same_pupils(seed, 20, changing=True),
}


@pytest.mark.parametrize("world", WORLDS)
def test_a_true_line_is_rejected_in_one_of_twenty(world):
    shares = rejections(WORLDS[world], REPLICATES)
    low, high = binomial_band(REPLICATES, 0.05, FALSE_ALARM / len(WORLDS) / len(shares))
    assert all(low <= share <= high for share in shares.values()), shares


def rejections(draw, replicates: int) -> dict[str, float]:
    """Share of replicates in which the line of the mean, or of differences, is rejected."""
    found = {"mean": [], "z": [], "kind": []}
    for seed in range(replicates):
        plan, settled = draw(seed)
        course = course_of_time(plan, settled)
        found["mean"].append(course.test)
        for variable in ("z", "kind"):
            found[variable].append(course_within(plan, course, variable).test)
    assert all(isinstance(test, Test) for tests in found.values() for test in tests)
    return {
        name: float(np.mean([t.p_value < 0.05 for t in tests])) for name, tests in found.items()
    }
