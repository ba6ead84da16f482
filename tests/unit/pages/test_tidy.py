"""The long table says what findings and tables say, once, and hides what they hide."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from mlm.pages.document import make_protected
from mlm.pages.spreadsheets.csv_files import tidy_csv
from mlm.pages.tidy_table.of_rows_alike import STATISTICS_OF_ROWS_ALIKE
from mlm.pages.tidy_table.rows import COLUMNS, NAMES, NUMBERS
from tests.unit.pages.findings.test_same_persons import split
from tests.unit.pages.sample import everything, files_of, inputs, records, residuals


def made_of(given):
    return make_protected(**records(given))


@pytest.fixture(scope="module")
def whole():
    given = everything()
    given["residuals"] = residuals()
    return made_of(given)


def find(rows, **wanted):
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def only(rows, **wanted):
    (row,) = find(rows, **wanted)
    return row


def findings_of(document):
    places = ("items", "further", "untold", "remarks")
    return [finding for place in places for finding in document["findings"][place]]


def test_each_statistic_is_told_once(whole):
    keys = [tuple(row[name] for name in (*NAMES, "finding")) for row in whole.tidy]
    assert len(keys) == len(set(keys)) > 100
    assert [tuple(row) for row in whole.tidy] == [COLUMNS] * len(whole.tidy)


def test_every_finding_says_the_same_in_sentence_document_and_long_table(whole):
    told = 0
    for finding in findings_of(whole.document):
        for ending, column, name in (
            ("", "estimate", "estimate"),
            ("", "lower", "lower"),
            ("", "upper", "upper"),
            ("_in_sd", "estimate", "size"),
        ):
            run = finding[name]
            if run is None:
                continue
            told += 1
            row = only(
                whole.tidy, finding=finding["key"], statistic=f"finding_{finding['kind']}{ending}"
            )
            assert row[column] == run["value"], finding["key"]
            assert run["value"] in [part.get("value") for part in finding["runs"]], finding["key"]
    assert told > 12


@pytest.mark.study
def test_every_finding_says_the_same_in_brief_report_document_and_long_table():
    files = files_of(everything(), painted=())
    document = json.loads(files["report.json"])
    rows = list(csv.DictReader(io.StringIO(files["tidy.csv"].decode())))
    pages = {name: files[name].decode() for name in ("report.html", "brief.html")}
    for finding in document["findings"]["items"]:
        runs = [finding[name] for name in ("estimate", "lower", "upper", "size") if finding[name]]
        told = [row for row in rows if row["finding"] == finding["key"]]
        written = {row[name] for row in told for name in NUMBERS if row[name]}
        assert written == {str(run["value"]) for run in runs}
        for name, page in pages.items():
            item = page.partition(f'id="finding-{finding["key"]}"')[2].partition("</li>")[0]
            for run in runs:
                assert f'<data value="{run["value"]}"' in item, (name, finding["key"])
                assert run["text"] in item, (name, finding["key"])


def test_numbers_are_those_of_the_tables(whole):
    policy = only(whole.tidy, statistic="policy_effect", wave="K", category="small")
    found = inputs()["results"]["policy"][0]["effects"][0]
    assert policy["group"] == "class_type"
    assert (policy["estimate"], policy["lower"], policy["df"]) == (8.4, 6.5, 15123)
    assert policy["estimate"] == found["estimate"]
    share = only(whole.tidy, statistic="variance_share", group="school")
    assert (share["estimate"], share["unit"]) == (0.161, "share")
    product = only(
        whole.tidy, statistic="coefficient", group="grade:class_type", category="2:small"
    )
    assert product["se"] == 1.2
    assert only(whole.tidy, statistic="slope_sd", group="ses@school", category="N")["estimate"]
    assert only(whole.tidy, statistic="correlation_of_waves", wave="K:1")["upper"] == 0.9
    assert only(whole.tidy, statistic="licence_check", category="reliability")["lower"] == 0.85
    assert {row["wave"] for row in find(whole.tidy, statistic="gap")} == {"K", "1", "2"}
    assert find(whole.tidy, group="experience", category="mean+0.5sd")


def test_every_kind_is_found_in_a_report_that_has_all(whole):
    told = {row["statistic"].removesuffix("_full") for row in whole.tidy} | {"coefficient_full"}
    assert {kind.statistic for kind in STATISTICS_OF_ROWS_ALIKE} <= told


@pytest.mark.parametrize(
    "statistic, place",
    [("rows", ("waves", 1, "rows")), ("units", ("waves", 1, "groups", 1, "n"))],
)
def test_a_hidden_number_is_a_flag_and_no_number(statistic, place):
    given = inputs()
    at = given["results"]
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = 3
    rows = find(made_of(given).tidy, statistic=statistic, wave="1")
    hidden = [row for row in rows if row["flag"]]
    assert hidden, rows
    assert all(row["flag"] == "[c]" and row["estimate"] is None for row in hidden)


def test_the_csv_has_numbers_or_nothing(whole):
    rows = list(csv.DictReader(io.StringIO(tidy_csv(whole.tidy))))
    assert len(rows) == len(whole.tidy)
    assert list(rows[0]) == list(COLUMNS)
    for row in rows:
        for name in NUMBERS:
            assert row[name] == "" or re.fullmatch(r"-?[\d.]+(e-?\d+)?", row[name]), row


def test_differences_between_waves_are_of_time(whole):
    changes = find(whole.tidy, statistic="change")
    assert changes and {row["group"] for row in changes} == {"grade"}
    assert all(row["group"] for row in whole.tidy if "_change" in row["statistic"])


def test_slopes_of_the_full_model_and_of_the_settled_one_have_names_of_their_own():
    tidy = made_of(split(inputs())).tidy
    within = [row["statistic"] for row in tidy if row["statistic"].startswith("slope_within")]
    assert sorted(within) == ["slope_within", "slope_within_full"]
