"""Residuals of rows, read a second time, against those of lme4 (make_residuals.R)."""

import json
from pathlib import Path

import numpy as np
import pytest

import mlm
from mlm.statistics.answers.diagnostics.residual_grid import CELLS, GRID_REACH
from tests.reference.inference_sets import part, part_statistics
from tests.reference.reference_sets import NEEDS_DATA

MADE = json.loads((Path(__file__).parent / "residuals.json").read_text())["residuals"]
OPTIMUM = 2e-4  # both stop where a further step gains less than 1e-8 in deviance
CELL = 2 * GRID_REACH / CELLS  # quantiles are known to a cell of the grid


@NEEDS_DATA
@pytest.mark.parametrize("case", MADE, ids=[case["set"] for case in MADE])
def test_residuals_and_leverages_are_those_of_lme4(case):
    stats = part_statistics(case["set"], case["formula"], case.get("precision"))
    found = mlm.residuals(mlm.fit(case["formula"], stats), part(case["set"]), case["by"], stats)
    assert found.sigma == pytest.approx(case["sigma"], rel=OPTIMUM)
    for name in ("mean", "sd", "skewness", "kurtosis", "largest", "leverage"):
        assert found.moments[name] == pytest.approx(case[name], rel=OPTIMUM, abs=OPTIMUM), name
    observed = np.interp(case["levels"], np.arange(1, 200) / 200, found.quantiles.observed)
    assert observed == pytest.approx(case["quantiles"], abs=2 * CELL)
    assert sum(found.histogram.rows) == found.rows == sum(group["rows"] for group in case["groups"])
    by_category = {group.category: group for group in found.groups}
    for group in case["groups"]:
        own = by_category[group["category"]]
        assert (own.rows, own.beyond) == (group["rows"], group["beyond"])
        assert own.mean == pytest.approx(group["mean"], abs=OPTIMUM * found.sigma)
        assert own.sd == pytest.approx(group["sd"], rel=OPTIMUM)
