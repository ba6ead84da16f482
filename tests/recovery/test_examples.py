"""The simulated example surveys give back what they were made from."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import t

from mlm.statistics.answers.variation.shares import variance_shares
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.selection.backward import reduce
from tests.bands import FALSE_ALARM, binomial_band, independent_trials, largest_ratio
from tests.recovery.surveys import ANALYSES, simulated

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
WIDER = largest_ratio(5) / 1.96  # an interval that five shares miss by a false alarm alone
REPLICATES = 60
SMALL = {
    "science": {"county": 12, "school": 6, "pupil": 12},
    "national": {"county": 14, "school": 6, "pupil": 10},
}


@cache
def example(survey: str):
    """The example as its configuration draws it, and its fit with the true random part."""
    drawn = simulated(survey)
    return drawn, solve(drawn.model, drawn.stats)


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_fixed_effects_are_recovered(survey):
    drawn, solution = example(survey)
    table = solution.fit.fixed_effects
    error = (table["estimate"] - drawn.true_effects(solution.fit)) / table["std_error"]
    chance = 2.0 * t.sf(error.abs(), table["df"])
    assert chance.min() > FALSE_ALARM / len(table), error.round(1).to_dict()


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_intervals_of_shares_contain_the_true_shares(survey):
    """The slope adds to the variances of its level, so it is left out of truth and model."""
    drawn, _ = example(survey)
    model = drawn.plan.full_model()
    shares = variance_shares(solve(model, drawn.stats))
    total = sum(drawn.truth["variances"].values())
    for share in shares:
        true = drawn.truth["variances"][share.group] / total
        low = share.share - WIDER * (share.share - share.lower)
        high = share.share + WIDER * (share.upper - share.share)
        assert low < true < high, share


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_the_true_random_slope_is_found(survey):
    drawn, solution = example(survey)
    without = fit_model(drawn.plan.full_model(), drawn.stats)
    test = likelihood_ratio_test(without, solution.fit)
    assert test.p_value < 0.01
    for slope in drawn.truth["slopes"]:
        found = solution.fit.variance(slope["group"], slope["variable"])
        assert 0.3 * slope["variance"] < found < 2.5 * slope["variance"]


def kept_terms(reduction) -> set[frozenset[str]]:
    return {frozenset(term.variables) for term in reduction.reduced.model.terms if term.factors}


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_the_reduction_keeps_what_has_an_effect(survey):
    drawn, _ = example(survey)
    found = reduce(drawn.plan.full_model(), drawn.stats, 0.05, drawn.plan.protected)
    assert kept_terms(found) >= drawn.true_terms
    dropped = len(found.full.model.terms) - len(found.reduced.model.terms)
    assert dropped >= 3, "most terms without an effect should leave"


# --- many replicates ----------------------------------------------------------------------


@cache
def replicates(survey: str) -> list:
    drawn = [simulated(survey, seed, SMALL[survey]) for seed in range(1, REPLICATES + 1)]
    return [(each, fit_model(each.model, each.stats)) for each in drawn]


def assert_unbiased(errors: np.ndarray, names) -> None:
    """Means of errors (replicates, quantities) lie within Monte-Carlo error of zero."""
    ratio = errors.mean(axis=0) / (errors.std(axis=0, ddof=1) / np.sqrt(len(errors)))
    limit = largest_ratio(len(ratio), len(errors) - 1)
    assert np.abs(ratio).max() < limit, dict(zip(names, ratio.round(1), strict=True))


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_fixed_effects_are_unbiased_and_their_intervals_cover(survey):
    found = replicates(survey)
    errors = np.array([fit.beta - each.true_effects(fit) for each, fit in found])
    names = found[0][1].names
    assert_unbiased(errors, names)
    inside = []
    for each, fit in found:
        table = fit.fixed_effects
        true = np.array(each.true_effects(fit))
        inside.append((table["lower"] <= true) & (true <= table["upper"]))
    low, high = binomial_band(independent_trials(REPLICATES, np.corrcoef(errors.T)), (0.94, 0.96))
    assert low <= np.mean(inside) <= high


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_variances_are_unbiased_where_they_are_well_above_zero(survey):
    """REML is nearly unbiased; a bound at zero pushes the smallest ones up."""
    found = replicates(survey)
    truth = found[0][0].truth["variances"]
    clear = [group for group, value in truth.items() if value >= 0.1 * truth["residual"]]
    errors = np.array([[fit.variance(g) - truth[g] for g in clear] for _, fit in found])
    assert_unbiased(errors, clear)


@pytest.mark.study
@pytest.mark.parametrize("survey", ANALYSES)
def test_wald_tests_of_effects_that_are_not_there_keep_their_level(survey):
    tables = []
    for each, fit in replicates(survey):
        absent = np.array(each.true_effects(fit)) == 0.0
        tables.append(fit.fixed_effects.loc[absent, ["z", "p_value"]].to_numpy())
    z, p_values = np.moveaxis(np.array(tables), -1, 0)
    low, high = binomial_band(independent_trials(REPLICATES, np.corrcoef(z.T)), (0.04, 0.06))
    assert low <= np.mean(p_values < 0.05) <= high
