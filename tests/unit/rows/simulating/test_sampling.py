"""Samples in two stages: who is drawn, what the weights and their replicates add up to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import ConfigurationError, StatisticsError
from mlm.rows.simulating.sample_weights import zones
from mlm.rows.simulating.selection import allocated, chances, drawn
from mlm.rows.simulating.simulation import simulate_survey
from tests.bands import binomial_band
from tests.drawn_cases import cases
from tests.two_stages import two_stages

FEW = settings(max_examples=cases(4), derandomize=True)
EXAMPLES = settings(max_examples=cases(30), derandomize=True)
ROUNDED = 5e-6  # of a weight in the files
FAY = 'replicates: {method: fay, columns: "W_FSTR{1..16}"}'
JK1 = 'replicates: {method: jk1, columns: "W{1..25}"}'
JK2 = "replicates: {method: jk2, zone: JKZONE, unit: JKREP}"
AT_RANDOM = ("informative: {school: 0.4, pupil: 0.2}", "informative: {school: 0.4}")
ALL_ANSWER = (("    response: {school: 0.9, pupil: {sex: {g: 0.95, b: 0.8}}}\n", ""), AT_RANDOM)
UNMEASURED = (
    ("  plausible_values:\n", ""),
    ('    columns: {math: "PV{1..5}MATH", reading: "PV{1..5}READ"}\n', ""),
    ("    reliability: {math: 0.85, reading: 0.8}\n", ""),
    ("outcome: math\n", "outcome: PV1MATH\n"),
    ("cuts: {math", "cuts: {PV1MATH"),
    ("  W_FSTUWT:", "  reading: {label: Reading, type: number, level: row}\n  W_FSTUWT:"),
)


def read(configuration, seed: int = 7, draw: int = 0, wave: str = "2018"):
    """Rows of a wave, weights as numbers, and the truth."""
    waves, truth = simulate_survey(configuration, seed=seed, draw=draw)
    rows = waves[wave]
    numbers = [c for c in rows if c.startswith("W")]
    return rows.assign(**{c: rows[c].astype(float) for c in numbers}), truth


@FEW
@given(seed=st.integers(0, 10_000), draw=st.integers(0, 10), replicates=st.sampled_from([FAY, JK1]))
def test_weights_add_to_the_population_in_every_replicate(seed, draw, replicates):
    """Exactly: sizes are those by which schools are drawn, and adjustments keep the sums.

    Of the jackknife on average alone: a stratum loses schools, and gains in the others.
    """
    rows, truth = read(two_stages(*UNMEASURED, AT_RANDOM, (FAY, replicates)), seed, draw)
    near = ROUNDED * len(rows)
    population = truth["population"]["2018"]["rows"]
    assert rows["W_FSTUWT"].sum() == pytest.approx(population, abs=near)
    sums = rows.filter(regex=r"^W(_FSTR)?\d+$").sum()
    if replicates == JK1:
        assert sums.mean() == pytest.approx(population, abs=near)
    else:
        assert sums.to_numpy() == pytest.approx(population, abs=near)


def test_informative_weights_add_to_the_population_on_average():
    configuration = two_stages(*UNMEASURED, (FAY, ""))
    found = [read(configuration, draw=draw) for draw in range(3)]
    for rows, truth in found:
        population = truth["population"]["2018"]
        assert rows["W_FSTUWT"].sum() == pytest.approx(population["rows"], rel=0.1)
        assert (rows["W_FSTUWT"] > rows["W_FSCHWT"]).all()
        assert rows.groupby(["region", "school"])["W_FSCHWT"].nunique().max() == 1
    assert found[0][1]["population"] == found[1][1]["population"]
    assert not found[0][0].equals(found[1][0])


def test_selection_that_tells_of_the_outcome_is_undone_by_the_weights():
    changes = (("school: 24,", "school: 80,"), ("school: 25,", "school: 120,"), (FAY, ""))
    strong = ("school: 0.4, pupil: 0.2", "school: 0.9, pupil: 0.8")
    rows, truth = read(two_stages(*UNMEASURED, *changes, strong))
    scores = rows["PV1MATH"].astype(float)
    mean = truth["population"]["2018"]["outcomes"]["PV1MATH"]["mean"]
    error = np.sqrt(truth["population"]["2018"]["outcomes"]["PV1MATH"]["sampling_variance"])
    assert scores.mean() > mean + 8.0 * error
    assert np.average(scores, weights=rows["W_FSTUWT"]) == pytest.approx(mean, abs=5.0 * error)


def test_factors_are_equal_in_a_school_unless_pupils_of_a_kind_answer_otherwise():
    def spread(*changes) -> np.ndarray:
        rows, _ = read(two_stages(*UNMEASURED, *changes))
        rows = rows.assign(f=rows["W_FSTR3"] / rows["W_FSTUWT"])
        by = rows.groupby(["region", "school"])
        return (by["f"].max() - by["f"].min()).to_numpy()

    assert spread(*ALL_ANSWER) == pytest.approx(0.0, abs=1e-5)
    apart = spread()
    assert (apart > 1e-3).mean() > 0.8


def test_those_who_answer_are_as_many_as_the_shares_say():
    changes = (("school: 24,", "school: 80,"), ("school: 25,", "school: 150,"), (FAY, ""))
    rows, _ = read(two_stages(*UNMEASURED, *changes, ("0.95, b: 0.8", "1, b: 0.5")))
    schools = len(rows[["region", "school"]].drop_duplicates())
    low, high = binomial_band(150, 0.9)
    assert low <= schools / 150 <= high
    boys = (rows["sex"] == "b").sum()
    low, high = binomial_band(10 * schools, (0.2, 0.3))  # half of them boys, of whom half answer
    assert low <= boys / (10 * schools) <= high


def test_pairs_have_two_halves_each_and_a_lone_school_is_halved():
    rows, _ = read(two_stages(*UNMEASURED, *ALL_ANSWER, (FAY, JK2)))
    pairs = rows.groupby("JKZONE")["JKREP"].nunique()
    assert (pairs == 2).all()
    assert len(pairs) == 13  # of 25 schools in three strata, one of which is odd
    schools = rows.groupby(["region", "school"])
    assert schools["JKZONE"].nunique().max() == 1
    assert (schools["JKREP"].nunique() == 2).sum() == 1
    assert (rows.groupby("JKZONE")["region"].nunique() == 1).all()


@EXAMPLES
@given(sizes=st.lists(st.floats(1.0, 1e4), min_size=1, max_size=8), more=st.integers(0, 60))
def test_units_are_allotted_by_size(sizes, more):
    sizes, count = np.array(sizes), 2 * len(sizes) + more
    found = allocated(sizes, count)
    assert found.sum() == count
    assert (found >= 2).all()
    order = np.argsort(sizes)
    assert (np.diff(found[order]) >= -1).all()


@EXAMPLES
@given(
    sizes=st.lists(st.floats(0.01, 1e3), min_size=1, max_size=30),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 1000),
)
def test_chances_add_to_the_number_that_is_drawn(sizes, share, seed):
    count = max(round(share * len(sizes)), 1)
    found = chances(np.array(sizes), count)
    assert found.sum() == pytest.approx(count)
    assert ((found > 0) & (found <= 1)).all()
    chosen = drawn(found, np.random.default_rng(seed))
    assert np.unique(chosen).size == count
    assert np.isin(np.flatnonzero(found == 1.0), chosen).all()
    below = found < 1.0
    if below.sum() > 1:
        assert found[below] / np.array(sizes)[below] == pytest.approx(
            (found / np.array(sizes))[below][0]
        )


def test_every_unit_is_drawn_as_often_as_its_chance_says():
    random, sizes = np.random.default_rng(1), np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    found, trials = chances(sizes, 2), 4000
    times = np.bincount(
        np.concatenate([drawn(found, random) for _ in range(trials)]), minlength=sizes.size
    )
    for time, chance in zip(times / trials, found, strict=True):
        low, high = binomial_band(trials, chance)
        assert low <= time <= high


def test_zones_are_pairs_and_a_last_of_three():
    strata = np.repeat([0, 1, 2], [4, 5, 3])
    assert zones(strata).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4]


def test_another_later_wave_and_the_same_seed_change_nothing():
    configuration = two_stages()
    both, truth = simulate_survey(configuration)
    fewer = two_stages(("school: 25,", 'school: {"2018": 25, "2022": 20},'))
    other, _ = simulate_survey(fewer)
    pd.testing.assert_frame_equal(other["2018"], both["2018"])
    assert len(other["2022"]) < len(both["2022"])
    again, same = simulate_survey(configuration)
    assert all(again[wave].equals(both[wave]) for wave in both)
    assert same == truth


def test_a_stratum_with_too_few_schools_is_told():
    with pytest.raises(
        ConfigurationError, match=r"stratum '0\d' has 24 units of level school, 3\d"
    ):
        simulate_survey(two_stages(("school: 25,", "school: 90,"), (FAY, "")))


def test_more_zones_than_replicates_are_told():
    with pytest.raises(StatisticsError, match="12 zones of clusters need more than 12 replicates"):
        simulate_survey(two_stages((FAY, FAY.replace("16", "12"))))
