"""Ranks by draws: what they must add up to, and limits that are known."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.units import ranks
from mlm.statistics.answers.units.ranks import (
    FULLY_DRAWN_UNITS,
    RANK_DRAWS,
    descending_ranks,
    rank_distribution,
    ranks_of_draws,
    tenth_of,
)
from tests.bands import FALSE_ALARM, binomial_band, largest_ratio, mean_band

MEANS = np.array([2.0, 1.0, 0.0, -1.0, -2.0])


def test_without_errors_the_ranks_are_those_of_the_means():
    found = rank_distribution(MEANS, np.zeros((5, 5)))
    assert found.intervals == pytest.approx(np.arange(1.0, 6.0)[:, None] * np.ones(3))
    assert found.top.tolist() == [1, 0, 0, 0, 0]
    assert found.bottom.tolist() == [0, 0, 0, 0, 1]
    assert found.correlation == pytest.approx(1.0)


def test_with_errors_alone_all_units_are_alike():
    found = rank_distribution(np.zeros(20), np.eye(20))
    low, high = binomial_band(RANK_DRAWS, 0.1, FALSE_ALARM / 40)
    assert low <= min(found.top.min(), found.bottom.min())
    assert high >= max(found.top.max(), found.bottom.max())
    assert abs(found.correlation) < largest_ratio(1) / np.sqrt(19 * RANK_DRAWS)


def test_probabilities_of_the_tenths_add_to_the_size_of_a_tenth():
    means = np.random.default_rng(1).normal(size=40)
    found = rank_distribution(means, 0.3 * np.eye(40) + 0.1)
    assert found.top.sum() == pytest.approx(4.0)
    assert found.bottom.sum() == pytest.approx(4.0)
    assert found.intervals[:, 0].sum() == pytest.approx(40 * 41 / 2)


@pytest.mark.parametrize(
    "units,draws", [(1, 200), (7, 1), (7, 2), (40, 200), (40, 333), (300, 2000)]
)
def test_intervals_are_quantiles_of_the_ranks_of_all_draws(units, draws):
    rng = np.random.default_rng(units + draws)
    means, drawn = rng.normal(size=units), rng.normal(size=(draws, units)).round(1)
    found = ranks_of_draws(means, iter(drawn), draws)
    ranks = descending_ranks(drawn)
    ends = np.quantile(ranks, [0.025, 0.975], axis=0)
    assert found.intervals == pytest.approx(np.column_stack([ranks.mean(axis=0), *ends]))
    assert found.top.tolist() == (ranks <= tenth_of(units)).mean(axis=0).tolist()
    if units > 1:
        own = descending_ranks(means[None, :])[0]
        each = [np.corrcoef(own, row)[0, 1] for row in ranks]
        assert found.correlation == pytest.approx(np.mean(each))


def test_an_error_shared_by_all_does_not_move_ranks():
    shared = rank_distribution(MEANS, np.full((5, 5), 4.0))
    assert shared.correlation == pytest.approx(1.0)
    alone = rank_distribution(MEANS, np.full(5, 4.0))
    assert alone.correlation < 0.8


def test_the_expected_correlation_is_that_with_the_truth():
    rng = np.random.default_rng(2)
    reliability, found, true = 0.6, [], []
    for _ in range(40):
        truth = rng.normal(size=60)
        error = np.sqrt(1 / reliability - 1) * rng.normal(size=60)
        means = reliability * (truth + error)
        found.append(rank_distribution(means, np.full(60, 1 - reliability)).correlation)
        ranks = descending_ranks(np.stack([truth, means]))
        true.append(np.corrcoef(ranks)[0, 1])
    low, high = mean_band(np.subtract(found, true), 0.0)
    assert low <= np.mean(found) - np.mean(true) <= high


@pytest.mark.parametrize("units,draws", [(3, 2000), (FULLY_DRAWN_UNITS + 1, 200)])
def test_two_thousand_draws_are_made_and_a_tenth_of_them_of_very_many_units(units, draws):
    """Probabilities are counts of draws over their number."""
    means = np.random.default_rng(4).normal(size=units)
    top = rank_distribution(means, np.ones(units)).top
    assert top * draws == pytest.approx(np.round(top * draws), abs=1e-9)
    fewer = top * (draws // 10)
    assert np.abs(fewer - np.round(fewer)).max() > 0.05


@pytest.mark.parametrize("n_values", [3, 40, 10**9])
def test_ranks_of_equal_values_are_in_their_order(n_values):
    values = np.random.default_rng(n_values).integers(0, n_values, (5, 1000)) / 7.0
    ranks = descending_ranks(values)
    for row, own in zip(values, ranks, strict=True):
        expected = sorted(range(row.size), key=lambda i: (-row[i], i))
        assert np.argsort(own).tolist() == expected


def test_units_sorted_some_at_a_time_have_the_same_intervals(monkeypatch):
    rng = np.random.default_rng(4)
    means, drawn = rng.normal(size=53), rng.normal(size=(200, 53))
    expected = ranks_of_draws(means, drawn, 200)
    monkeypatch.setattr(ranks, "UNITS_SORTED", 10)
    found = ranks_of_draws(means, drawn, 200)
    assert np.array_equal(found.intervals, expected.intervals)
    assert np.array_equal(found.top, expected.top) and found.correlation == expected.correlation
