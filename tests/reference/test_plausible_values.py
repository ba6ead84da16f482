"""Tests of plausible values against the R package mitml 0.4-4, on PISA 2012 of the USA, unweighted.

The values are those that ``testModels`` gives for dropping ``sc14q02`` (three columns) from fits by
lme4 1.1-31, ML.
"""

from __future__ import annotations

import pandas as pd
import pytest

import mlm
from mlm.front.pooling import sample_of_draws
from mlm.nouns.formula import parse_formula
from mlm.nouns.plausible_values import models_of
from tests.examples import SHARED

FILE = SHARED / "weighted" / "pisa2012_usa.csv.gz"
MATH = mlm.PlausibleValues("math", [f"pv{m}math" for m in range(1, 6)])
ORDER = {
    "st29q03": ["Strongly agree", "Agree", "Disagree", "Strongly disagree"],
    "sc14q02": ["Not at all", "A lot", "To some extent", "Very little"],
    "st04q01": ["Female", "Male"],
}
LARGE = "math ~ st29q03 + sc14q02 + st04q01 + escs + (1 | schoolid)"
SMALL = "math ~ st29q03 + st04q01 + escs + (1 | schoolid)"
STATISTIC = 1e-6  # relative: two optimisers
DENOMINATOR = 1e-5  # relative: as printed

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="../shared/data is not there")


@pytest.fixture(scope="module")
def fits():
    rows = pd.read_csv(FILE, dtype={"schoolid": str})
    rows = rows.assign(**{v: pd.Categorical(rows[v], order) for v, order in ORDER.items()})
    stats = sample_of_draws(models_of(parse_formula(LARGE), [MATH]), [MATH], rows, None)
    small, large = (mlm.fit(f, stats, "ML", plausible_values=MATH) for f in (SMALL, LARGE))
    return small, large, stats


@pytest.mark.parametrize(
    ("df", "statistic", "denominator"), [(None, 2.7350636, 17202.3), (150, 2.7350636, 146.636)]
)
def test_d1(fits, df, statistic, denominator):
    found = mlm.wald_test(fits[1], ["sc14q02"], df)
    assert found.statistic == pytest.approx(statistic, rel=STATISTIC)
    assert found.reference.denominator == pytest.approx(denominator, rel=DENOMINATOR)


@pytest.mark.parametrize(
    ("method", "statistic", "denominator"),
    [("D2", 2.6179791, 2912.887), ("D3", 2.6588593, 12520.9), ("D4", 2.6588832, 26827.1)],
)
def test_likelihood_ratios(fits, method, statistic, denominator):
    small, large, stats = fits
    found = mlm.likelihood_ratio_test(small, large, stats, method)
    assert found.statistic == pytest.approx(statistic, rel=STATISTIC)
    assert found.reference.denominator == pytest.approx(denominator, rel=DENOMINATOR)
