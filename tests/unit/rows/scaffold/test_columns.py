"""Codes have the same type from every kind of file, and what is in doubt is said."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from tests.unit.rows.scaffold.made_files import drafted, school, score

pytestmark = pytest.mark.usefixtures("read_in_this_process")

CODES = {
    "two": ([1, 2], "category"),
    "nine": (list(range(1, 10)), "category"),
    "from_zero": (list(range(6)), "category"),
    "home_language": (list(range(1, 8)), "category"),
    "age_group": (list(range(1, 7)), "category"),
    "mathscore": (list(range(0, 12, 2)), "number"),
    "age": ([13, 14, 15, 16], "number"),
    "siblings": (list(range(8)), "number"),
    "year_of_birth": (list(range(1980, 1995)), "number"),
    "percent": (list(range(0, 100, 9)), "number"),
}
N = 120


@pytest.mark.parametrize("kind", ["csv", "sav", "dta", "parquet", "xlsx"])
def test_codes_have_the_same_type_from_every_kind_of_file(tmp_path, kind):
    codes = {
        name: [values[i % len(values)] for i in range(N)] for name, (values, _) in CODES.items()
    }
    ids = {"school": [str(school(i)) for i in range(N)]}
    frame = pd.DataFrame({**ids, **codes, "ses": [score(i) for i in range(N)]})
    labels = {name: {v: f"text {v}" for v in CODES[name][0]} for name in ("two", "nine")}
    path = tmp_path / f"x.{kind}"
    writers = {
        "sav": lambda: pyreadstat.write_sav(frame, str(path), variable_value_labels=labels),
        "dta": lambda: pyreadstat.write_dta(frame, str(path), variable_value_labels=labels),
        "csv": lambda: frame.to_csv(path, index=False),
        "parquet": lambda: frame.to_parquet(path, index=False),
        "xlsx": lambda: frame.to_excel(path, index=False, engine="xlsxwriter"),
    }
    writers[kind]()
    text, configuration = drafted(tmp_path, [path])
    types = {name: configuration.variables[name].type for name in CODES}
    assert types == {name: expected for name, (_, expected) in CODES.items()}
    labelled = kind in ("sav", "dta")
    assert ("9 whole numbers; a number if they are amounts" in text) != labelled
    assert "15 whole numbers; a category if they are codes" in text
    assert configuration.variables["nine"].categories["9"].label == ("text 9" if labelled else "9")
