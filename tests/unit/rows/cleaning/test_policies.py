"""Units with two rows, two parents, or another parent later: each policy, and its account."""

from __future__ import annotations

import pytest

from mlm.errors import SurveyError
from mlm.results.survey.account import OtherParentInOtherWave, SeveralParents, SeveralRows
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

HEADER = WAVE_A.splitlines(keepends=True)[0]
A = HEADER + "01,1,50,0.5,g,x\n01,2,60,,b,x\n02,3,70,1.5,b,y\n02,4,71,1.1,b,y\n"
B = HEADER + "01,1,55,0.5,g,x\n02,2,65,0.1,b,y\n02,3,75,1.5,b,y\n02,4,76,1.0,b,y\n"


def with_policy(policy: str) -> str:
    return CONFIGURATION.replace("id: pupil}", f"id: pupil, ids: global, {policy}}}")


def cleaned(tmp_path, text: str, a: str = A, b: str = B):
    configuration = write_survey(tmp_path, text, a=a, b=b)
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        table, ledgers[wave] = clean_wave(configuration, wave)
        tables[wave] = table.to_pandas()
        excluded = sum(entry.rows for entry in ledgers[wave].excluded)
        assert ledgers[wave].rows_read == ledgers[wave].rows_kept + excluded
    return configuration, tables, ledgers


def kept(tables: dict) -> dict:
    return {wave: "".join(sorted(table["pupil"])) for wave, table in tables.items()}


# policy, pupils kept by wave, reason and number of exclusions by wave
MOVES = [
    ("moves: episode", {"a": "1234", "b": "1234"}, {}),
    ("moves: first", {"a": "1234", "b": "134"}, {"b": "first"}),
    ("moves: drop", {"a": "134", "b": "134"}, {"a": "drop", "b": "drop"}),
]


@pytest.mark.parametrize(("policy", "pupils", "reasons"), MOVES)
def test_a_pupil_who_changes_school(tmp_path, policy, pupils, reasons):
    configuration, tables, ledgers = cleaned(tmp_path, with_policy(policy))
    assert kept(tables) == pupils
    for wave, ledger in ledgers.items():
        found = [(entry.reason, entry.rows) for entry in ledger.excluded]
        expected = [
            (OtherParentInOtherWave(level="pupil", parent="school", moves=moves), 1)
            for where, moves in reasons.items()
            if where == wave
        ]
        assert found == expected
    changes = link_waves(configuration, tables, ledgers).unit_changes
    assert changes[0].count == (1 if policy == "moves: episode" else 0)


@pytest.mark.parametrize(
    ("policy", "waves"),
    [("episode", ["a", "b"]), ("first", ["a", "ab"]), ("drop", ["ab", "ab"])],
)
def test_waves_that_a_policy_looks_at(tmp_path, policy, waves):
    configuration = write_survey(tmp_path, with_policy(f"moves: {policy}"))
    found = ["".join(configuration.waves_looked_at(wave)) for wave in configuration.wave_names]
    assert found == waves


def test_a_move_may_be_an_error(tmp_path):
    configuration, tables, ledgers = cleaned(tmp_path, with_policy("moves: error"))
    with pytest.raises(SurveyError, match="1 of 4 pupils have another school in another wave"):
        link_waves(configuration, tables, ledgers)


TWICE = HEADER + (
    "01,1,50,0.5,g,x\n01,2,60,,b,x\n02,2,61,0.2,b,y\n02,4,71,1.1,b,y\n01,1,52,0.5,g,x\n"
    "02,5,80,0.3,g,y\n"
)


@pytest.mark.parametrize(
    ("policy", "pupils", "rows"), [("first", "1245", [1, 1]), ("drop", "45", [2, 2])]
)
def test_a_pupil_twice_in_a_wave(tmp_path, policy, pupils, rows):
    _, tables, ledgers = cleaned(tmp_path, with_policy(f"twice: {policy}"), a=TWICE)
    assert kept(tables)["a"] == pupils
    excluded = ledgers["a"].excluded
    assert [entry.rows for entry in excluded] == rows
    assert [entry.reason for entry in excluded] == [
        SeveralParents(level="pupil", parent="school", twice=policy),
        SeveralRows(level="pupil", twice=policy),
    ]
    lines = [place.line for place in excluded[1].first]
    assert lines == ([6] if policy == "first" else [2, 6])


def test_both_faults_are_told_where_they_are_errors(tmp_path):
    with pytest.raises(SurveyError) as caught:
        cleaned(tmp_path, with_policy("moves: episode"), a=TWICE)
    text = str(caught.value)
    assert "1 row of 1 pupil in a second school (a.csv line 4)" in text
    assert "1 row for a pupil that the wave already has (a.csv line 6)" in text


def test_of_many_repeated_rows_the_number_of_the_others_is_told(tmp_path):
    rows = TWICE + "02,5,80,0.3,g,y\n" * 5
    with pytest.raises(
        SurveyError, match=r"6 rows for a pupil .*\(a.csv lines 6, 8, 9 and 3 more\)"
    ):
        cleaned(tmp_path, with_policy("moves: first"), a=rows)


def test_a_school_that_changes_county(tmp_path):
    text = CONFIGURATION.replace(
        "levels:\n", "levels:\n  - {name: county, id: county, plural: counties}\n"
    ).replace("id: school}", "id: school, ids: global, moves: error}")
    header = "county," + HEADER
    a = header + "N,01,1,50,0.5,g,x\nN,01,2,60,,b,x\nN,02,3,70,1.5,b,y\nN,02,4,71,1.1,b,y\n"
    b = a.replace("N,02", "S,02")
    configuration, tables, ledgers = cleaned(tmp_path, text, a=a, b=b)
    with pytest.raises(SurveyError, match="1 of 2 schools have another county in another wave"):
        link_waves(configuration, tables, ledgers)


def test_cells_of_excluded_rows_are_not_in_the_account_of_cells(tmp_path):
    _, tables, ledgers = cleaned(tmp_path, with_policy("moves: drop"))
    assert [e for e in ledgers["a"].missing if e.variable == "ses"] == []
    for wave, ledger in ledgers.items():
        for summary in ledger.variables:
            missing = sum(e.cells for e in ledger.missing if e.variable == summary.variable)
            assert summary.n + missing == ledger.rows_kept, (wave, summary.variable)
