"""How often terms without effect stay, and effects lie in their intervals, with eight counties."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.inference.f_tests import f_test
from mlm.statistics.selection.backward import eliminate
from tests.bands import binomial_band
from tests.plans import make_plan, merged

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]
REPLICATES = 1_000
ALPHA = 0.05
KEPT = (0.0, 0.06)  # how often a variable of counties without effect stays, at most
REJECTED = (0.0, ALPHA)  # how often a test rejects a true hypothesis, at most
CASES = {
    "new_schools": ("new_schools", 8, 3, 4),
    "same_schools": ("same_schools", 8, 4, 2),
    "many_schools": ("new_schools", 8, 12, 2),
}


def survey(design: str, counties: int, schools: int, waves: int, sd: float, rng) -> pd.DataFrame:
    """Schools of a few pupils in counties; z and kind are of counties, and do nothing."""
    half = counties // 2
    z = rng.permutation([0.0] * half + [1.0] * (counties - half))
    kind = rng.permutation(list("abc" * counties)[:counties])
    a, lasting = sd * rng.normal(size=counties), 0.3 * rng.normal(size=(counties, schools))
    rows = []
    for c in range(counties):
        for t in range(waves):
            wave = 0.3 * rng.normal() * (design == "new_schools")
            for s in range(schools):
                own = 0.3 * rng.normal() if design == "new_schools" else lasting[c, s]
                x = rng.normal(size=rng.integers(3, 16))
                y = a[c] + wave + own + 0.5 * x + rng.normal(size=x.size)
                ids = {"county": f"c{c}", "school": f"s{s}", WAVE: f"w{t}"}
                rows.append(pd.DataFrame({**ids, "x": x, "z": z[c], "kind": kind[c], "y": y}))
    return pd.concat(rows, ignore_index=True)


def columns(fit, name: str) -> list[int]:
    """Of all terms that hold a variable, or of a product: what steps of the reduction test."""
    wanted = set(name.split(":"))
    return [i for i, term in enumerate(fit.terms) if wanted <= set(term.split(":"))]


@cache
def outcomes(case: str, sd: float) -> dict[str, float]:
    """Shares over surveys: terms that stay, tests that reject, an effect within its interval."""
    design, counties, schools, waves = CASES[case]
    names = tuple(f"w{t}" for t in range(waves))
    plan = make_plan(
        design, coding="trend", waves=names, terms=("x", "z", "kind"), by_time=("z", "kind")
    )
    rng, found = np.random.default_rng(2), []
    for _ in range(REPLICATES):
        stats = merged(plan, survey(design, counties, schools, waves, sd, rng))
        path = eliminate(plan.full_model(), stats, ALPHA, tuple(plan.protected))
        full, kept = path[0].reml, {str(term) for term in path[-1].fit.model.terms}
        rejected = {
            name: f_test(full, np.eye(full.fit.beta.size)[columns(full.fit, name)]).p_value < ALPHA
            for name in ("z", "kind", "year:z", "year:kind")
        }
        table = full.fit.fixed_effects.loc["x"]
        covered = table["lower"] <= 0.5 <= table["upper"]
        found.append(
            {**rejected, "keeps z": "z" in kept, "keeps kind": "kind" in kept, "x covered": covered}
        )
    return pd.DataFrame(found).mean().to_dict()


@pytest.mark.parametrize("sd", [0.5, 0.1])
@pytest.mark.parametrize("case", CASES)
def test_a_county_variable_without_effect_seldom_stays(case, sd):
    found = outcomes(case, sd)
    for name in ("keeps z", "keeps kind"):
        assert found[name] <= binomial_band(REPLICATES, KEPT)[1], name


@pytest.mark.parametrize("sd", [0.5, 0.1])
@pytest.mark.parametrize("case", CASES)
def test_tests_of_terms_keep_their_size_where_a_variance_is_small(case, sd):
    found = outcomes(case, sd)
    for name in ("z", "kind", "year:z", "year:kind"):
        assert found[name] <= binomial_band(REPLICATES, REJECTED)[1], name
    assert found["x covered"] >= binomial_band(REPLICATES, 0.95)[0]
