"""A lowest level without ids: each row is a unit, and nothing else changes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.errors import ConfigurationError
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.cleaning.ids import row_ids
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import table_of
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

DESIGNS = ["cross_section", "same_schools", "new_schools"]
ID = "{name: pupil, id: pupil}"


def survey(folder, design: str, lowest: str):
    """The small survey in a design, its two waves with different rows in the same schools."""
    text = CONFIGURATION.replace("same_pupils", design).replace(ID, lowest)
    text = text.replace("level: pupil", "level: row")
    later = "02,9,71,1.5,b,y\n01,7,50,0.25,g,x\n02,8,61,,b,y\n01,6,65,2,g,x\n"
    if design == "cross_section":
        text = re.sub("time: .*\n", "", text, count=1).replace(", time_interactions: [sex]", "")
        text = re.sub(r".*b\.csv.*\n", "", text)
    if design == "new_schools":
        later = re.sub("^0", "1", later, flags=re.MULTILINE)
    return write_survey(folder, text, b=WAVE_A.splitlines()[0] + "\n" + later)


def linked(configuration):
    waves = {w: clean_in_chunks(configuration, w) for w in configuration.wave_names}
    return waves, link_waves(configuration, waves, {w: c.ledger for w, c in waves.items()})


@pytest.mark.parametrize("design", DESIGNS)
def test_rows_and_account_are_those_with_numbers_of_rows_as_ids(tmp_path, design):
    accounts, tables = [], []
    for lowest in (ID, "{name: pupil}"):
        folder = tmp_path / f"{len(tables)}"
        folder.mkdir()
        waves, account = linked(survey(folder, design, lowest))
        content = account.model_dump(mode="json")
        for wave in content["waves"]:
            wave["files"] = wave["id_forms"] = None
        content["checks"] = [c for c in content["checks"] if c["kind"] != "one_parent"]  # of ids
        accounts.append(content)
        tables.append({w: _unordered(table_of(c)) for w, c in waves.items()})
    assert accounts[0] == accounts[1]
    for wave, frame in tables[0].items():
        pd.testing.assert_frame_equal(frame, tables[1][wave])


def _unordered(table) -> pd.DataFrame:
    """Rows without the ids of the lowest level, in an order of their own."""
    frame = table.to_pandas().drop(columns="pupil")
    return frame.sort_values(list(frame)).reset_index(drop=True)


def test_units_without_ids_are_in_the_order_of_the_file(tmp_path):
    configuration = survey(tmp_path, "cross_section", "{name: pupil}")
    rows = "".join(f"01,,{i / 2},1,g,x\n" for i in range(120))
    (tmp_path / "a.csv").write_text(WAVE_A.splitlines()[0] + "\n" + rows)
    table = table_of(clean_in_chunks(configuration, "a"))
    assert table["score"].to_pylist() == [i / 2 for i in range(120)]
    assert table["pupil"].to_pylist()[::60] == ["001", "061"]


def test_rows_that_are_left_out_keep_their_number():
    ids = row_ids(np.array([0, 2, 9], dtype=np.uint32))
    assert ids.texts.take(ids.codes).to_pylist() == ["01", "03", "10"]
    assert len(row_ids(np.array([], dtype=np.uint32)).texts) == 0


REFUSED = [
    ("same_pupils", "{name: pupil}", "same_pupils follows each pupil over the waves by its id"),
    ("same_schools", "{name: pupil, ids: global}", "has no 'id', each row is one: ids means"),
    ("same_schools", "{name: pupil, twice: first}", "each row is one: twice means nothing"),
    ("same_schools", '{name: pupil, missing: {"9": x}}', "each row is one: missing means"),
    ("same_schools", "{name: pupil, ignore: [case]}", "each row is one: ignore means nothing"),
    ("new_schools", "{name: pupil, names: {a: nr}}", "each row is one: names means nothing"),
]


@pytest.mark.parametrize(("design", "lowest", "message"), REFUSED)
def test_what_needs_ids_is_refused_by_name(tmp_path, design, lowest, message):
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        survey(tmp_path, design, lowest)


def test_higher_levels_need_ids(tmp_path):
    text = CONFIGURATION.replace("{name: school, id: school}", "{name: school}")
    with pytest.raises(ConfigurationError, match="line 7, .*only the lowest level, here pupil"):
        write_survey(tmp_path, text)


def test_rows_without_ids_do_not_seem_to_recur(tmp_path):
    """Rows numbered by their place are no pupils who come again, also where rows are left out."""
    configuration = survey(tmp_path, "same_schools", "{name: pupil}")
    for wave in "ab":
        rows = "".join(f"{'' if i == 3 else i % 4 + 10},x,{i},1,g,x\n" for i in range(30))
        (tmp_path / f"{wave}.csv").write_text(
            WAVE_A.splitlines()[0]
            + f"\n{rows}99,x,7,{wave == 'a'},g,x\n".replace("True", "1").replace("False", "2")
        )
    _, account = linked(configuration)
    assert [check.kind for check in account.checks if check.result == "warning"] == []
    load_configuration(configuration.path)
