"""What lies on the boundary is named: variances of zero, effects that follow from others."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.statistics.answers.data.notes import notes
from tests.nested_rows import nested_rows
from tests.plans import make_plan
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
SIZES = {"county": 8, "school": 4, "row": 6}


def told(formula: str, seed: int, slope: float = 0.0):
    """Levels at zero and with effects that follow from others, of one fit."""
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, SIZES, {"county": 0.5})
    school = frame["county"].astype(int) * 4 + frame["school"].astype(int)
    within = frame.groupby(school)["y"].transform("mean") - frame.groupby("county")["y"].transform(
        "mean"
    )
    effects = rng.normal(size=32)[school]
    frame["y"] += slope * (1.0 + frame["x"]) * effects - within
    fit = mlm.fit(formula, frame)
    plan = make_plan("cross_section", waves=("w0",))
    (found,) = notes(plan, {"null.reml": fit}, (), EMPTY, True)
    return [[level.unit for level in levels] for levels in (found.zero, found.tied)]


@pytest.mark.parametrize("seed", range(3))
def test_a_level_without_variance_is_named(seed):
    assert told("y ~ x + (1 | county/school)", seed) == [["school"], []]


@pytest.mark.parametrize("seed", [1, 2])  # samples whose correlation is estimated as one
def test_a_level_whose_slope_follows_from_its_effect_is_named(seed):
    assert told("y ~ x + (1 + x | county:school)", seed, 0.7) == [[], ["school"]]
