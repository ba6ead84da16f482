"""Files whose ids are in another form than those of other files are told, with counts."""

from __future__ import annotations

import unicodedata

import pytest

from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

HEADER = "school,pupil,score,ses,sex,kind\n"
N = 6


def told(folder, north, south, levels=""):
    """Checks of a wave in two files, the second of which has other pupils, and of one after it."""
    text = CONFIGURATION.replace("files: [a.csv]", "files: [a.csv, south.csv]")
    text = text.replace("id: pupil}", f"id: pupil{levels}}}")
    files = [
        HEADER + "".join(f"s{k},{form(i)},{8 * i + k},{i},g,x\n" for i in numbers)
        for k, (form, numbers) in enumerate([(north, range(N)), (south, range(N, 2 * N))])
    ]
    later = HEADER + "".join(f"s{i // N},{north(i)},{7 * i + 1},{i},g,x\n" for i in range(2 * N))
    (folder / "south.csv").write_text(files[1], encoding="utf-8")
    configuration = write_survey(folder, text, files[0], later)
    waves = {name: clean_in_chunks(configuration.under(folder), name) for name in ("a", "b")}
    account = link_waves(configuration, waves, {n: wave.ledger for n, wave in waves.items()})
    checks = [check for check in account.checks if check.kind == "written_otherwise"]
    return [(c.level, c.wave, c.file, c.how, c.rows, c.of, c.beside) for c in checks], account


def number(i):
    return str(9001 + i)


READ_AS_ONE = {
    "decimals": (number, lambda i: f"{9001 + i}.0"),
    "composed": (lambda i: f"é{i}", lambda i: unicodedata.normalize("NFD", f"é{i}")),
}


@pytest.mark.parametrize("how", READ_AS_ONE)
def test_forms_that_are_read_as_one_are_told_and_link(tmp_path, how):
    found, account = told(tmp_path, *READ_AS_ONE[how])
    assert found == [("pupil", "a", "south.csv", how, N, N, "a.csv")]
    flow = next(flow for flow in account.attrition if flow.level == "pupil")
    assert (flow.stay, flow.leave, flow.new) == (2 * N, 0, 0)
    assert not [check for check in account.checks if check.kind == "spelled_otherwise"]


NOT_AS_ONE = {
    "zeros": (lambda i: f"{i + 1:04d}", lambda i: str(i + 1)),
    "case": (lambda i: f"P{i}", lambda i: f"p{i}"),
}


@pytest.mark.parametrize("how", NOT_AS_ONE)
def test_forms_that_may_be_one_are_told_by_file_and_by_unit_until_declared(tmp_path, how):
    found, account = told(tmp_path, *NOT_AS_ONE[how])
    assert found == [("pupil", "a", "south.csv", how, N, N, "a.csv")]
    (units,) = (check for check in account.checks if check.kind == "spelled_otherwise")
    assert (units.level, units.wave, units.other, units.units) == ("pupil", "b", "a", N)
    assert units.spellings == (how,)
    found, account = told(tmp_path, *NOT_AS_ONE[how], levels=f", ignore: [{how}]")
    flow = next(flow for flow in account.attrition if flow.level == "pupil")
    assert (found, flow.stay, flow.new) == ([], 2 * N, 0)


SAME = {
    "numbers": (number, number),
    "all with decimals": (lambda i: f"{i}.0", lambda i: f"{i}.0"),
    "padded": (lambda i: f"{i:03d}", lambda i: f"{i:03d}"),
    "longer than the padded": (lambda i: f"{i:03d}", lambda i: str(1000 + i)),
    "mixed letters": (lambda i: f"Pa{i}", lambda i: f"pB{i}"),
}


@pytest.mark.parametrize("forms", SAME)
def test_files_in_one_form_are_no_doubt(tmp_path, forms):
    assert told(tmp_path, *SAME[forms])[0] == []
