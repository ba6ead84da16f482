"""Parameters of forms that the data do not tell apart are refused before any search."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.told_forms import forms_are_told
from mlm.statistics.likelihood.identification import NotIdentified
from mlm.statistics.likelihood.making import working_statistics

PUPILS, WAVES = 60, 4


def rows(waves_of) -> pd.DataFrame:
    """Pupils with rows in some of the waves, by their number."""
    rng = np.random.default_rng(11)
    places = [(i, t) for i in range(PUPILS) for t in waves_of(i)]
    pupil, t = np.array(places).T
    y = rng.normal(size=PUPILS)[pupil] + rng.normal(size=pupil.size)
    ids = {"pupil": [f"p{i}" for i in pupil], "wave": [f"w{i}" for i in t]}
    return pd.DataFrame({**ids, "y": y})


ALL = rows(lambda i: range(WAVES))
ONE = rows(lambda i: [i % WAVES])
PAIRS = rows(lambda i: [0, 1] if i % 2 else [2, 3])


def told(formula: str, data: pd.DataFrame) -> bool:
    model = parse_formula(f"y ~ wave + {formula}")
    return forms_are_told(working_statistics(model, statistics_of(model, data, None)))


@pytest.mark.parametrize("form", ["us", "cs", "csh", "ar1", "ar1h", "toeph", "adh", "diag"])
def test_every_form_is_told_by_units_seen_in_all_waves(form):
    assert told(f"{form}(0 + wave | pupil)", ALL)


@pytest.mark.parametrize("form", ["us", "cs", "csh", "ar1", "ar1h", "toeph", "adh"])
def test_no_correlation_is_told_by_units_seen_once(form):
    assert not told(f"{form}(0 + wave | pupil)", ONE)


@pytest.mark.parametrize(
    ("form", "is_told"),
    [("us", False), ("toeph", False), ("adh", False), ("cs", True), ("ar1", True)],
)
def test_pairs_of_waves_tell_what_all_pairs_have_in_common(form, is_told):
    assert told(f"{form}(0 + wave | pupil)", PAIRS) is is_told


@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("form", ["us", "cs"])
def test_an_intercept_beside_a_form_that_holds_it_is_refused(form, criterion):
    with pytest.raises(NotIdentified, match="cannot tell the parameters") as refused:
        mlm.fit(f"y ~ wave + {form}(0 + wave | pupil) + (1 | pupil)", ALL, criterion)
    cure = f"leave out one of {form}(0 + wave | pupil) and (1 | pupil)"
    assert cure in str(refused.value)


def test_an_intercept_beside_variances_of_the_residual_by_wave_is_told():
    assert told("diag(0 + wave | pupil) + (1 | pupil)", ALL)
    fit = mlm.fit("y ~ wave + diag(0 + wave | pupil) + (1 | pupil)", ALL)
    assert fit.in_place == (True, False) and fit.residual_variance == 0.0
    equal = mlm.fit("y ~ wave + (1 | pupil)", ALL)
    assert fit.deviance <= equal.deviance and fit.n_params == equal.n_params + WAVES - 1
