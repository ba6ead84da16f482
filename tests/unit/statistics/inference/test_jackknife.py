"""The jackknife over clusters against fits to the rows without each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import SamplingError
from tests.drawn_schools import sample

SAME = 1e-4  # relative, of errors: searches end where a step could gain 1e-9
FORMULA = "y ~ x + (1 | school)"
ROWS = sample(schools=12, pupils=5)
WEIGHTS = {"row": "w", "school": "ws"}


def estimates(fit) -> np.ndarray:
    return np.concatenate([fit.beta, [fit.variance("school"), fit.sigma2]])


def without(rows: pd.DataFrame, school: int, factor: pd.Series) -> np.ndarray:
    kept = rows[rows["school"] != school]
    times = factor[kept["school"]].to_numpy()
    kept = kept.assign(w=kept["w"] * times, ws=kept["ws"] * times)
    design = mlm.SamplingDesign(WEIGHTS, standard_errors="linearised")
    return estimates(mlm.fit(FORMULA, kept, design=design))


@pytest.mark.parametrize("strata", [None, "stratum"])
def test_errors_are_those_of_fits_without_each_cluster(strata):
    rows = ROWS.assign(stratum=ROWS["school"] // 4)
    found = mlm.fit(FORMULA, rows, design=mlm.SamplingDesign(WEIGHTS, strata=strata))
    assert found.design.method == "jackknife"
    here, total, bias = estimates(found), 0.0, 0.0
    n = 4 if strata else 12
    for school in range(12):
        beside = pd.Series(range(12)) // 4 == school // 4
        factor = pd.Series(np.where(beside & (strata is not None), n / (n - 1.0), 1.0))
        moved = without(rows, school, factor) - here
        total, bias = total + (n - 1.0) / n * moved**2, bias + (n - 1.0) / n * moved
    assert np.diagonal(found.design.covariance) == pytest.approx(total, rel=SAME)
    assert found.design.corrected == pytest.approx((here - bias)[2:], rel=SAME)
    assert found.df_design == (9 if strata else 11)


def test_it_is_the_default_below_100_clusters_alone():
    few = mlm.SamplingDesign(WEIGHTS)
    assert [few.errors_of(n) for n in (99, 100)] == ["jackknife", "linearised"]
    said = mlm.SamplingDesign(WEIGHTS, standard_errors="jackknife")
    assert said.errors_of(500) == "jackknife"


def test_a_term_that_rests_on_one_cluster_is_told():
    rows = ROWS.assign(only=(ROWS["school"] == 3) * 1.0)
    with pytest.raises(SamplingError, match="without cluster 3") as caught:
        mlm.fit("y ~ x + only + (1 | school)", rows, design=mlm.SamplingDesign(WEIGHTS))
    assert caught.value.kinds == ["not_without_cluster"]


def test_the_fit_is_stored_with_its_design(tmp_path):
    found = mlm.fit(FORMULA, ROWS, design=mlm.SamplingDesign(WEIGHTS, psu="school"))
    found.to_json(tmp_path / "fit.json")
    again = mlm.Fit.from_json(tmp_path / "fit.json")
    assert again.to_record() == found.to_record()
    assert again.design.sampling == found.design.sampling
    table = found.variance_components
    assert {"std_error", "corrected"} <= set(table.columns)
    assert "pseudo-likelihood" in found.summary()
