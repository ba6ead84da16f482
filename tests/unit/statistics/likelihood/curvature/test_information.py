"""Expected information by differences equals that by exact series, variances of zero included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.likelihood import working as workings
from mlm.statistics.likelihood.crossed import structure
from mlm.statistics.likelihood.curvature import information
from mlm.statistics.likelihood.curvature.information import second_derivatives
from mlm.statistics.likelihood.making import working_statistics
from tests.crossed_rows import CROSSED, crossed_sample

DIFFERENCES = 1e-5  # relative to the sizes of both parameters; steps are a share of 1e-4


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("name", CROSSED)
@pytest.mark.parametrize("value", [0.0, 0.4])
def test_differences_give_the_information_of_the_series(name, criterion, value, monkeypatch):
    fit, stats, _ = crossed_sample(name)
    working = working_statistics(fit.model, stats, pooled=False)
    omegas = [0.3 * np.eye(width) + 0.05 for width in working.structure.widths]
    omegas[-1][-1] = omegas[-1][:, -1] = 0.0
    omegas[-1][-1, -1] = value
    entries, exact = information.expected_information(working, omegas, criterion)
    monkeypatch.setattr(structure, "MOST_BY_SERIES", 0)
    again, found = information.expected_information(working, omegas, criterion)
    assert again == entries[: len(again)]
    scale = np.sqrt(np.diagonal(exact))
    np.testing.assert_allclose(
        found / np.outer(scale, scale), exact / np.outer(scale, scale), atol=DIFFERENCES
    )


@pytest.mark.parametrize("name", CROSSED)
def test_differences_give_the_second_derivatives_of_the_series(name, monkeypatch):
    fit, stats, _ = crossed_sample(name)
    working = working_statistics(fit.model, stats, pooled=False)
    omegas = [0.3 * np.eye(width) + 0.05 for width in working.structure.widths]
    exact = second_derivatives(working, omegas)
    monkeypatch.setattr(structure, "MOST_BY_SERIES", 0)
    found = second_derivatives(working, omegas)
    assert found is not exact and found.entries == exact.entries
    for part in ("fixed", "traces", "first"):
        mine, its = getattr(found, part), getattr(exact, part)
        np.testing.assert_allclose(mine, its, rtol=1e-8, atol=1e-8 * np.abs(its).max())
    for part in ("trace_pairs", "second"):
        mine, its = getattr(found, part), getattr(exact, part)
        size = np.sqrt(
            np.abs([its[i, i] for i in range(len(its))]).reshape(len(its), -1).max(axis=1)
        )
        scale = np.multiply.outer(size, size).reshape(len(its), len(its), *(1,) * (its.ndim - 2))
        np.testing.assert_allclose(mine / scale, its / scale, atol=DIFFERENCES)


@pytest.mark.parametrize("formula", ["(1 + x | b) + (1 | a)", "(0 + wave | b) + (1 + x | a)"])
def test_of_very_many_groups_differences_do_with_pooled_ones(formula, monkeypatch):
    """What the series take of each group apart, evaluations take of the pooled ones."""
    rng = np.random.default_rng(3)
    b = np.repeat(np.arange(240), 6)
    frame = pd.DataFrame(
        {"a": (b // 20).astype(str), "b": b.astype(str), "x": rng.normal(size=b.size)}
    )
    frame["wave"] = np.array(list("uvw"))[np.arange(b.size) % 3]
    frame["y"] = frame["x"] + rng.normal(size=240)[b] + rng.normal(size=b.size)
    model = parse_formula(f"y ~ x + {formula}")
    stats = statistics_of(model, frame)
    pooled, apart = (working_statistics(model, stats, each) for each in (True, False))
    omegas = [0.3 * np.eye(width) + 0.05 for width in apart.structure.widths]
    omegas[0][-1] = omegas[0][:, -1] = 0.0
    entries, exact = information.expected_information(apart, omegas, "REML")
    monkeypatch.setattr(workings, "TAKES_LONG", 0)
    again, found = information.expected_information(pooled, omegas, "REML")
    assert again == entries[: len(again)]
    scale = np.sqrt(np.diagonal(exact))
    np.testing.assert_allclose(
        found / np.outer(scale, scale), exact / np.outer(scale, scale), atol=DIFFERENCES
    )
