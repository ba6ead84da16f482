"""Plausible values of the study of samples are distributed as the scores that they stand for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.bands import FALSE_ALARM, mean_band
from tests.recovery import sampled_chain as chain
from tests.recovery.plausible_draws import KINDS, with_draws

SCHOOLS, SAMPLES = 100, 25


def of_scores(waves: dict[str, pd.DataFrame], score: str) -> dict[str, float]:
    """What schools, pupils and single scores add, and what goes with numbers and time."""
    first, last = (wave[score].to_numpy().reshape(-1, chain.PUPILS) for wave in waves.values())
    both = pd.concat(waves.values())
    found = {
        "change": last.mean() - first.mean(),
        "inside": last.var(axis=1).mean(),
        "of schools": last.mean(axis=1).var(),
        "slope": np.polyfit(both["ses"], both[score], 1)[0],
    }
    if len(first) == len(last):
        found["over waves"] = np.cov(first.mean(axis=1), last.mean(axis=1))[0, 1]
        apart = [wave - wave.mean(axis=1, keepdims=True) for wave in (first, last)]
        found["pupils over waves"] = (apart[0] * apart[1]).mean()
    return found


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", chain.DESIGNS)
def test_draws_are_distributed_as_scores(design, kind):
    differences = []
    for seed in range(SAMPLES):
        waves = chain.sample(design, seed, SCHOOLS, 4000)
        drawn = with_draws(design, waves, seed, 1, kind)
        true, found = of_scores(waves, "score"), of_scores(drawn, "PV1")
        differences.append({name: found[name] - value for name, value in true.items()})
    for name, values in pd.DataFrame(differences).dropna(axis=1).items():
        low, high = mean_band(values, 0.0, FALSE_ALARM / 6)
        assert low <= values.mean() <= high, (name, low, values.mean(), high)
