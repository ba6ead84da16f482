"""Linking errors of differences between waves."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.errors import StatisticsError
from tests.unit.front.test_pooling import MATH, ROWS

FRAME = ROWS.assign(wave=np.where(np.arange(len(ROWS)) % 2, "2003", "2012"))
FORMULA = "math ~ wave + x + (1 | school)"


@pytest.fixture(scope="module")
def fit():
    return mlm.fit(FORMULA, FRAME, plausible_values=MATH)


def test_the_variance_of_the_link_is_added_to_that_of_the_change(fit):
    found = mlm.with_linking_error(fit, {"wave[T.2012]": 1.93})
    before, after = fit.fixed_effects, found.fixed_effects
    variances = before["std_error"] ** 2 + np.where(before.index == "wave[T.2012]", 1.93**2, 0.0)
    np.testing.assert_allclose(after["std_error"] ** 2, variances)
    np.testing.assert_allclose(after["sampling_error"], before["sampling_error"])
    assert (after["estimate"] == before["estimate"]).all()
    assert after.loc["wave[T.2012]", "df"] > before.loc["wave[T.2012]", "df"]
    assert after.loc["x"].equals(before.loc["x"])


def test_a_test_of_the_change_holds_the_link(fit):
    found = mlm.with_linking_error(fit, {"wave[T.2012]": 1.93})
    table = found.fixed_effects.loc["wave[T.2012]"]
    assert mlm.wald_test(found, ["wave"]).statistic == pytest.approx(table["t"] ** 2)
    one = mlm.with_linking_error(fit.fits[0], {"wave[T.2012]": 1.93})
    z = one.fixed_effects.loc["wave[T.2012]", "z"]
    assert mlm.wald_test(one, ["wave"]).statistic == pytest.approx(z**2)


def test_no_link_changes_nothing_and_a_large_one_is_all(fit):
    same = mlm.with_linking_error(fit, {})
    np.testing.assert_allclose(same.fixed_effects, fit.fixed_effects)
    huge = mlm.with_linking_error(fit, {"wave[T.2012]": 1e6}).fixed_effects.loc["wave[T.2012]"]
    assert huge["std_error"] == pytest.approx(1e6)
    assert huge["upper"] - huge["estimate"] == pytest.approx(1.959964e6, rel=1e-5)  # normal


@pytest.mark.parametrize(
    ("errors", "message"),
    [({"wave": 1.9}, "no coefficient wave"), ({"wave[T.2012]": -1.0}, "zero or more")],
)
def test_what_is_no_linking_error_is_refused(fit, errors, message):
    with pytest.raises(StatisticsError, match=message):
        mlm.with_linking_error(fit, errors)
