"""Balance of a policy in a sample, beside means of covariates by the library and closed forms."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest

import mlm
from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.assignment import Assignment
from mlm.rows.accumulating.sources import source_of
from tests.sampled_surveys import (
    KINDS,
    WAVES,
    plan_of_survey,
    rows_below,
    rows_of_survey,
    sources_of_survey,
)
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

SAME = 1e-8  # relative: two ways to the same sums
COVARIATES = [("sex", "girl"), ("ses", None), ("noise", None)]


@cache
def balances(kind: str, new: bool = False, **assigned):
    plan = plan_of_survey(
        kind, new, slopes=(), policy={"kind": Assignment("observational", **assigned)}
    )
    return analyse_rows(plan, sources_of_survey(new), EMPTY)[0].policy[0].balance


def rows_of(wave: str, new: bool = False):
    rows = rows_of_survey(new)[wave].assign(wave=wave)
    return rows.assign(girl=(rows["sex"] == "girl").astype(float))


def own_sd(values, weights) -> float:
    mean = np.average(values, weights=weights)
    n = len(values)
    return np.sqrt(np.average((values - mean) ** 2, weights=weights) * n / (n - 1.0))


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_differences_are_those_of_weighted_means(kind, new):
    found = balances(kind, new)
    assert [wave.wave for wave in found.waves] == list(WAVES)
    for told in found.waves:
        rows = rows_of(told.wave, new)
        private = (rows["kind"] == "private").to_numpy()
        weights = rows["w_pupil"].to_numpy() if kind != "plausible_values" else np.ones(len(rows))
        assert [(r.column.variable, r.column.category) for r in told.rows] == COVARIATES
        for row in told.rows:
            values = rows["girl" if row.column.category else row.column.variable].to_numpy()
            mean, other = (
                np.average(values[own], weights=weights[own]) for own in (private, ~private)
            )
            sds = [own_sd(values[own], weights[own]) for own in (private, ~private)]
            sd = np.sqrt(0.5 * (sds[0] ** 2 + sds[1] ** 2))
            assert (row.mean, row.reference_mean) == pytest.approx((mean, other), rel=SAME)
            assert row.difference.estimate == pytest.approx((mean - other) / sd, rel=1e-6)
        sizes = [abs(row.difference.estimate) for row in told.rows]
        assert told.unequal == sum(size > found.threshold for size in sizes)
        assert told.joint.df == len(COVARIATES) and 0.0 < told.joint.p_value < 1.0


def test_errors_by_replicates_are_those_of_the_library():
    design = plan_of_survey("replicates").sampling.design
    rows = rows_below()
    for row in balances("replicates").waves[0].rows:
        name = row.column.variable
        own = rows[rows["wave"] == WAVES[0]]
        if row.column.category:
            own = own.assign(**{name: (own[name] == row.column.category).astype(float)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            means = mlm.means(own, name, by="kind", design=design)
        difference = means.difference("private", "public")
        scale = difference.std_error / abs(difference.estimate)
        error = row.difference.std_error / abs(row.difference.estimate)
        assert error == pytest.approx(scale, rel=1e-6)


def test_errors_without_replicates_leave_out_one_school_at_a_time():
    """Two schools a zone: one is left out, the other counts twice, and half of each square."""
    rows = rows_of(WAVES[0])
    private = (rows["kind"] == "private").to_numpy()
    weights, school = rows["w_pupil"].to_numpy(), rows["school"].to_numpy()
    for row in balances("weights").waves[0].rows:
        values = rows["girl" if row.column.category else row.column.variable].to_numpy()

        def difference(own, values=values):
            parts = [
                np.average(values[at], weights=own[at]) if own[at].any() else np.nan
                for at in (private, ~private)
            ]
            return parts[0] - parts[1]

        whole, squares = difference(weights), 0.0
        for left_out in np.unique(school):
            near = (rows["zone"] == rows["zone"][school == left_out].iloc[0]).to_numpy()
            moved = np.where(school == left_out, 0.0, np.where(near, 2.0 * weights, weights))
            squares += 0.5 * (difference(moved) - whole) ** 2
        sd = whole / row.difference.estimate
        assert row.difference.std_error == pytest.approx(np.sqrt(squares) / sd, rel=1e-6)


def test_replicates_give_the_joint_test():
    """F of all differences from the covariance of the replicates, by hand."""
    rows, found = rows_of(WAVES[1]), balances("replicates").waves[1]
    private = (rows["kind"] == "private").to_numpy()
    names = ["girl", "ses", "noise"]

    def differences(weights):
        parts = [
            np.average(rows[names].to_numpy()[own], axis=0, weights=weights[own])
            for own in (private, ~private)
        ]
        return parts[0] - parts[1]

    whole = differences(rows["w_pupil"].to_numpy())
    each = np.array([differences(rows[f"rep{r + 1}"].to_numpy()) for r in range(20)]) - whole
    covariance = each.T @ each / (20 * 0.25)
    schools = rows.groupby(private)["school"].nunique().min()
    d, k = float(min(20, schools - 1)), 3  # replicates, and schools of the smaller group
    wald = whole @ np.linalg.solve(covariance, whole)
    assert found.joint.statistic == pytest.approx((d - k + 1) / (k * d) * wald, rel=1e-6)
    assert found.joint.reference.denominator == pytest.approx(d - k + 1)


def test_the_wave_of_assignment_is_compared_alone():
    found = balances("all", wave=WAVES[0])
    assert [wave.wave for wave in found.waves] == [WAVES[0]]
    assert found.waves == balances("all").waves[:1]


def test_a_category_without_rows_in_a_wave_is_named():
    waves = {wave: frame.copy() for wave, frame in rows_of_survey().items()}
    last = waves[WAVES[1]]
    waves[WAVES[1]] = last[last["kind"] == "public"]
    sources = {wave: source_of(frame) for wave, frame in waves.items()}
    plan = plan_of_survey("weights", slopes=())
    found = analyse_rows(plan, sources, EMPTY)[0].policy[0].balance
    first, second = found.waves
    assert first.rows and not first.not_compared
    assert not second.rows and second.joint is None
    (lacking,) = second.not_compared
    assert (lacking.category, lacking.reason.kind) == ("private", "too_few_in_category")


def test_a_number_and_a_policy_alone_are_refused():
    for policy, terms, reason in (
        ("ses", None, "numeric_policy"),
        ("kind", ("kind",), "no_covariates"),
    ):
        more = {} if terms is None else {"terms": plan_of_survey("weights").terms[-1:]}
        plan = plan_of_survey(
            "weights", slopes=(), policy={policy: Assignment("observational")}, **more
        )
        found = analyse_rows(plan, sources_of_survey(), EMPTY)[0].policy[0].balance
        assert (found.kind, found.reason.kind) == ("refused", reason)
