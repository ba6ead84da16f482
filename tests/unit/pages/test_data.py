"""The page on the data: every part of the account of the survey is shown, traced and protected."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import document_of, inputs

pytestmark = pytest.mark.slow

TABLES = {
    "flow",
    "excluded",
    "missing",
    "empty-units",
    "describe",
    "labels",
    "weights",
    "plausible-values",
    "hierarchy",
    "children",
    "in-waves",
    "attrition",
    "attrition-by-pupil",
    "checks",
}


@pytest.fixture
def given():
    return inputs()


def table(given, name: str) -> list[list[str]]:
    found = next(t for t in tables_of(document_of(given)) if t["id"] == name)
    return [[cell["text"] for cell in row["cells"]] for row in found["rows"]]


def test_every_part_of_the_account_is_shown(given):
    document = document_of(given)
    data = next(section for section in document["sections"] if section["id"] == "data")
    assert {block["id"] for block in data["blocks"] if block["type"] == "table"} >= TABLES
    assert {"attrition-chart", "missing-chart"} <= {f["id"] for f in figures_of(document)}


def test_an_account_without_a_part_has_no_table_of_it(given):
    for key in ("hierarchy", "attrition_by", "children"):
        given["survey"][key] = []
    for wave in given["survey"]["waves"]:
        for key in ("labels", "empty_groups"):
            wave[key] = []
        wave["variables"] = {}
        wave["roles"] = {}
    shown = {t["id"] for t in tables_of(document_of(given))}
    gone = {"hierarchy", "attrition-by-pupil", "children", "labels", "weights", "describe"}
    assert not shown & (gone | {"plausible-values", "empty-units"})


def test_variables_are_described_by_wave(given):
    rows = table(given, "describe")
    assert rows[0] == ["Mathematics score (scale points)"]
    assert [row[:2] for row in rows[1:3]] == [["Mean", "485.40"], ["SD", "47.7"]]
    assert rows[3] == ["Class type"]
    assert rows[4][:2] == ["Regular class", "65.5%"]


def test_small_categories_are_hidden_in_the_description(given):
    found = given["survey"]["waves"][0]["variables"]["class_type"]
    found["counts"] = {"reg": 6103, "small": 7}
    rows = table(given, "describe")
    assert [row[1] for row in rows[4:6]] == ["100%", "0%"], "up to 30 pupils"
    found["counts"] = {"reg": 603, "small": 7}
    found["n"] = 610
    assert [row[1] for row in table(given, "describe")[4:6]] == ["[c]", "[c]"]


def test_sizes_of_units_are_told_with_their_balance(given):
    school, pupil, occasion = table(given, "hierarchy")
    assert school == ["Schools", "80", "pupils", "123.1", "90", "120", "150", "0", "0.89"]
    assert pupil[2] == "occasions"
    assert occasion[2:] == ["[z]"] * 7


def test_quantiles_of_sizes_need_enough_schools_beyond_them(given):
    given["survey"]["hierarchy"][0]["groups"] = 30
    school = table(given, "hierarchy")[0]
    assert school[4:7] == ["[c]", "120", "[c]"]


def test_the_smallest_and_largest_school_are_shown_inside_only(given):
    assert len(table(given, "children")[0]) == 7
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    row = table(given, "children")[0]
    assert row[6:8] == ["34", "160"]


def test_schools_in_some_waves_are_counted_where_each_surely_has_many_pupils(given):
    school, pupil = table(given, "in-waves")
    assert school[2:4] == ["5", "6.2%"]
    given["survey"]["hierarchy"][0]["rows"]["quantiles"][0] = 3.0  # one school has one pupil
    given["survey"]["hierarchy"][0]["children"]["quantiles"][0] = 1.0
    assert table(given, "in-waves")[0][2] == "5", "they hold many together"
    given["survey"]["levels"][0]["in_waves"][0]["persons"] = 9
    school, pupil = table(given, "in-waves")
    assert school == ["Schools", "80", "[c]", "1", "1.2%", "[c]"], "shares follow from the counts"
    assert pupil[2] == "3,500"


def test_those_who_leave_are_told_by_category(given):
    assert table(given, "attrition-by-pupil")[1:] == [
        ["Free lunch", "2,000", "1,210", "37.7%"],
        ["No free lunch", "2,180", "689", "24.0%"],
        ["not recorded", "20", "11", "35.5%"],
    ]


def test_labels_of_the_files_name_their_waves(given):
    assert table(given, "labels")[1] == ["F", "FREE LUNCH", "Kindergarten, Grade 1, Grade 2"]


SCHOOL = {"unit": "school", "in_wave": False, "ids": ["school"]}
PUPIL = {"unit": "pupil", "in_wave": False, "ids": ["school", "pupil"]}
FINDINGS = [
    (
        {"kind": "few_groups", "level": SCHOOL, "groups": 12, "needed": 15},
        "There are too few schools to determine their variance well: 12",
    ),
    (
        {"kind": "one_child", "level": SCHOOL, "child": PUPIL, "groups": 80, "children": 81},
        "Hardly any of the schools has several pupils (81 in 80)",
    ),
    (
        {"kind": "one_child_in_wave", "level": SCHOOL, "child": PUPIL, "waves": ["K"]},
        "In Kindergarten alone, schools and pupils cannot be told apart",
    ),
    (
        {"kind": "codes_reused", "level": "pupil", "parent": "school"}
        | {"reused": 28, "codes": 30, "units": 60},
        "28 of 30 codes of pupils occur under several schools: each is taken as another unit there "
        "(60 pupils in all)",
    ),
    (
        {
            "kind": "saturated",
            "level": "school",
            "variable": "ses",
            "categories": 78,
            "groups": 80,
        },
        "Free lunch has 78 categories and takes up all differences between the 80 schools",
    ),
    (
        {"kind": "constant_in_wave", "variable": "ses"},
        "Free lunch has one value in each wave",
    ),
    (
        {"kind": "aliased", "variable": "math", "follows_from": "experience"},
        "Within each wave Mathematics score follows from Teacher experience",
    ),
    (
        {
            "kind": "few_occasions",
            "level": PUPIL,
            "groups": 11,
            "rows_needed": 3,
            "slopes": ["ses"],
        },
        "Too few pupils have 3 rows or more (11)",
    ),
]


@pytest.mark.battery(4)
@pytest.mark.parametrize(("finding", "words"), FINDINGS, ids=lambda f: str(f)[:30])
def test_what_cannot_be_told_apart_is_said_in_words(given, finding, words):
    given["survey"]["separability"] = [{"severity": "warning", **finding}]
    assert words in sentences(document_of(given))


def test_that_all_can_be_told_apart_is_said_too(given):
    given["survey"]["separability"] = []
    assert "Every level and every variable can be separated from" in sentences(document_of(given))


def test_all_is_not_told_apart_where_a_model_lacks_a_coefficient(given):
    given["survey"]["separability"] = []
    term = [{"variable": "ses", "category": "N"}]
    given["results"]["notes"] = [{"kind": "aliased", "fit": "full.ml", "columns": [term]}]
    text = sentences(document_of(given))
    assert "Every level and every variable can be separated" not in text
    assert text.count("cannot be separated from the other terms and carry no coefficient") == 2


def test_few_units_of_a_finding_are_hidden(given):
    finding = {"kind": "few_occasions", "severity": "warning", "level": PUPIL, "groups": 4}
    given["survey"]["separability"] = [{**finding, "rows_needed": 3, "slopes": ["ses"]}]
    assert "Too few pupils have 3 rows or more (fewer than 10)" in sentences(document_of(given))


def test_means_of_few_rows_are_hidden_in_checks(given):
    few = {"kind": "number", "variable": "math", "n": 4, "mean": 485.4, "sd": 47.7}
    many = {**few, "n": 6000, "mean": 48.54, "sd": 4.77}
    check = {"kind": "mean_moves", "result": "warning", "variable": "math", "in_sd": 9.2}
    given["survey"]["checks"] = [{**check, "wave": "K", "other": "1", "before": few, "after": many}]
    document = document_of(given)
    checks = next(t for t in tables_of(document) if t["id"] == "checks")
    ((title, verdict, detail),) = [[*row["cells"]] for row in checks["rows"]]
    assert (title["text"], verdict["text"]) == ("Scale of Mathematics score", "to be looked at")
    words = "".join(run["text"] for run in detail["runs"])
    expected = "the mean moves from [c] in wave Kindergarten to 48.540 in wave Grade 1"
    assert words.startswith(expected)


def test_what_is_to_be_looked_at_stands_outside_the_folded_table_too(given):
    """Of a folded table a PDF has no more than its caption."""
    lost = {
        "kind": "spelled_otherwise",
        "result": "warning",
        "level": "pupil",
        "wave": "1",
        "other": "K",
        "units": 99,
        "of": 200,
        "spellings": ["zeros"],
        "shapes": [{"here": "99", "there": "099"}],
        "ids": [],
    }
    given["survey"]["checks"].append(lost)
    document = document_of(given)
    data = next(section for section in document["sections"] if section["id"] == "data")
    cautions = [
        "".join(run["text"] for run in block["runs"])
        for block in data["blocks"]
        if block["type"] == "note" and block["kind"] == "caution"
    ]
    (told,) = (text for text in cautions if "ignore: [zeros]" in text)
    assert told.startswith("Ids of pupil: 99 of 200 pupils")
