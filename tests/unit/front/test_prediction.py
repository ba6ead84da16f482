"""Predictions add up by hand, and say what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import ModelError, StatisticsError, SurveyError
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
TEXT = "y ~ x * kind + I(x ** 2) + (1 + x | county) + (1 | county:school)"
EXACT = 1e-9


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    sizes = {"county": 8, "school": 4, "row": 9}
    return nested_rows(rng, sizes, {"county": 0.4, "school": 0.4}, {"county": 0.2})


@pytest.fixture(scope="module")
def fit(rows):
    return mlm.fit(TEXT, rows)


def fixed_part(fit, rows) -> np.ndarray:
    x, effect = rows["x"].to_numpy(), dict(zip(fit.names, fit.beta, strict=True))
    out = effect["Intercept"] + effect["x"] * x + effect["I(x ** 2)"] * x**2
    for kind in ("b", "c"):
        here = (rows["kind"] == kind).to_numpy()
        out += here * (effect[f"kind[T.{kind}]"] + effect[f"x:kind[T.{kind}]"] * x)
    return out


def county_part(fit, rows) -> np.ndarray:
    table = mlm.posterior_means(fit, rows).of("county")
    at = {unit: i for i, unit in enumerate(table.units)}
    mean = table.mean[[at[c] for c in rows["county"]]]
    return mean[:, 0] + mean[:, 1] * rows["x"].to_numpy()


def school_part(fit, rows) -> np.ndarray:
    table = mlm.posterior_means(fit, rows).of("county:school")
    at = {unit: i for i, unit in enumerate(table.units)}
    return table.mean[[at[label] for label in rows["county"] + ":" + rows["school"]], 0]


def test_the_fixed_part_is_predicted_from_fixed_effects(fit, rows):
    assert mlm.predict(fit, rows) == pytest.approx(fixed_part(fit, rows), rel=EXACT)


def test_a_level_adds_its_effects_and_those_around_it(fit, rows):
    county = fixed_part(fit, rows) + county_part(fit, rows)
    assert mlm.predict(fit, rows, "county", rows) == pytest.approx(county, rel=EXACT)
    school = county + school_part(fit, rows)
    assert mlm.predict(fit, rows, "county:school", rows) == pytest.approx(school, rel=EXACT)


def test_effects_bring_predictions_nearer_to_the_response(fit, rows):
    errors = [
        np.mean((rows["y"] - mlm.predict(fit, rows, level, rows)) ** 2)
        for level in (None, "county", "county:school")
    ]
    assert errors == sorted(errors, reverse=True)


def test_groups_unknown_to_the_fit_get_no_effect(fit, rows):
    new = rows.assign(county="elsewhere")
    assert mlm.predict(fit, new, "county:school", rows) == pytest.approx(fixed_part(fit, rows))


def test_one_row_is_predicted_as_it_is_among_others(fit, rows):
    together = mlm.predict(fit, rows, "county", rows)
    alone = mlm.predict(fit, rows.iloc[[7]], "county", rows)
    assert alone == pytest.approx(together[[7]], rel=EXACT)


def test_rows_with_a_missing_value_are_predicted_as_missing(fit, rows):
    gaps = rows.assign(x=rows["x"].where(rows.index != 3), kind=rows["kind"].where(rows.index != 5))
    found = mlm.predict(fit, gaps)
    assert list(np.flatnonzero(np.isnan(found))) == [3, 5]
    assert np.delete(found, [3, 5]) == pytest.approx(np.delete(fixed_part(fit, rows), [3, 5]))


def test_the_response_is_not_needed(fit, rows):
    assert mlm.predict(fit, rows.drop(columns="y")) == pytest.approx(fixed_part(fit, rows))


def test_intercepts_alone_are_predicted(rows):
    null = mlm.fit("y ~ 1 + (1 | county)", rows)
    assert mlm.predict(null, rows) == pytest.approx(np.full(len(rows), null.beta[0]))
    effects = mlm.posterior_means(null, rows).of("county")
    known = dict(zip(effects.units, effects.mean[:, 0], strict=True))
    expected = null.beta[0] + rows["county"].map(known)
    assert mlm.predict(null, rows, "county", rows) == pytest.approx(expected.to_numpy())


def test_what_cannot_be_predicted_is_told(fit, rows):
    with pytest.raises(SurveyError, match="kind: 1 categories are unknown to the fit .new."):
        mlm.predict(fit, rows.assign(kind="new"))
    with pytest.raises(SurveyError, match="column x is not in the frame"):
        mlm.predict(fit, rows.drop(columns="x"))
    with pytest.raises(ModelError, match="needs data="):
        mlm.predict(fit, rows, "county")
    with pytest.raises(ModelError, match="region is no level of the fit; it has"):
        mlm.predict(fit, rows, "region", rows)
    with pytest.raises(StatisticsError, match="not the sample of the fit"):
        mlm.predict(fit, rows, "county", rows.iloc[:-9])
