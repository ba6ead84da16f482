"""Degrees of freedom beside variances at zero: they do not jump, and count the units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.solution import solve

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
JUMP = 0.02  # relative change of degrees of freedom where effects change by two thousandths


def rows_of(units: int, people: int, seed: int) -> pd.DataFrame:
    """Units a, of some size each, crossed with units k; variables of rows and of units a."""
    rng = np.random.default_rng(seed)
    a = np.repeat(np.arange(units), rng.integers(6, 20, units))
    return pd.DataFrame(
        {
            "a": a.astype(str),
            "wave": rng.integers(3, size=a.size).astype(str),
            "k": rng.integers(people, size=a.size).astype(str),
            "x": rng.normal(size=a.size),
            "z": rng.normal(size=units)[a],
            "effect": rng.normal(size=units)[a],
            "error": rng.normal(size=a.size),
        }
    )


def shrunk(error: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Errors with half of what some columns explain taken away: less than chance leaves there."""
    return error - 0.5 * columns @ np.linalg.lstsq(columns, error, rcond=None)[0]


CASES = {
    "units": ("y ~ x + z + (1 | a)", ["a"], False),
    "units in units": ("y ~ x + z + (1 | a) + (1 | a:wave)", ["a"], False),
    "crossed": ("y ~ x + z + (1 | a) + (1 | k)", ["a"], False),
    "slopes": ("y ~ x + z + (0 + x | a)", ["a"], True),
    "slopes beside intercepts": ("y ~ x + z + (1 + x | a)", ["a"], True),
    "a form over waves": ("y ~ x + z + diag(0 + wave | a)", ["a", "wave"], False),
}


def responses(case: str, seed: int):
    """From the size of the units' effects to a fit."""
    text, groups, is_slope = CASES[case]
    rows, model = rows_of(9, 12, seed), parse_formula(text)
    columns = pd.get_dummies(rows[groups].agg(":".join, axis=1)).to_numpy(float)
    by = rows["x"].to_numpy() if is_slope else np.ones(len(rows))
    error = shrunk(rows["error"].to_numpy(), columns * by[:, None])

    def fit(sd: float):
        y = error + sd * rows["effect"] * by
        return solve(model, statistics_of(model, rows.assign(y=y)), "REML").fit

    return fit


def zeros(fit) -> int:
    """How many variances are zero."""
    return sum(int((np.linalg.eigvalsh(omega) < 1e-9).sum()) for omega in fit.omegas)


@pytest.mark.battery(2)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.study)])
def test_degrees_of_freedom_do_not_jump_when_a_variance_becomes_zero(case, seed):
    fit = responses(case, seed)
    low, high = 0.05, 0.8
    below, above = fit(low), fit(high)
    assert zeros(below) > zeros(above)
    while high - low > 2e-3:
        middle = fit(0.5 * (low + high))
        if zeros(middle) > zeros(above):
            low, below = 0.5 * (low + high), middle
        else:
            high, above = 0.5 * (low + high), middle
    assert below.degrees == pytest.approx(above.degrees, rel=JUMP)
    assert above.degrees.min() < 60.0


def test_units_that_are_more_alike_than_by_chance_still_count_as_units():
    """Balanced, the mean of 7 units has 6 degrees of freedom, whatever their variance is."""
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"a": np.repeat(list("abcdefg"), 5), "y": rng.normal(size=35)})
    rows["y"] -= rows.groupby("a")["y"].transform("mean") * 0.9
    model = parse_formula("y ~ 1 + (1 | a)")
    fit = solve(model, statistics_of(model, rows), "REML").fit
    assert fit.is_singular
    assert fit.degrees == pytest.approx([6.0], rel=1e-6)


def test_degrees_of_freedom_that_were_not_asked_for_come_when_they_are():
    rows = rows_of(12, 12, 3)
    rows["y"] = shrunk(rows["error"].to_numpy(), pd.get_dummies(rows["a"]).to_numpy(float))
    model = parse_formula("y ~ x + z + (1 | a)")
    stats = statistics_of(model, rows)
    without = solve(model, stats, "REML", degrees=False)
    assert np.isnan(without.fit.degrees).all()
    weights = np.eye(without.fit.beta.size)
    whole = solve(model, statistics_of(model, rows), "REML")
    assert without.degrees_of(weights) == pytest.approx(whole.degrees_of(weights))
    assert without.with_degrees().fit.degrees == pytest.approx(whole.fit.degrees)
    assert whole.with_degrees() is whole
    found = solve(model, stats, "REML").fit.degrees
    assert found == pytest.approx(solve(model, statistics_of(model, rows), "REML").fit.degrees)


def test_a_slope_beside_a_variance_of_zero_takes_few_evaluations():
    rows = rows_of(60, 12, 5)
    inner = pd.get_dummies(rows["a"] + ":" + rows["wave"]).to_numpy(float)
    rows["y"] = shrunk(rows["error"].to_numpy(), inner) + (1.0 + 0.3 * rows["x"]) * rows["effect"]
    texts = "y ~ x + (1 | a) + (1 | a:wave)", "y ~ x + (1 + x | a) + (1 | a:wave)"
    small, large = map(parse_formula, texts)
    stats = statistics_of(large, rows)
    first = solve(small, stats, "REML")
    assert zeros(first.fit) == 1
    near = solve(large, stats, "REML", first.fit)
    anew = solve(large, statistics_of(large, rows), "REML")
    assert near.fit.deviance == pytest.approx(anew.fit.deviance, abs=1e-6)
    assert near.best.evaluations < 0.75 * anew.best.evaluations
