"""Shares of variance: they add up, their intervals cover, zero stays zero."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from mlm.errors import FitError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.answers.variation import shares
from mlm.statistics.answers.variation.shares import (
    level_test,
    level_tests,
    row_correlations,
    variance_shares,
)
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.reference import weighted
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.identification import NotIdentified
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
SIZES = {"county": 12, "school": (4, 6), "row": (5, 9)}
NULL = "y ~ 1 + (1 | county/school)"
TRUE = {"county": 0.2, "county:school": 0.3, "residual": 1.0}
REPLICATES = 20


def solution(seed: int, variances: dict[str, float], text: str = NULL, criterion: str = "REML"):
    frame = nested_rows(np.random.default_rng(seed), SIZES, variances)
    x, z, kind = frame["x"], frame["z"], frame["kind"].map({"a": 0.0, "b": 0.4, "c": 0.8})
    frame["y"] -= 0.5 * x + 0.3 * z + kind  # only the random part is left
    model = parse_formula(text)
    return solve(model, statistics_of(model, frame), criterion)


@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("county", [0.0, 0.4])
def test_shares_add_up_to_one_and_lie_in_their_intervals(county, criterion):
    found = solution(1, {"county": county, "school": 0.3}, criterion=criterion)
    shares = variance_shares(found)
    assert [s.group for s in shares] == ["county", "county:school", "residual"]
    assert sum(s.share for s in shares) == pytest.approx(1.0)
    for share in shares:
        assert share.variance == pytest.approx(found.fit.variance(share.group), rel=1e-9, abs=1e-12)
        assert 0.0 <= share.lower <= share.share <= share.upper <= 1.0
        assert share.upper > share.lower


def test_a_level_without_variance_has_share_zero_and_an_interval_from_zero():
    found = (variance_shares(solution(seed, {"school": 0.3}))[0] for seed in range(14))
    share = next(share for share in found if share.variance == 0.0)
    assert share.share == share.lower == 0.0
    assert 0.0 < share.upper < 0.5


@pytest.mark.parametrize("reml", [False, True])
def test_the_interval_of_one_share_ends_where_the_deviance_has_risen_by_the_quantile(reml):
    """Balanced one-way layout: the criterion in closed form, by hand."""
    groups, size = 14, 6
    rng = np.random.default_rng(9)
    frame = nested_rows(rng, {"school": groups, "row": size}, {"school": 0.6})
    model = parse_formula("y ~ 1 + (1 | school)")
    found = solve(model, statistics_of(model, frame), "REML" if reml else "ML")
    y = frame["y"].to_numpy().reshape(groups, size)
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum()
    between = size * ((y.mean(axis=1) - y.mean()) ** 2).sum()

    def deviance(share: float) -> float:
        inflation = 1.0 + size * share / (1.0 - share)
        degrees = groups * size - reml
        sigma2 = (within + between / inflation) / degrees
        value = degrees * (1.0 + np.log(2.0 * np.pi * sigma2)) + groups * np.log(inflation)
        return value + (np.log(groups * size / inflation) if reml else 0.0)

    share = variance_shares(found)[0]
    assert deviance(share.share) == pytest.approx(found.fit.deviance, abs=1e-7)
    limit = found.fit.deviance + chi2.ppf(0.95, 1)
    lower = brentq(lambda s: deviance(s) - limit, 1e-9, share.share)
    upper = brentq(lambda s: deviance(s) - limit, share.share, 1 - 1e-9)
    assert share.lower == pytest.approx(lower, rel=1e-4)
    assert share.upper == pytest.approx(upper, rel=1e-4)


def test_correlations_of_rows_have_the_interval_of_the_share_of_all_levels_around():
    sizes = {"county": 8, "school": 3, "class": 3, "row": 5}
    variances = {"county": 0.3, "school": 0.3, "class": 0.3}
    frame = nested_rows(np.random.default_rng(3), sizes, variances)
    model = parse_formula("y ~ x + (1 | county/school/class)")
    found = solve(model, statistics_of(model, frame))
    shares = variance_shares(found)
    outer, middle, inner = row_correlations(found, shares)
    assert astuple(outer) == (shares[0].share, shares[0].lower, shares[0].upper)
    assert astuple(inner) == pytest.approx(
        [1 - shares[-1].share, 1 - shares[-1].upper, 1 - shares[-1].lower]
    )
    assert middle.value == pytest.approx(shares[0].share + shares[1].share)
    blocks = {term.name: i for i, term in enumerate(found.fit.model.random)}
    names = ("county", "county:school", "county:school:class")

    def lowest(share: float) -> float:
        """Criterion with the share of counties and schools held, by brute force."""

        def at(p: np.ndarray) -> float:
            ratio = share / (1.0 - share) * (1.0 + p[1] ** 2)
            squares = (ratio * np.cos(p[0]) ** 2, ratio * np.sin(p[0]) ** 2, p[1] ** 2)
            omegas: list = [None] * 3
            for name, square in zip(names, squares, strict=True):
                omegas[blocks[name]] = np.array([[square]])
            theta = working_theta(omegas, found.working.blocks)
            return evaluate(found.working, level_matrices(theta, found.working), "REML").deviance

        return min(minimize(at, [a, 0.5], method="Nelder-Mead").fun for a in (0.4, 1.1))

    for end in (middle.lower, middle.upper):
        assert lowest(end) - found.fit.deviance == pytest.approx(chi2.ppf(0.95, 1), abs=0.01)


def test_each_level_is_tested_with_half_its_mass_at_zero():
    found = solution(3, {"county": 0.5, "school": 0.5})
    tests = level_tests(found)
    assert set(tests) == {"county", "county:school"}
    for test in tests.values():
        assert test.reference == weighted({0: 0.5, 1: 0.5})
        assert test.p_value < 0.05


@pytest.mark.parametrize(
    "error,kind",
    [(NotIdentified(NULL, (("county:school",),)), "not_identified"), (FitError(""), "not_fitted")],
)
def test_a_level_without_which_nothing_is_fitted_has_no_test(monkeypatch, error, kind):
    """Where effects last, say, those of a wave are told from the rows by what lasts alone."""
    found = solution(1, {"county": 0.4, "school": 0.3})

    def failing(*given):
        raise error

    monkeypatch.setattr(shares, "solve", failing)
    test = level_test(found, ("county",))
    assert (test.kind, test.reason.kind) == ("refused", kind)
    assert level_tests(found)["county"] == test
