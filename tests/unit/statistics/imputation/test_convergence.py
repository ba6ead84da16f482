"""R-hat and effective draws of series whose dependence is known."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.convergence import effective_draws, split_r_hat


def _autoregressive(chains: int, n: int, correlation: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = np.empty((chains, n))
    out[:, 0] = rng.normal(size=chains)
    for i in range(1, n):
        noise = rng.normal(size=chains) * np.sqrt(1.0 - correlation**2)
        out[:, i] = correlation * out[:, i - 1] + noise
    return out[:, :, None]


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8])
def test_effective_draws_of_an_autoregression(correlation):
    series = _autoregressive(4, 4000, correlation, seed=4)
    worth = series.size * (1.0 - correlation) / (1.0 + correlation)
    assert effective_draws(series)[0] == pytest.approx(worth, rel=0.15)


def test_r_hat_is_near_one_for_chains_of_one_distribution_and_not_for_others():
    series = _autoregressive(4, 1000, 0.3, seed=5)
    assert split_r_hat(series)[0] < 1.01
    apart = series + np.array([0.0, 0.0, 0.0, 2.0])[:, None, None]
    assert split_r_hat(apart)[0] > 1.2
    drifting = series + np.linspace(0.0, 3.0, 1000)[None, :, None]
    assert split_r_hat(drifting)[0] > 1.2


def test_what_never_moves_has_converged():
    still = np.full((2, 100, 1), 3.0)
    assert split_r_hat(still)[0] == 1.0
    assert effective_draws(still)[0] == 200.0
