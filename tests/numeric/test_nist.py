"""Digits kept on NIST's one-way sets, and the proof that raw sums would lose them.

Certified sums of squares: NIST Statistical Reference Datasets, analysis of variance. A balanced
one-way layout has its REML and ML variance components in closed form.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

import mlm
from mlm.errors import MLMError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.accumulate import accumulate
from tests.reference.reference_sets import FOLDER, NEEDS_DATA, reference

FORMULA = "response ~ 1 + (1 | treatment)"

# correct digits that a fit must keep at least; doubles themselves hold 4 of SmLs07's numbers,
# whose 13 leading digits are constant
DIGITS = {"AtmWtAg": 8.0, "SmLs01": 8.0, "SmLs04": 8.0, "SmLs07": 3.5}
LOST = 3.0  # digits that raw sums keep on SmLs04 at most
EXACT = 15.0  # digits of a number that equals the certified one

CASES = [(name, criterion) for name in DIGITS for criterion in ("REML", "ML")]


def rows(name: str) -> pd.DataFrame:
    path = FOLDER / "nist_anova" / f"{name.lower()}.csv.gz"
    return pd.read_csv(path, dtype={"treatment": str})


def closed_form(name: str, criterion: str) -> dict:
    models = reference("nist_anova")["models"]
    return next(m for m in models if m["name"] == name)["closed_form"][criterion]


def digits(found: float, certified: float) -> float:
    """Correct leading digits: minus log10 of the relative error."""
    error = abs(found - certified) / abs(certified)
    return EXACT if error == 0.0 else min(EXACT, -math.log10(error))


@NEEDS_DATA
@pytest.mark.parametrize("name,criterion", CASES)
def test_variance_components_keep_their_digits(name, criterion):
    fit = mlm.fit(FORMULA, rows(name), criterion=criterion)
    expected = closed_form(name, criterion)
    assert fit.converged
    assert digits(fit.variance("treatment"), expected["between_variance"]) >= DIGITS[name]
    assert digits(fit.sigma2, expected["residual_variance"]) >= DIGITS[name]
    assert digits(fit.fixed_effects["std_error"].iloc[0], expected["se_mean"]) >= DIGITS[name]
    assert digits(fit.deviance, expected["criterion"]) >= DIGITS[name]


@NEEDS_DATA
@pytest.mark.parametrize("parts", [1, 7])
def test_digits_are_kept_over_chunks(parts):
    model, frame = parse_formula(FORMULA), rows("SmLs04")
    whole = statistics_of(model, frame)
    hierarchy = Hierarchy.of([(("treatment",), [])])
    chunks = [accumulate(frame.iloc[i::parts], whole.columns, hierarchy) for i in range(parts)]
    stats = chunks[0]
    for chunk in chunks[1:]:
        stats = stats + chunk
    expected = closed_form("SmLs04", "REML")
    fit = mlm.fit(model, stats)
    assert digits(fit.variance("treatment"), expected["between_variance"]) >= DIGITS["SmLs04"]
    assert digits(fit.sigma2, expected["residual_variance"]) >= DIGITS["SmLs04"]


@NEEDS_DATA
@pytest.mark.filterwarnings("ignore::mlm.errors.NotConverged")
def test_raw_sums_lose_the_digits_of_smls04():
    """Origin 0 and unit 1 are what a program without origins works with."""
    model, frame = parse_formula(FORMULA), rows("SmLs04")
    columns = statistics_of(model, frame).columns
    raw = type(columns)(columns.columns, {("response", "identity"): (0.0, 1.0)}, {})
    stats = accumulate(frame, raw, Hierarchy.of([(("treatment",), [])]))
    expected = closed_form("SmLs04", "REML")
    try:
        fit = mlm.fit(model, stats)
    except MLMError:
        return  # refused: nothing but rounding is left of the response
    kept = digits(fit.variance("treatment"), expected["between_variance"])
    assert min(kept, digits(fit.sigma2, expected["residual_variance"])) < LOST
