"""Linearised errors of means, ratios and shares against their closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

import mlm
from mlm.errors import StatisticsError
from mlm.statistics.replication.domains import DomainEstimates
from tests.bands import binomial_band
from tests.drawn_cases import cases

EXACT = 1e-10  # relative: two ways to the same sums


def rows(seed: int, clusters: int = 12, equal: bool = False) -> pd.DataFrame:
    """Rows of clusters in three strata, a group of rows inside them, weights."""
    rng = np.random.default_rng(seed)
    sizes = np.full(clusters, 5) if equal else rng.integers(2, 9, clusters)
    school = np.repeat(np.arange(clusters), sizes)
    n = school.size
    return pd.DataFrame(
        {
            "school": school.astype(str),
            "stratum": (school % 3).astype(str),
            "sex": rng.choice(["boy", "girl"], n),
            "w": np.ones(n) if equal else rng.gamma(3.0, size=n),
            "y": 500.0 + 10.0 * rng.normal(size=clusters)[school] + 30.0 * rng.normal(size=n),
        }
    )


def design(strata: bool = True, errors: str | None = "linearised") -> mlm.SamplingDesign:
    return mlm.SamplingDesign(
        {"row": "w"},
        psu="school",
        strata="stratum" if strata else None,
        standard_errors=errors,
    )


def test_a_mean_of_equal_clusters_has_the_error_of_their_means():
    frame = rows(1, equal=True)
    means = frame.groupby("school")["y"].mean()
    table = mlm.means(frame, "y", design=design(strata=False)).table
    assert table["estimate"].iloc[0] == pytest.approx(frame["y"].mean(), rel=EXACT)
    assert table["std_error"].iloc[0] == pytest.approx(means.std() / np.sqrt(len(means)), rel=1e-9)
    assert table["df"].iloc[0] == len(means) - 1


def test_of_strata_the_variances_of_their_means_add_up():
    frame = rows(2, equal=True)
    means = frame.groupby(["stratum", "school"])["y"].mean()
    parts = means.groupby("stratum").var() / means.groupby("stratum").size()
    share = 1.0 / 3.0
    table = mlm.means(frame, "y", design=design()).table
    assert table["std_error"].iloc[0] ** 2 == pytest.approx((share**2 * parts).sum(), rel=1e-9)
    assert table["df"].iloc[0] == 12 - 3


@settings(max_examples=cases(12))
@given(st.integers(0, 10_000), st.booleans())
def test_a_ratio_has_the_variance_of_its_linearised_values(seed, strata):
    """Woodruff (1971): the sum over clusters of ``w (y - r) / W``, within strata."""
    frame = rows(seed)
    table = mlm.means(frame, "y", design=design(strata), by="sex").table
    for sex, own in frame.groupby("sex"):
        ratio = np.average(own["y"], weights=own["w"])
        z = frame["w"] * (frame["y"] - ratio) * (frame["sex"] == sex) / own["w"].sum()
        by = z.groupby([frame["stratum"] if strata else 0 * frame["w"], frame["school"]]).sum()
        groups = by.groupby(level=0)
        variance = (groups.size() * groups.var()).sum()
        assert table.loc[sex, "estimate"] == pytest.approx(ratio, rel=EXACT)
        assert table.loc[sex, "std_error"] ** 2 == pytest.approx(variance, rel=1e-8)


def test_a_share_is_the_mean_of_what_is_at_or_above_the_cut():
    frame = rows(3)
    above = frame.assign(y=(frame["y"] >= 500.0) * 1.0)
    share = mlm.shares_at(frame, "y", 500.0, design=design()).table
    mean = mlm.means(above, "y", design=design()).table
    for name in ("estimate", "std_error", "df"):
        assert share[name].iloc[0] == pytest.approx(mean[name].iloc[0], rel=EXACT)
    assert 0.0 < share["lower"].iloc[0] < share["upper"].iloc[0] < 1.0


def test_a_difference_of_groups_holds_their_covariance():
    frame = rows(4)
    found = mlm.means(frame, "y", design=design(), by="sex").difference("girl", "boy")
    z = 0.0
    for sign, (_, own) in zip((-1.0, 1.0), frame.groupby("sex"), strict=True):
        ratio = np.average(own["y"], weights=own["w"])
        z = z + sign * (own["w"] * (own["y"] - ratio) / own["w"].sum()).reindex(
            frame.index, fill_value=0.0
        )
    groups = z.groupby([frame["stratum"], frame["school"]]).sum().groupby(level=0)
    assert found.std_error**2 == pytest.approx((groups.size() * groups.var()).sum(), rel=1e-8)


def test_linearised_errors_are_near_those_of_the_jackknife():
    frame = rows(5, clusters=60)
    jackknife = mlm.jkn(psu="school", strata="stratum")
    other = mlm.means(frame, "y", "w", jackknife).table["std_error"].iloc[0]
    own = mlm.means(frame, "y", design=design()).table["std_error"].iloc[0]
    assert own == pytest.approx(other, rel=0.03)


@pytest.mark.parametrize("strata", [True, False])
def test_of_few_clusters_they_are_those_of_the_jackknife(strata):
    frame = rows(8)
    stratum = {"strata": "stratum"} if strata else {}
    made = mlm.jkn(psu="school", **stratum) if strata else mlm.jk1(psu="school")
    for by in (None, "sex"):
        other = mlm.means(frame, "y", "w", made, by=by).table
        own = mlm.means(frame, "y", design=design(strata, errors=None), by=by).table
        for name in ("estimate", "std_error"):
            assert own[name].to_numpy() == pytest.approx(other[name].to_numpy(), rel=1e-9)
        assert (own["df"] <= 12 - (3 if strata else 1)).all()


def test_a_group_of_few_clusters_has_fewer_degrees_of_freedom():
    frame = rows(9, clusters=40)
    frame["few"] = np.where(frame["school"].astype(int) < 5, "few", "many")
    table = mlm.means(frame, "y", design=design(False, errors=None), by="few").table
    assert table.loc["few", "df"] < 10 < table.loc["many", "df"] <= 39


@pytest.mark.parametrize("errors", ["linearised", "jackknife"])
def test_of_three_clusters_a_sample_tells_on_two_degrees_of_freedom(errors):
    frame = rows(9, clusters=40)
    frame["few"] = np.where(frame["school"].astype(int) < 3, "few", "many")
    found = mlm.means(frame, "y", design=design(False, errors=errors), by="few")
    assert found.table.loc["few", "df"] <= 2.0
    gap = found.difference("few", "many")
    assert gap.df < 3.0
    reach = t.ppf(0.975, gap.df) * gap.std_error
    assert (gap.lower, gap.upper) == pytest.approx((gap.estimate - reach, gap.estimate + reach))


def test_of_two_groups_of_a_sample_the_smaller_number_of_clusters_counts():
    values = np.random.default_rng(4).normal(size=(1, 41, 3))
    known = {"rows": np.ones(3), "weights": np.ones(3), "clusters": np.array([3, 20, 40])}
    estimates = DomainEstimates(("a", "b", "all"), values, np.ones(40), 39.0, **known)
    contrasts = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert estimates.degrees(contrasts).tolist() == [2.0, 19.0, 39.0]
    assert estimates.of([1]).degrees(np.eye(1)).tolist() == [19.0]


def test_gaps_of_three_clusters_are_seldom_significant_without_any():
    """Three of 40 clusters taken at random; with the sample's 39 degrees .27 are, at .05."""
    frame, significant = rows(9, clusters=40, equal=True), 0
    rng, draws = np.random.default_rng(11), 400
    for _ in range(draws):
        few = set(rng.choice(40, 3, replace=False).astype(str).tolist())
        frame["few"] = np.where(frame["school"].isin(few), "few", "many")
        gap = mlm.means(frame, "y", design=design(False), by="few").difference("few", "many")
        significant += not gap.lower <= 0.0 <= gap.upper
    assert binomial_band(draws, (0.0, 0.10))[1] >= significant / draws


def test_without_replicates_or_clusters_errors_are_not_known():
    with pytest.raises(StatisticsError, match="replicates or clusters"):
        mlm.means(rows(6), "y", design=mlm.SamplingDesign({"row": "w"}))
    with pytest.raises(StatisticsError, match="replicates or clusters"):
        mlm.means(rows(6), "y", "w")


def test_draws_add_to_linearised_errors():
    frame = rows(7)
    rng = np.random.default_rng(7)
    drawn = {f"pv{m}": frame["y"] + 20.0 * rng.normal(size=len(frame)) for m in (1, 2, 3)}
    frame = frame.assign(**drawn)
    score = mlm.PlausibleValues("maths", list(drawn))
    table = mlm.means(frame, score, design=design()).table
    one = [mlm.means(frame, name, design=design()).table for name in drawn]
    within = np.mean([t["std_error"].iloc[0] ** 2 for t in one])
    between = np.var([t["estimate"].iloc[0] for t in one], ddof=1) * (1 + 1 / 3)
    assert table["std_error"].iloc[0] ** 2 == pytest.approx(within + between, rel=1e-9)
