"""Means of PISA 2003, Netherlands, as published: Fay's replicates and plausible values."""

from __future__ import annotations

import pandas as pd
import pytest

import mlm
from tests.examples import SHARED

FILE = SHARED / "weighted" / "pisa2003_nld.csv.gz"
AS_PRINTED = 0.0051  # half of the last digit of the reference
FAY = mlm.fay("W_FSTR{1..80}", k=0.5)

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="../shared/data is not there")


@pytest.fixture(scope="module")
def rows():
    return pd.read_csv(FILE, dtype={"SCHOOLID": str})


@pytest.mark.parametrize(
    ("domain", "mean", "error"),
    [
        ("MATH", 537.82, 3.13),
        ("READ", 513.12, 2.85),
        ("SCIE", 524.37, 3.15),
        ("PROB", 520.18, 2.95),
    ],
)
def test_means(rows, domain, mean, error):
    score = mlm.PlausibleValues("score", [f"PV{m}{domain}" for m in range(1, 6)])
    found = mlm.means(rows, score, "W_FSTUWT", FAY).table.iloc[0]
    assert found["estimate"] == pytest.approx(mean, abs=AS_PRINTED)
    assert found["std_error"] == pytest.approx(error, abs=AS_PRINTED)


def test_share_below_level_2(rows):
    score = mlm.PlausibleValues("math", [f"PV{m}MATH" for m in range(1, 6)])
    found = mlm.shares_at(rows, score, 420.07, "W_FSTUWT", FAY).table.iloc[0]
    assert 1.0 - found["estimate"] == pytest.approx(0.109, abs=0.0005)
