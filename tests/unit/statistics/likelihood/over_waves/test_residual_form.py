"""Which terms take the residual's place, looked at some units at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting import effect_sums
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.likelihood.over_waves import residual_form
from mlm.statistics.likelihood.pooled import apart as levels_apart
from tests.errors_of_groups import joint_covariance

PUPILS, WAVES = 40, 3
FORMULA = "y ~ 1 + us(0 + wave | pupil)"


def rows(twice: int | None) -> pd.DataFrame:
    """Pupils with a row a wave, one of them with two rows in a wave."""
    rng = np.random.default_rng(3)
    pupil, wave = (part.ravel() for part in np.indices((PUPILS, WAVES)))
    if twice is not None:
        pupil, wave = np.append(pupil, twice), np.append(wave, 1)
    names = np.array([f"w{i}" for i in range(WAVES)])[wave]
    y = rng.normal(size=PUPILS)[pupil] + rng.normal(size=pupil.size)
    return pd.DataFrame({"y": y, "wave": names, "pupil": [f"p{i:02}" for i in pupil]})


@pytest.mark.parametrize("twice", [None, 0, PUPILS - 1], ids=["nobody", "the first", "the last"])
def test_every_unit_is_looked_at(twice, monkeypatch):
    monkeypatch.setattr(residual_form, "GROUPS_AT_A_TIME", 7)
    fit = mlm.fit(FORMULA, rows(twice))
    assert (fit.residual == "pupil") == (twice is None)


def test_units_are_looked_at_once_for_all_models_of_a_sample(monkeypatch):
    stats = statistics_of(parse_formula(FORMULA), rows(None))
    looked = []
    find = residual_form._Counts.some
    monkeypatch.setattr(
        residual_form._Counts,
        "some",
        lambda own, groups: looked.append(groups) or find(own, groups),
    )
    for criterion in ("ML", "REML"):
        mlm.fit(FORMULA, stats, criterion)
    assert len(looked) == 1


def test_errors_of_many_units_are_summed_without_their_weights(monkeypatch):
    stats = statistics_of(parse_formula(FORMULA), rows(None))
    evaluated = evaluation_of(mlm.fit(FORMULA, stats), stats)
    expected = joint_covariance(evaluated, "pupil")
    monkeypatch.setattr(effect_sums, "MANY_GROUPS", 1)
    monkeypatch.setattr(levels_apart, "ERRORS_AT_A_TIME", 7)
    assert joint_covariance(evaluated, "pupil") == pytest.approx(expected, rel=1e-10, abs=1e-10)
