"""Ranks by draws: what they must add up to, and limits that are known."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.units.ranks import descending_ranks, rank_distribution

MEANS = np.array([2.0, 1.0, 0.0, -1.0, -2.0])


def test_without_errors_the_ranks_are_those_of_the_means():
    found = rank_distribution(MEANS, np.zeros((5, 5)))
    assert found.intervals == pytest.approx(np.arange(1.0, 6.0)[:, None] * np.ones(3))
    assert found.top.tolist() == [1, 0, 0, 0, 0]
    assert found.bottom.tolist() == [0, 0, 0, 0, 1]
    assert found.correlation == pytest.approx(1.0)


def test_with_errors_alone_all_units_are_alike():
    found = rank_distribution(np.zeros(20), np.eye(20))
    assert found.top == pytest.approx(np.full(20, 0.1), abs=0.03)
    assert found.bottom == pytest.approx(np.full(20, 0.1), abs=0.03)
    assert abs(found.correlation) < 0.05


def test_probabilities_of_the_tenths_add_to_the_size_of_a_tenth():
    means = np.random.default_rng(1).normal(size=40)
    found = rank_distribution(means, 0.3 * np.eye(40) + 0.1)
    assert found.top.sum() == pytest.approx(4.0)
    assert found.bottom.sum() == pytest.approx(4.0)
    assert found.intervals[:, 0].sum() == pytest.approx(40 * 41 / 2)


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
    assert np.mean(found) == pytest.approx(np.mean(true), abs=0.03)
