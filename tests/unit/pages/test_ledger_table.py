"""The ledger as a table: every row and cell, with its reason in words."""

from __future__ import annotations

from mlm.pages.ledger_table import HEADER, ledger_table, ledger_text
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey


def test_the_ledger_as_a_table_accounts_for_every_row_and_cell(tmp_path):
    text = CONFIGURATION.replace("label: Home,", 'label: Home, missing: {"9": "=1+1"},')
    configuration = write_survey(tmp_path, text, a=WAVE_A.replace(",,", ",9,") + ",004,1,1,g,x\n")
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        tables[wave], ledgers[wave] = clean_wave(configuration, wave)
    survey = link_waves(configuration, tables, ledgers)
    lines = ledger_table(configuration, survey)
    rows = [dict(zip(HEADER, line, strict=True)) for line in lines]
    for wave in ("a", "b"):
        number = {"rows read": 0, "rows kept": 0, "rows excluded": 0}
        for row in rows:
            if row["wave"] == wave and row["account"] in number:
                number[row["account"]] += row["number"]
        assert number["rows read"] == number["rows kept"] + number["rows excluded"]
    (cell,) = [r for r in rows if (r["wave"], r["account"]) == ("a", "cells missing")]
    assert (cell["level"], cell["variable"], cell["number"], cell["of"]) == ("row", "ses", 1, 3)
    assert "'=1+1" in ledger_text(configuration, survey)


def test_reasons_are_told_in_words(tmp_path):
    text = CONFIGURATION.replace(
        "{name: pupil, id: pupil}", '{name: pupil, id: pupil, missing: {"9": refused}}'
    )
    more = "1,,1,1,g,x\n1,9,1,1,g,x\n"
    configuration = write_survey(tmp_path, text, a=WAVE_A + more)
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        tables[wave], ledgers[wave] = clean_wave(configuration, wave)
    lines = ledger_table(configuration, link_waves(configuration, tables, ledgers))
    excluded = [line for line in lines if line[1] == "rows excluded"]
    assert excluded == [
        ("a", "rows excluded", "", "", "no pupil id (empty cell)", 1, 5),
        ("a", "rows excluded", "", "", "no pupil id (refused)", 1, 5),
    ]
    assert ("a", "cells missing", "row", "ses", "empty cell", 1, 3) in lines
    assert ("a", "stay", "pupil", "", "to wave b", 3, 3) in lines
    assert ("b", "new", "school", "", "not in wave a", 0, 2) in lines
