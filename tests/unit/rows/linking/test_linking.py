"""Linked waves: units and flows counted, contradictions to the design refused."""

from __future__ import annotations

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlm.configuration import load_configuration
from mlm.errors import SurveyError
from mlm.results.survey.account import CategoryCount
from mlm.results.survey.checks import (
    CategoriesFound,
    CategoryShare,
    CodeFarFromNumbers,
    OneParent,
    Recurs,
    ShareMoves,
)
from mlm.results.survey.survey import (
    Flow,
    LevelAccount,
    PersonsInFlow,
    PersonsWhoStay,
    RowTotals,
    SurveyAccount,
    UnitMoves,
    UnitsInWave,
    UnitsThatLeft,
)
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves
from tests.cleaned_waves import clean_wave, table_of
from tests.examples import ROOT
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, WAVE_B, write_survey

pytestmark = pytest.mark.slow


def frame(*rows: str) -> pd.DataFrame:
    """Cleaned rows from 'school pupil score sex kind'."""
    cells = [row.split() for row in rows]
    table = pd.DataFrame(cells, columns=["school", "pupil", "score", "sex", "kind"])
    return table.assign(score=table["score"].astype(float), ses=0.0)


def linked(tmp_path, a: pd.DataFrame, b: pd.DataFrame, **changes: str) -> SurveyAccount:
    text = CONFIGURATION
    for old, new in changes.items():
        text = text.replace(old, new)
    return link_waves(write_survey(tmp_path, text), {"a": a, "b": b})


A = frame("1 p1 5 g x", "1 p2 6 b x", "1 p3 7 g x", "2 p4 8 b y", "2 p5 9 b y")
B = frame("1 p1 5 g x", "1 p2 6 b x", "2 p3 7 g y", "2 p4 8 b y", "2 p6 9 g y")


def test_flows_and_moves_of_pupils_with_unique_ids(tmp_path):
    survey = linked(tmp_path, A, B)
    pupils = [flow for flow in survey.attrition if flow.level == "pupil"]
    assert pupils == [
        Flow(
            level="pupil",
            wave="a",
            other="b",
            **(counts := {"stay": 4, "leave": 1, "new": 1, "back": 0}),
            moved=1,
            persons=PersonsInFlow(**counts),
        )
    ]
    assert survey.unit_changes == (
        UnitMoves(level="pupil", parent="school", count=1, of=6, same_wave=0),
    )
    school, pupil = survey.levels
    assert school.groups_total == 2
    assert pupil.groups_total == 7, "a pupil who changes school is another unit of the path"
    assert pupil.distinct == 6
    assert [(found.waves, found.units) for found in pupil.in_waves] == [(1, 2), (2, 4)]
    occasions = survey.children[-1]
    assert (occasions.level, occasions.child, occasions.by_wave) == ("pupil", None, ())
    assert [(count.size, count.units) for count in occasions.counts] == [(1, 4), (2, 3)]


SCHOOLS = {
    "a": {"1": "p1 p2 p3", "2": "p4 p5", "3": "p6 p7 p8 p9"},
    "b": {"1": "p1 p2", "2": "p4 p6 p10", "4": "p7 p11 p12"},  # p6 and p7 have moved
}


def frame_of(schools: dict[str, str]) -> pd.DataFrame:
    kinds = {"1": "x", "2": "y", "3": "x", "4": "x"}
    return frame(
        *(f"{school} {pupil} 5 g {kinds[school]}" for school in schools
          for pupil in schools[school].split())
    )  # fmt: skip


def test_units_that_stay_or_leave_are_told_with_the_persons_in_them(tmp_path):
    survey = linked(tmp_path, frame_of(SCHOOLS["a"]), frame_of(SCHOOLS["b"]))
    first = {}  # school in which a pupil is first found, row by row
    for schools in SCHOOLS.values():
        for school, pupils in schools.items():
            for pupil in pupils.split():
                first.setdefault(pupil, school)
    held = {school: sum(first[p] == school for p in first) for school in "1234"}
    flow = next(flow for flow in survey.attrition if flow.level == "school")
    assert (flow.stay, flow.leave, flow.new) == (2, 1, 1)
    assert flow.persons == PersonsInFlow(
        stay=held["1"] + held["2"], leave=held["3"], new=held["4"], back=0
    )
    school, pupil = survey.levels
    assert [(n.units, n.persons) for n in school.in_waves] == [
        (2, held["3"] + held["4"]),
        (2, held["1"] + held["2"]),
    ]
    assert all(found.persons == found.units for found in pupil.in_waves)
    kinds = {
        item.category: item.persons
        for item in survey.attrition_by
        if item.level == "school" and item.variable == "kind"
    }
    assert kinds == {
        "x": PersonsWhoStay(stay=held["1"], leave=held["3"]),
        "y": PersonsWhoStay(stay=held["2"], leave=0),
    }


def test_ids_that_repeat_in_every_school_are_local(tmp_path):
    a = frame("1 1 5 g x", "1 2 6 b x", "2 1 7 g y", "2 2 8 b y")
    survey = linked(tmp_path, a, a)
    assert survey.unit_changes[0].count is None
    assert survey.levels[1].known_by == "path"
    assert survey.attrition[1].stay == 4


def test_pupils_that_do_not_recur_contradict_same_pupils(tmp_path):
    b = B.assign(pupil=["q1", "q2", "q3", "q4", "q5"])
    with pytest.raises(SurveyError) as caught:
        linked(tmp_path, A, b)
    assert "each pupil is followed over the waves, but 0 of 5 pupils of wave a" in str(caught.value)


def test_schools_that_do_not_recur_contradict_same_schools(tmp_path):
    b = B.assign(school=["7", "7", "8", "8", "8"])
    with pytest.raises(SurveyError, match="each school is followed .* 0 of 2 schools of wave a"):
        linked(tmp_path, A, b, same_pupils="same_schools")


@pytest.mark.parametrize(("schools", "result"), [(1, "warning"), (2, "ok"), (8, "ok")])
def test_a_wave_with_few_of_the_schools_of_the_other_is_in_doubt(tmp_path, schools, result):
    rows = [f"{1 + i} p{i} {5 + i} g x" for i in range(8)]
    survey = linked(tmp_path, frame(*rows), frame(*rows[:schools]))
    found = {check.level: check for check in survey.checks if check.kind == "recurs"}
    assert (found["school"].after, found["school"].result) == (schools, result)
    assert found["pupil"].result == "ok", "persons may leave, or come, in any number"


def test_pupils_that_recur_are_told_where_pupils_are_taken_as_new(tmp_path):
    survey = linked(tmp_path, A, B, same_pupils="same_schools")
    (found,) = [c for c in survey.checks if c.kind == "recurs" and c.level == "pupil"]
    assert found == Recurs(
        result="warning",
        level="pupil",
        wave="a",
        other="b",
        stay=4,
        before=5,
        after=5,
        expected=False,
    )


def test_row_numbers_are_no_persons(tmp_path):
    numbered = A.assign(pupil=["1", "2", "3", "4", "5"])
    survey = linked(tmp_path, numbered, numbered, same_pupils="same_schools")
    assert [check for check in survey.checks if check.result == "warning"] == []


def test_ids_given_to_others_are_noticed_by_stable_variables(tmp_path):
    b = B.assign(sex=["b", "g", "b", "g", "b"])
    with pytest.raises(SurveyError, match="sex changes between waves for 3 of 3 pupils"):
        linked(tmp_path, A, b)


def test_the_same_number_in_another_wave_is_another_school_in_new_schools(tmp_path):
    text = CONFIGURATION.replace("same_pupils", "new_schools")
    survey = link_waves(write_survey(tmp_path, text), {"a": A, "b": B})
    assert survey.levels[0] == LevelAccount(
        name="school",
        plural="schools",
        groups_by_wave=(UnitsInWave(wave="a", groups=2), UnitsInWave(wave="b", groups=2)),
        groups_total=4,
        recurring=False,
        distinct=None,
        known_by=None,
        in_waves=(),
    )
    assert survey.attrition == ()


def test_a_pupil_in_two_schools_of_one_wave_is_counted(tmp_path):
    rows = [f"{i % 3} p{i} {i} g x" for i in range(30)]
    a = frame(*rows, "1 p0 5 g x")
    survey = linked(tmp_path, a, a)
    assert survey.unit_changes[0].same_wave == 1
    (found,) = [check for check in survey.checks if check.kind == "one_parent"]
    assert found == OneParent(result="warning", level="pupil", parent="school", count=1)


def test_ledgers_are_checked(tmp_path):
    configuration = write_survey(tmp_path)
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        table, ledgers[wave] = clean_wave(configuration, wave)
        tables[wave] = table.to_pandas()
    survey = link_waves(configuration, tables, ledgers)
    assert survey.rows == RowTotals(read=6, kept=6, excluded=0)
    assert [ledger.wave for ledger in survey.waves] == ["a", "b"]
    counts = (CategoryCount(category="g", n=0), CategoryCount(category="b", n=2))
    changes = {"score": {"mean": 650.0}, "sex": {"counts": counts}}
    variables = tuple(
        found.model_copy(update=changes.get(found.variable, {})) for found in ledgers["b"].variables
    )
    ledgers["b"] = ledgers["b"].model_copy(update={"variables": variables})
    checks = {c.kind: c for c in link_waves(configuration, tables, ledgers).checks}
    moved = checks["mean_moves"]
    assert (moved.variable, moved.before.mean, moved.after.mean) == ("score", 60.0, 650.0)
    assert moved.in_sd == pytest.approx(59.0)
    assert checks["categories_found"] == CategoriesFound(
        result="warning", variable="sex", wave="b", absent=("g",)
    )


def test_attrition_by_category_adds_up_to_the_flows(tmp_path):
    survey = linked(tmp_path, A.assign(sex=[None, "b", "g", "b", "b"]), B)
    (flow,) = [flow for flow in survey.attrition if flow.level == "pupil"]
    by_sex = [e for e in survey.attrition_by if (e.level, e.variable) == ("pupil", "sex")]
    assert [e.category for e in by_sex] == ["g", "b", None]
    assert sum(e.stay for e in by_sex) == flow.stay
    assert sum(e.leave for e in by_sex) == flow.leave
    assert {e.level for e in survey.attrition_by} == {"school", "pupil"}


def test_schools_that_a_wave_lacks_are_named_for_the_owner_of_the_data(tmp_path):
    b = frame("1 p1 5 g x", "1 p2 6 b x", "3 p4 8 b y")
    survey = linked(tmp_path, A, b)
    assert survey.units_that_left == (
        UnitsThatLeft(level="school", wave="a", other="b", count=1, units=(("2",),)),
    )


def test_declared_ids_decide_how_units_are_followed(tmp_path):
    text = {"id: pupil}": "id: pupil, ids: local}"}
    survey = linked(tmp_path, A, A, **text)
    assert survey.levels[1].known_by == "path"


def test_a_scale_that_changed_on_purpose_is_not_reported(tmp_path):
    for changed in (False, True):
        text = CONFIGURATION
        if changed:
            entry = "{label: Home, by_wave: {b: {rescaled: true}},"
            text = text.replace("{label: Home,", entry)
        folder = tmp_path / str(changed)
        folder.mkdir()
        b = WAVE_B.replace("0.5", "500").replace("0.1", "100").replace("1.5", "1500")
        configuration = write_survey(folder, text, b=b)
        scales = [c for c in account_of(configuration).checks if c.kind == "mean_moves"]
        assert [c.variable for c in scales] == ([] if changed else ["ses"])


def account_of(configuration) -> SurveyAccount:
    tables, ledgers = {}, {}
    for wave in configuration.wave_names:
        table, ledgers[wave] = clean_wave(configuration, wave)
        tables[wave] = table.to_pandas()
    return link_waves(configuration, tables, ledgers)


def test_files_frames_and_waves_on_disk_are_linked_alike(tmp_path):
    configuration = load_configuration(ROOT / "config" / "star.yaml")
    waves, ledgers, frames, paths = {}, {}, {}, {}
    for name in configuration.wave_names:
        waves[name] = clean_in_chunks(configuration, name)
        ledgers[name], table = waves[name].ledger, table_of(waves[name])
        frames[name], paths[name] = table.to_pandas(), tmp_path / f"{name}.parquet"
        pq.write_table(table, paths[name], row_group_size=2000)
    expected = link_waves(configuration, waves, ledgers)
    assert link_waves(configuration, frames, ledgers) == expected
    assert link_waves(configuration, paths, ledgers) == expected


def test_star():
    configuration = load_configuration(ROOT / "config" / "star.yaml")
    tables = {w: clean_wave(configuration, w)[0].to_pandas() for w in configuration.wave_names}
    survey = link_waves(configuration, tables)
    assert survey.unit_changes[0].count == 446
    assert survey.levels[0].groups_total == 80
    assert survey.levels[1].groups_total == 1387
    assert survey.levels[2].distinct == 11598
    assert sum(found.units for found in survey.levels[2].in_waves) == 11598


def test_codes_that_may_mean_missing_and_codes_that_may_have_changed_are_told(tmp_path):
    head = WAVE_A.splitlines()[0]
    rows = [f"{i % 4},{i},{i},{i % 7},{'gb'[i % 3 > 0]},{'xy'[i % 2]}" for i in range(60)]
    a = "\n".join([head, *rows, "0,60,5,999,g,x", "0,61,5,999,g,x\n"])
    b = "\n".join([head, *rows]).replace(",g,", ",h,").replace(",b,", ",g,").replace(",h,", ",b,")
    text = CONFIGURATION.replace("level: pupil, cat", "level: row, cat")
    checks = account_of(write_survey(tmp_path, text, a=a, b=b + "\n")).checks
    found = {c.kind: c for c in checks if c.result == "warning"}
    assert found["code_far_from_numbers"] == CodeFarFromNumbers(
        result="warning", variable="ses", wave="a", cells=2, code=999.0
    )
    assert found["share_moves"] == ShareMoves(
        result="warning",
        variable="sex",
        category="g",
        wave="a",
        other="b",
        before=CategoryShare(n=22, of=62),
        after=CategoryShare(n=40, of=60),
    )
