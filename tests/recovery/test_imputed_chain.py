"""Terms without effect under D1, and coverage of pooled effects, where a third of x is missing.

What is missing depends on the outcome: complete rows mislead, proper imputations do not.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.pooling.pooled_solution import solve_each
from mlm.statistics.selection.imputed_reduction import reduce_imputed
from tests.bands import binomial_band
from tests.imputed_rows import gone_at_random, imputed
from tests.plans import make_plan, merged

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]
REPLICATES = 300
DRAWS = 5
MISSING = 1.0 / 3.0
EFFECT = 0.5  # of x; z and kind have none
SCHOOLS, COUNTIES, ROWS = 3, 14, 9
PLAN = make_plan("cross_section", waves=("w0",), terms=("x", "z", "kind"), by_time=(), slopes=())
FULL = parse_formula("y ~ x + z + kind + (1 | county:school)")


def survey(rng: np.random.Generator) -> pd.DataFrame:
    """Rows of schools; z is of counties."""
    n = COUNTIES * SCHOOLS * ROWS
    school = np.repeat(np.arange(COUNTIES * SCHOOLS), ROWS)
    county = school // SCHOOLS
    x = rng.normal(size=n)
    y = EFFECT * x + 0.5 * rng.normal(size=COUNTIES * SCHOOLS)[school] + rng.normal(size=n)
    return pd.DataFrame(
        {
            "county": county.astype(str),
            "school": (school % SCHOOLS).astype(str),
            WAVE: "w0",
            "x": x,
            "z": rng.normal(size=COUNTIES)[county],
            "kind": rng.choice(list("abc"), n),
            "y": y,
        }
    )


@cache
def outcomes() -> dict[str, float]:
    """Shares over surveys."""
    rng, found = np.random.default_rng(6), []
    while len(found) < REPLICATES:
        whole = survey(rng)
        rows = gone_at_random(whole, rng, MISSING)
        completed = imputed(rows, rng, DRAWS, ("county", "school"))
        samples = [merged(PLAN, each, whole) for each in completed]
        full = solve_each(FULL, CompletedSamples.of(samples), "REML")
        reduced = reduce_imputed(PLAN, full)
        kept = {str(term) for term in reduced.reml.fit.model.terms}
        names = full.first.fit.names
        x = full.contrast(np.eye(len(names))[names.index("x")])
        joint = f_test(full, np.eye(len(names))[[i for i, n in enumerate(names) if n != "x"][1:]])
        alone = solve(FULL, merged(PLAN, rows.dropna(), whole), "REML")
        beside = alone.contrast(np.eye(len(names))[names.index("x")])
        found.append(
            {
                "z kept": "z" in kept,
                "kind kept": "kind" in kept,
                "x kept": "x" in kept,
                "joint rejects": joint.p_value < PLAN.alpha,
                "x covered": x.lower <= EFFECT <= x.upper,
                "x by complete rows": beside.estimate,
                "x": x.estimate,
                "complete covers": beside.lower <= EFFECT <= beside.upper,
                "missing": x.missing_information,
            }
        )
    return pd.DataFrame(found).astype(float).mean().to_dict()


@pytest.mark.parametrize("what", ["z kept", "kind kept", "joint rejects"])
def test_what_has_no_effect_is_kept_no_more_often_than_the_level_says(what):
    low, high = binomial_band(REPLICATES, (0.02, PLAN.alpha))
    assert low <= outcomes()[what] <= high


def test_intervals_of_pooled_effects_hold_the_truth_as_often_as_they_say():
    low, high = binomial_band(REPLICATES, 0.95)
    assert low <= outcomes()["x covered"] <= high
    assert outcomes()["x kept"] == 1.0
    assert outcomes()["x"] == pytest.approx(EFFECT, rel=0.03)


def test_complete_rows_mislead_here_and_the_missing_information_is_told():
    assert outcomes()["x by complete rows"] < 0.95 * EFFECT
    assert outcomes()["complete covers"] < outcomes()["x covered"]
    assert 0.1 < outcomes()["missing"] < 0.6
