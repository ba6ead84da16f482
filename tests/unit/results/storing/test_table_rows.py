"""Records that lie in columns are those that were all made."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlm.results.over_time import Trajectory
from mlm.results.storing.table_rows import RECORDS_AT_A_TIME, TableRows, in_columns, schema_of
from mlm.results.units import UnitEffect

N = 5
NUMBERS = [
    name for name, kind in UnitEffect.model_fields.items() if "float" in str(kind.annotation)
]
COLUMNS = {
    **{name: np.arange(N) / 3 for name in NUMBERS},
    "unit": [("a", str(i)) for i in range(N)],
    "n": np.arange(N),
    "n_compared": np.arange(N),
    "ranked": np.arange(N) % 2 == 0,
    "side": np.array(["above", "below", "above", "expected", "below"], dtype=object),
    "raw": np.array([0.5, np.nan, np.inf, -1.0, 2.0]),
}


def records() -> tuple[UnitEffect, ...]:
    """The same, each made and checked."""
    found = []
    for i in range(N):
        own = {name: column[i] for name, column in COLUMNS.items()}
        own = {k: v.item() if isinstance(v, np.generic) else v for k, v in own.items()}
        raw = own["raw"] if np.isfinite(own["raw"]) else None
        found.append(UnitEffect.model_validate({**own, "raw": raw}))
    return tuple(found)


def test_each_record_is_that_of_its_row():
    rows, made = TableRows(UnitEffect, COLUMNS), records()
    assert tuple(rows) == made and rows == made and len(rows) == N
    assert rows[1] == made[1] and rows[-1] == made[-1] and rows[1:4] == made[1:4]
    assert rows[1].raw is None and rows[2].raw is None and type(rows[0].n) is int
    assert rows != made[:-1] and rows != (*made[:-1], made[0]) and hash(rows) == hash(made)
    with pytest.raises(IndexError):
        rows[N]


def test_they_are_read_from_the_table_that_is_made_of_them():
    rows = TableRows(UnitEffect, COLUMNS)
    table = rows.table(0, N)
    assert table.schema == schema_of(UnitEffect)
    assert table == in_columns(UnitEffect, records()).table(0, N)
    assert TableRows.of_table(UnitEffect, table) == records()
    assert TableRows.of_table(UnitEffect, table.slice(2, 2)) == records()[2:4]


def test_rows_of_several_waves_and_of_several_blocks():
    n, rng = 2 * RECORDS_AT_A_TIME + 3, np.random.default_rng(1)
    columns = {
        "unit": [(str(i),) for i in range(n)],
        "estimate": rng.normal(size=(n, 3)),
        "std_error": rng.random((n, 3)),
        "present": rng.random((n, 3)) > 0.5,
    }
    rows = TableRows(Trajectory, columns)
    made = list(rows)
    assert len(made) == n and made[RECORDS_AT_A_TIME].unit == (str(RECORDS_AT_A_TIME),)
    assert made[-1].estimate == tuple(columns["estimate"][-1].tolist())
    assert made[-1].present == tuple(columns["present"][-1].tolist())
    found = TableRows.of_table(Trajectory, rows.table(0, n))
    assert found[RECORDS_AT_A_TIME - 1 : RECORDS_AT_A_TIME + 1] == tuple(
        made[RECORDS_AT_A_TIME - 1 : RECORDS_AT_A_TIME + 1]
    )


def test_a_number_that_must_be_there_is_finite():
    with pytest.raises(ValueError, match="estimate: a number that is not finite"):
        TableRows(UnitEffect, {**COLUMNS, "estimate": np.array([1.0, np.nan, 1, 1, 1])})
    with pytest.raises(ValueError, match="different lengths"):
        TableRows(UnitEffect, {**COLUMNS, "estimate": np.zeros(2)})


def test_a_table_of_other_records_is_refused():
    table = TableRows(UnitEffect, COLUMNS).table(0, N)
    with pytest.raises(ValueError, match="estimate"):
        TableRows.of_table(UnitEffect, table.drop_columns(["estimate"]))
    without = table.set_column(1, "n", pa.array([None, 1, 2, 3, 4], pa.int64()))
    with pytest.raises(ValueError, match="n: a value is missing"):
        TableRows.of_table(UnitEffect, without)
