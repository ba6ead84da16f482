"""Means and shares of groups with errors by replicates and draws; mistakes that are told."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import LonePairs, StatisticsError, SurveyError

DRAWS = 3
MATH = mlm.PlausibleValues("math", [f"PV{m}" for m in range(1, DRAWS + 1)])
FAY = mlm.fay("R{1..8}", k=0.5)


def rows(seed: int = 1) -> pd.DataFrame:
    """Eight pairs of schools, with balanced replicates."""
    from scipy.linalg import hadamard

    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(16), 12)
    frame = pd.DataFrame({"zone": school // 2, "unit": school % 2 + 1, "school": school})
    frame["wave"] = np.where(rng.random(school.size) < 0.5, "2010", "2015")
    frame["W"] = rng.gamma(5.0, size=school.size)
    signs = np.where(school % 2 == 0, 1.0, -1.0)[:, None] * hadamard(8).T[school // 2]
    frame[[f"R{r}" for r in range(1, 9)]] = frame[["W"]].to_numpy() * (1.0 + 0.5 * signs)
    truth = 500.0 + 40.0 * rng.normal(size=16)[school] + 60.0 * rng.normal(size=school.size)
    for column in MATH.columns:
        frame[column] = truth + 30.0 * rng.normal(size=school.size)
    return frame


ROWS = rows()


def test_means_and_shares_are_those_of_rows():
    table = mlm.means(ROWS, MATH, "W", FAY, by="wave").table
    shares = mlm.shares_at(ROWS, MATH, 480.0, "W", FAY, by="wave").table
    for wave, own in ROWS.groupby("wave"):
        draws = [np.average(own[c], weights=own["W"]) for c in MATH.columns]
        assert table.loc[wave, "estimate"] == pytest.approx(np.mean(draws))
        imputed = (1 + 1 / DRAWS) * np.var(draws, ddof=1)
        assert table.loc[wave, "imputation_error"] ** 2 == pytest.approx(imputed)
        sampling = [
            np.sum([(np.average(own[c], weights=own[f"R{r}"]) - t) ** 2 for r in range(1, 9)]) / 2
            for c, t in zip(MATH.columns, draws, strict=True)
        ]
        assert table.loc[wave, "sampling_error"] ** 2 == pytest.approx(np.mean(sampling))
        above = [np.average(own[c] >= 480.0, weights=own["W"]) for c in MATH.columns]
        assert shares.loc[wave, "estimate"] == pytest.approx(np.mean(above))
    assert table["rows"].sum() == len(ROWS)


def test_reports_of_old_take_the_sampling_variance_of_the_first_draw():
    first = mlm.means(ROWS, "PV1", "W", FAY).table
    old = mlm.means(ROWS, MATH, "W", FAY, sampling="first").table
    assert old["sampling_error"].iloc[0] == pytest.approx(first["std_error"].iloc[0])
    assert first["imputation_error"].iloc[0] == 0.0
    assert first["df"].iloc[0] == 8


def test_a_difference_holds_the_covariance_and_the_link():
    found = mlm.means(ROWS, MATH, "W", FAY, by="wave")
    plain, linked = found.difference("2015", "2010"), found.difference("2015", "2010", 3.0)
    assert linked.std_error**2 == pytest.approx(plain.std_error**2 + 9.0)
    assert plain.estimate == pytest.approx(found.table["estimate"].diff().iloc[1])
    own = found.estimates.pooled()
    variance = own.total[0, 0] + own.total[1, 1] - 2 * own.total[0, 1]
    assert plain.std_error**2 == pytest.approx(variance)
    shares = mlm.shares_at(ROWS, MATH, 480.0, "W", FAY, by="wave")
    with pytest.raises(StatisticsError, match="it is in score points"):
        shares.difference("2015", "2010", 3.0)
    with pytest.raises(StatisticsError, match="no group 2012"):
        shares.difference("2015", "2012")


@pytest.mark.parametrize("halves", ["one", "both"])
def test_pairs_are_made_of_zones_and_units(halves):
    made = mlm.means(ROWS, MATH, "W", mlm.jk2(zone="zone", unit="unit", halves=halves)).table
    frame = ROWS.copy()
    for zone in range(8):
        for half in (1, 2):
            inside = frame["zone"] == zone
            own = np.where(inside, 2.0 * (frame["unit"] != half), 1.0)
            frame[f"J{2 * zone + half}"] = frame["W"] * own
    chosen = range(1, 17) if halves == "both" else range(1, 17, 2)
    columns = [f"J{i}" for i in chosen]
    read = mlm.means(frame, MATH, "W", mlm.jk2(columns, halves=halves)).table
    pd.testing.assert_frame_equal(made, read)


@pytest.mark.parametrize("halves", ["one", "both"])
def test_a_part_of_a_sample_may_lack_half_of_a_pair(halves):
    """The replicates of a part are those of the whole sample, in the rows of the part."""
    part = ROWS[~((ROWS["zone"] == 2) & (ROWS["unit"] == 1))]
    design = mlm.jk2(zone="zone", unit="unit", halves=halves)
    with pytest.warns(LonePairs, match="1 of 8 have one half only"):
        found = mlm.means(part, MATH, "W", design).table
    estimates = []
    for zone in range(8):
        own = np.where(part["zone"] == zone, 2.0 * (part["unit"] == 2), 1.0)
        estimates.append(np.average(part["PV1"], weights=part["W"] * own))
        if halves == "both":
            own = np.where(part["zone"] == zone, 2.0 * (part["unit"] == 1), 1.0)
            estimates.append(np.average(part["PV1"], weights=part["W"] * own))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LonePairs)
        one = mlm.means(part, "PV1", "W", design).table["std_error"].iloc[0]
    scale = 1.0 if halves == "one" else 0.5
    centre = np.average(part["PV1"], weights=part["W"])
    assert one**2 == pytest.approx(scale * np.sum((np.array(estimates) - centre) ** 2))
    assert found["rows"].iloc[0] == len(part)


def test_clusters_are_left_out_one_by_one():
    plain = mlm.means(ROWS, "PV1", "W", mlm.jk1(psu="school")).table["std_error"].iloc[0]
    whole = np.average(ROWS["PV1"], weights=ROWS["W"])
    left = [
        np.average(own["PV1"], weights=own["W"])
        for own in (ROWS[ROWS["school"] != school] for school in range(16))
    ]
    assert plain**2 == pytest.approx(15 / 16 * np.sum((np.array(left) - whole) ** 2))
    stratified = mlm.means(ROWS, "PV1", "W", mlm.jkn(psu="school", strata="zone")).table
    assert stratified["df"].iloc[0] == 8


def test_rows_without_a_value_or_a_weight_are_counted():
    frame = ROWS.assign(W=ROWS["W"].where(ROWS.index > 4, 0.0))
    frame.loc[10:12, "PV2"] = np.nan
    found = mlm.means(frame, MATH, "W", FAY, by="wave")
    assert found.dropped == {"W": 5, "PV2": 3}
    assert found.table["rows"].sum() == len(ROWS) - 8


@pytest.mark.parametrize(
    ("frame", "replicates", "message"),
    [
        (ROWS.assign(R3=ROWS["R3"] * 9), FAY, "are not the replicates of these weights"),
        (ROWS, mlm.fay("R{1..8}", k=0.0), "factor 0.5"),
        (ROWS, mlm.brr("R{1..8}"), "factor 0.5"),
        (ROWS.assign(R3=ROWS["R3"].where(ROWS.index > 2)), FAY, "missing in 3 rows"),
        (ROWS.assign(W=-ROWS["W"]), FAY, "negative in 192 rows"),
        (ROWS.assign(PV1=np.nan), FAY, "no row of"),
        (ROWS.drop(columns="R8"), FAY, "R8 is not in"),
        (ROWS, mlm.jk2(zone="wave", unit="school"), "2 of 2 have another number"),
        (ROWS, mlm.jkn(psu="school", strata="school"), "two clusters or more"),
        (
            ROWS.assign(zone=ROWS["zone"].where(ROWS.index > 2)),
            mlm.jk2(zone="zone", unit="unit"),
            "missing in 3",
        ),
    ],
)
def test_mistakes_are_told(frame, replicates, message):
    with pytest.raises(SurveyError, match=message):
        mlm.means(frame, MATH, "W", replicates)


REPLICATES = [f"R{r}" for r in range(1, 9)]


def exchanged(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the replicate weights of others."""
    other = np.random.default_rng(3).permutation(len(frame))
    return frame.assign(**dict(zip(REPLICATES, frame[REPLICATES].to_numpy()[other].T, strict=True)))


@pytest.mark.parametrize("weights", ["unequal", "equal"])
@pytest.mark.parametrize("by", [mlm.means, lambda *rows, **how: mlm.shares_at(*rows, 480.0, **how)])
def test_replicate_weights_of_other_rows_are_refused(by, weights):
    frame, message = ROWS, "rows are on average"
    if weights == "equal":  # clusters alone tell it
        ratio = frame[REPLICATES].div(frame["W"], axis=0)
        frame, message = frame.assign(W=2.0, **(2.0 * ratio)), "differ inside school"
    design = mlm.SamplingDesign({"row": "W", "school": "S"}, replicates=FAY)
    if weights == "unequal":
        design = mlm.SamplingDesign({"row": "W"}, replicates=FAY)
    by(frame, MATH, design=design)
    with pytest.raises(SurveyError, match=message):
        by(exchanged(frame), MATH, design=design)


def test_clusters_may_be_numbered_anew_in_each_wave():
    """School 1 of a wave is not that of another: their factors differ."""
    other = {name: ROWS[name].to_numpy()[::-1] for name in ("W", *REPLICATES)}
    frame = pd.concat([ROWS.assign(cycle="a"), ROWS.assign(cycle="b", **other)])
    design = mlm.SamplingDesign({"row": "W"}, psu="school", wave="cycle", replicates=FAY)
    mlm.means(frame, MATH, design=design, by="cycle")
    with pytest.raises(SurveyError, match="differ inside school"):
        mlm.means(frame, MATH, design=replace(design, wave=None), by="cycle")


def test_a_group_that_a_replicate_empties_is_refused():
    frame = ROWS.assign(wave=np.where(ROWS["school"] == 0, "lone", "other"))
    with pytest.raises(SurveyError, match="groups lone have no weight in some replicate"):
        mlm.means(frame, MATH, "W", mlm.jk1(psu="school"), by="wave")


def test_a_design_has_weights_and_replicates():
    design = mlm.SamplingDesign({"row": "W"}, replicates=FAY)
    plain = mlm.shares_at(ROWS, MATH, 480.0, "W", FAY, by="wave").table
    pd.testing.assert_frame_equal(
        mlm.shares_at(ROWS, MATH, 480.0, by="wave", design=design).table, plain
    )
    without = mlm.SamplingDesign({"row": "W"})
    with pytest.raises(StatisticsError, match="overall weights of rows, and replicates"):
        mlm.means(ROWS, MATH, design=without)


def test_nested_draws_of_means_follow_the_nested_rules():
    frame = ROWS.assign(PV4=ROWS["PV1"] + np.random.default_rng(3).normal(0.0, 30.0, len(ROWS)))
    nested = mlm.PlausibleValues("math", [["PV1", "PV2"], ["PV3", "PV4"]])
    found = mlm.means(frame, nested, "W", FAY).table.iloc[0]
    q = np.array([np.average(frame[c], weights=frame["W"]) for c in nested.columns]).reshape(2, 2)
    imputed = 1.5 * q.mean(1).var(ddof=1) + 0.5 * q.var(axis=1, ddof=1).mean()
    assert found["imputation_error"] ** 2 == pytest.approx(imputed)
    assert found["estimate"] == pytest.approx(q.mean())
    shares = mlm.shares_at(frame, nested, 480.0, "W", FAY, by="wave")
    assert shares.difference("2015", "2010").std_error > 0.0
