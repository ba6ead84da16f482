"""Surveys with sampling weights, and what other programs make of them; read where they stand."""

from __future__ import annotations

import json
from functools import cache

import pandas as pd
import pytest

from tests.examples import SHARED

WEIGHTED = SHARED / "weighted"
NEEDS_WEIGHTED = pytest.mark.skipif(
    not (WEIGHTED / "reference.json").exists(),
    reason="../shared/data/weighted is not there: its surveys may be read, not copied",
)

OF_PUPILS = "isei ~ female + high_school + college + one_for + both_for + test_lang + "
ISEI = OF_PUPILS + "(1 | id_school)"
OF_MATH = "math ~ st29q03 + sc14q02 + st04q01 + escs"
REFERENCES = {"st29q03": "Strongly agree", "sc14q02": "Not at all", "st04q01": "Female"}
ORDER_OF_2012 = (
    "st29q03[T.Agree]",
    "st29q03[T.Disagree]",
    "st29q03[T.Strongly disagree]",
    "sc14q02[T.A lot]",
    "sc14q02[T.To some extent]",
    "sc14q02[T.Very little]",
    "st04q01[T.Male]",
    "escs",
)


@cache
def expected() -> dict:
    """Values by name of survey, response and scaling."""
    return json.loads((WEIGHTED / "reference.json").read_text(encoding="utf-8"))


@cache
def pisa2000() -> pd.DataFrame:
    """PISA 2000 USA: 2,069 pupils in 148 schools."""
    return pd.read_csv(WEIGHTED / "pisa2000_usa.csv.gz")


@cache
def pisa2012() -> pd.DataFrame:
    """PISA 2012 USA: 3,136 pupils in 157 schools, the first plausible value as ``math``."""
    rows = pd.read_csv(WEIGHTED / "pisa2012_usa.csv.gz", dtype={"schoolid": str})
    for name, first in REFERENCES.items():
        others = sorted(set(rows[name]) - {first})
        rows[name] = pd.Categorical(rows[name], [first, *others])
    return rows.assign(math=rows["pv1math"])


@cache
def sim3() -> pd.DataFrame:
    """12,000 occasions of 4,000 pupils in 200 schools."""
    return pd.read_csv(WEIGHTED / "sim3.csv.gz")
