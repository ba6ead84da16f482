"""Aggregates, centring and standard scores under sampling weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.rows.cleaning.computed import aggregate, standard_scores
from tests.cleaned_waves import clean_wave
from tests.cycles import wave_rows, write_cycles

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-50, 50), st.integers(0, 4), st.booleans()),
    min_size=1,
    max_size=20,
)


@given(ROWS)
def test_integer_weights_are_repeated_rows(rows):
    """Of means, shares and the means of others; a row's own repetitions are not among these."""
    rows = sorted(rows)
    group = np.unique([row[0] for row in rows], return_inverse=True)[1]
    values = np.array([np.nan if row[3] else row[1] for row in rows], dtype=float)
    weights = np.array([row[2] for row in rows], dtype=float)
    found = aggregate("mean", values, group, weights)
    others = aggregate("leave_one_out", values, group, weights)
    for i, own in enumerate(group):
        inside = (group == own) & ~np.isnan(values) & (weights > 0)
        repeated = np.repeat(values[inside], weights[inside].astype(int))
        np.testing.assert_allclose(found[i], repeated.mean() if inside.any() else np.nan)
        inside[i] = False
        repeated = np.repeat(values[inside], weights[inside].astype(int))
        expected = repeated.mean() if inside.any() else np.nan
        np.testing.assert_allclose(others[i], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("statistic", ["mean", "share", "sd", "count", "leave_one_out"])
def test_equal_weights_change_nothing(statistic):
    rng = np.random.default_rng(0)
    group, values = np.repeat(np.arange(5), 4), rng.normal(size=20)
    values[3] = np.nan
    plain = aggregate(statistic, values, group)
    np.testing.assert_allclose(aggregate(statistic, values, group, np.full(20, 7.0)), plain)


def test_standard_scores_have_mean_0_and_spread_1_under_the_weights():
    rng = np.random.default_rng(1)
    values, weights = rng.normal(size=30), rng.uniform(1, 5, size=30)
    found = standard_scores(values, weights)
    assert np.average(found, weights=weights) == pytest.approx(0.0, abs=1e-12)
    assert np.average(found**2, weights=weights) == pytest.approx(29 / 30)


def test_aggregates_of_a_survey_use_its_weights(tmp_path):
    school = {"label": "Homes", "type": "number", "level": "school"}
    aggregate_of = {"of": "escs", "within": "school", "statistic": "mean"}
    escs = {"label": "Home", "type": "number", "level": "row", "centre": "wave"}
    configuration = write_cycles(tmp_path, escs=escs, size={**school, "aggregate": aggregate_of})
    table, _ = clean_wave(configuration, "2018")
    read = wave_rows(2018)
    centred = read["escs"] - np.average(read["escs"], weights=read["W_FSTUWT"])
    np.testing.assert_allclose(table["escs"].to_numpy(), centred)
    parts = pd.DataFrame({"s": read["SCHOOLID"], "w": read["W_FSTUWT"], "y": centred})
    parts["wy"] = parts["w"] * parts["y"]
    sums = parts.groupby("s")[["w", "wy"]].transform("sum")
    np.testing.assert_allclose(table["size"].to_numpy(), sums["wy"] / sums["w"], atol=1e-12)


@pytest.mark.parametrize("kind", ["overall", "conditional"])
def test_rows_without_a_weight_of_their_own_have_that_of_their_unit(tmp_path, kind):
    made = {"of": "escs", "within": "school", "statistic": "mean"}
    size = {"label": "Homes", "type": "number", "level": "school", "aggregate": made}
    weights = {"school": "W_FSCHWT"}
    configuration = write_cycles(
        tmp_path, size=size, weights=weights, weights_are=kind, replicates=None
    )
    table, _ = clean_wave(configuration, "2018")
    read = wave_rows(2018)
    means = read.groupby("SCHOOLID")["escs"].transform("mean")
    np.testing.assert_allclose(table["size"].to_numpy(), means, atol=1e-12)


def test_statistics_over_all_waves_are_weighed_in_each(tmp_path):
    made = {"of": "escs", "within": "school", "statistic": "mean", "waves": "all"}
    size = {"label": "Homes", "type": "number", "level": "school", "aggregate": made}

    def again(frame):
        frame["SCHOOLID"] = wave_rows(2018)["SCHOOLID"]
        frame["W_FSCHWT"] = wave_rows(2018)["W_FSCHWT"]

    configuration = write_cycles(tmp_path, again, design="same_schools", size=size)
    table, _ = clean_wave(configuration, "2022")
    both = pd.concat(
        [wave_rows(2018), wave_rows(2022).assign(SCHOOLID=wave_rows(2018)["SCHOOLID"])]
    )
    both["wy"] = both["W_FSTUWT"] * both["escs"]
    sums = both.groupby("SCHOOLID")[["W_FSTUWT", "wy"]].sum()
    expected = (sums["wy"] / sums["W_FSTUWT"])[table["school"].to_pylist()]
    np.testing.assert_allclose(table["size"].to_numpy(), expected, atol=1e-12)
