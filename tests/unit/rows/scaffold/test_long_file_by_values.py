"""Columns that tell the waves are found by what they hold, and are no outcome."""

from __future__ import annotations

import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.rows.scaffold import draft_configuration
from mlm.rows.scaffold.long_file import long_file, split
from tests.unit.rows.scaffold.made_files import drafted, sex, table

pytestmark = pytest.mark.usefixtures("read_in_this_process")

VISITS, PERSONS = 4, 40


def visits(**more) -> pd.DataFrame:
    """Persons seen four times, with a column that says when."""
    rows = [
        {"subjid": f"PT{i}", "dose": i * 7 % 13 / 2, "fev": (i * 37 + v * 11) % 101 / 3}
        | {name: make(i, v) for name, make in more.items()}
        for i in range(PERSONS)
        for v in range(1, VISITS + 1)
        if (i + v) % 11
    ]
    return pd.DataFrame(rows)


def found_in(folder, frame: pd.DataFrame):
    frame.to_csv(folder / "long.csv", index=False)
    return long_file(folder / "long.csv", "long.csv")


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"AVISIT": lambda i, v: f"VIS{v}"}, "AVISIT"),
        ({"AVISIT": lambda i, v: f"VIS{v}", "VISITN": lambda i, v: v}, "VISITN"),
        ({"t": lambda i, v: v}, "t"),
    ],
)
def test_a_column_of_which_each_person_has_several_values_tells_the_waves(tmp_path, more, column):
    found = found_in(tmp_path, visits(**more))
    assert found.column == column and len(found.values) == VISITS


@pytest.mark.parametrize(
    "more",
    [
        {"item": lambda i, v: v},
        {"answer": lambda i, v: (i * v) % 3},  # not one row for each value
        {"place": lambda i, v: (7 * i + v) % 30},  # each person has few of the values
    ],
)
def test_rows_of_one_person_that_are_no_waves_stay_together(tmp_path, more):
    assert found_in(tmp_path, visits(**more)) is None


def test_a_copy_of_the_wave_is_no_outcome_and_no_term(tmp_path):
    more = {
        "AVISIT": lambda i, v: f"VIS{v}",
        "VISITN": lambda i, v: v,
        "VISITN2": lambda i, v: (i * 53 + v * 29) % 997 / 7,
    }
    found = found_in(tmp_path, visits(**more))
    paths = split(found)
    text = draft_configuration(paths, survey="mine", root=tmp_path, long=found)
    assert (
        "design: same_pupils # ? " in text
        and "% of the values of subjid recur from wave to wave" in text
    )
    assert "outcome: fev # ?" in text and "- AVISIT" not in text
    assert "or delete this line if pupils are in no units" in text
    lines = [line for line in text.splitlines() if 'id: "?"' not in line]
    (tmp_path / "mine.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert load_configuration(tmp_path / "mine.yaml").wave_names == ("1", "2", "3", "4")


def test_the_files_of_the_waves_end_their_lines_as_the_long_one_does(tmp_path):
    paths = split(found_in(tmp_path, visits(t=lambda i, v: v)))
    assert not any(b"\r" in path.read_bytes() for path in paths)


def test_the_design_is_told_by_the_ids_that_it_rests_on(tmp_path):
    """Countries recur though the classes that were sampled in them do not."""
    paths = [
        table(
            tmp_path,
            f"s_{year}.csv",
            country=lambda i: "ABC"[i % 3],
            idclass=lambda i, w=w: f"C{w}{i % 12:02d}",
            idstud=lambda i, w=w: f"P{w}{i:03d}",
            math=lambda i: (i * 37 % 101) / 2,
            sex=sex,
        )
        for w, year in enumerate((2010, 2015))
    ]
    text, configuration = drafted(tmp_path, paths)
    assert "design: new_schools # ? 0% of the values of idclass recur" in text
    assert not configuration.design.recurs
