"""Factors of replicate weights by cluster, batch by batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.errors import SurveyError
from mlm.rows.accumulating import batches, frame_source
from mlm.rows.accumulating.sources import source_of
from mlm.rows.replicating.cluster_factors import cluster_factors


def frame(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    school = rng.permutation(np.repeat(np.arange(20), 15))
    rows = pd.DataFrame({"county": school % 3, "school": school, "w": rng.gamma(4, size=300)})
    factors = rng.choice([0.5, 1.5], (20, 6))
    for r in range(6):
        rows[f"r{r}"] = rows["w"] * factors[school, r]
    return rows


ROWS = frame()
REPLICATES = [f"r{r}" for r in range(6)]


def test_batches_and_their_order_change_nothing(monkeypatch):
    whole = cluster_factors(source_of(ROWS), ["county", "school"], "w", REPLICATES)
    monkeypatch.setattr(frame_source, "BATCH_ROWS", 37, raising=False)
    monkeypatch.setattr(batches, "BATCH_ROWS", 37)
    parts = cluster_factors(source_of(ROWS.sample(frac=1.0)), ["county", "school"], "w", REPLICATES)
    assert (whole.names == parts.names).all()
    np.testing.assert_allclose(whole.factors, parts.factors, rtol=1e-12)
    assert whole.names[0].count(":") == 1
    assert whole.spread == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("adjusted", [0.0, 0.1])
def test_the_spread_is_that_of_the_rows(adjusted):
    rows = ROWS.copy()
    rows["r0"] *= 1.0 + adjusted * (np.arange(300) % 2)
    found = cluster_factors(source_of(rows), ["school"], "w", REPLICATES)
    factors = rows[REPLICATES].div(rows["w"], axis=0).groupby(rows["school"])
    expected = (factors.max() - factors.min()).to_numpy().max()
    assert found.spread == pytest.approx(expected, abs=1e-12)
    assert (found.spread > 1e-3) == (adjusted > 0)


def test_rows_without_a_weight_count_for_nothing():
    rows = ROWS.assign(w=ROWS["w"].where(ROWS.index > 9, 0.0))
    rows.loc[:9, "r3"] = np.nan
    found = cluster_factors(source_of(rows), ["school"], "w", REPLICATES)
    assert found.sums[0] == pytest.approx(rows["w"].sum())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS.assign(r2=ROWS["r2"].where(ROWS.index > 3)), "r2 is missing or negative in 4 rows"),
        (ROWS.assign(w=0.0), "no row of"),
        (ROWS.assign(school=ROWS["school"].where(ROWS.index > 3)), "id column school is missing"),
        (ROWS.drop(columns="r5"), "r5 is not in"),
    ],
)
def test_what_is_missing_is_told(rows, message):
    with pytest.raises(SurveyError, match=message):
        cluster_factors(source_of(rows), ["school"], "w", REPLICATES)
