"""Reports of one survey, and versions of one report, give away nothing when they are compared."""

from __future__ import annotations

import copy
import json

import pytest

from mlm.pages.disclosure.counting import shown_counts
from mlm.pages.disclosure.names import name_of
from mlm.pages.document import OtherAnalysis, tables_of
from mlm.pages.previous import Kept, make_record, turn_over, with_shown
from mlm.results.analysis import AnalysisResults
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import document_of, everything, inputs, records, sources

pytestmark = pytest.mark.slow

FEW = 4
BOOKS = {"variable": "books", "category": None, "power": 1}


@pytest.fixture
def pair():
    """Two analyses: the second has one more variable, which is missing in four rows of a wave."""
    given = inputs()
    configuration, math = given["configuration"], given["results"]
    configuration["analyses"]["both"] = copy.deepcopy(configuration["analyses"]["math"])
    both = copy.deepcopy(math)
    both["analysis"] = "both"
    both["full"]["terms"].append([BOOKS])
    both["waves"][0]["rows"] -= FEW
    both["waves"][0]["groups"][1]["n"] -= FEW
    both["n_obs"] -= FEW
    both["levels"][1]["n"] -= FEW
    both["levels"][2]["n"] -= FEW
    return given, both


def report(given, analysis, others):
    found = {**given, "analysis": analysis, "results": others.pop(analysis)}
    beside = [
        OtherAnalysis(AnalysisResults.model_validate_json(json.dumps(other)))
        for other in others.values()
    ]
    return document_of(found, beside=beside)


def both_reports(pair):
    given, both = pair
    results = {"math": given["results"], "both": both}
    return {name: report(given, name, dict(results)) for name in results}


def cell(document, table, row, column):
    found = next(t for t in tables_of(document) if t["id"] == table)
    return found["rows"][row]["cells"][column]["text"]


def test_alone_each_report_shows_its_rows(pair):
    given, both = pair
    for name, results in (("math", given["results"]), ("both", both)):
        document = report(given, name, {name: results})
        assert cell(document, "flow", 0, 5).startswith("5,")
        assert document["disclosure"]["analyses"] == []


def test_a_small_difference_between_analyses_cannot_be_found(pair):
    documents = both_reports(pair)
    used = [cell(document, "flow", 0, 5) for document in documents.values()]
    assert "[c]" in used
    sizes = [document["findings"]["sizes"][2]["runs"][0]["text"] for document in documents.values()]
    assert any("[c]" in text or "fewer" in text for text in sizes)
    rules = {
        entry["rule"] for document in documents.values() for entry in document["disclosure"]["log"]
    }
    assert "analyses" in rules
    assert "A small difference from another analysis" in str(documents)
    assert "All reports of the survey are protected together" in str(documents["math"])


def test_reports_of_one_survey_hide_the_same_counts_of_the_survey(pair):
    given, both = pair
    given["survey"]["attrition"][0].update(new=3)
    shown = {}
    for name, document in both_reports(pair).items():
        results = both if name == "both" else given["results"]
        counts = shown_counts(document, sources(given | {"results": results}))
        shown[name] = {key for key in counts if key.startswith("survey#")}
    assert shown["math"] == shown["both"]


def test_unlike_samples_are_not_compared(pair):
    given, both = pair
    given["results"]["full"]["terms"].append([BOOKS | {"variable": "other"}])
    documents = both_reports((given, both))
    rules = {entry["rule"] for d in documents.values() for entry in d["disclosure"]["log"]}
    assert "analyses" not in rules


def record_of(given):
    names = ("configuration", "analysis", "results", "survey", "provenance")
    found = records(given)
    return make_record(**{name: found[name] for name in names})


def shown_of(record):
    return {item.name: item.count for item in record.shown}


def versions(change):
    """The report after a change of its inputs, with the version before it kept."""
    old = inputs()
    record = with_shown(record_of(old), document_of(old), sources(old))
    new = inputs()
    change(new)
    kept = turn_over(Kept(record), record_of(new))
    return document_of(new | {"previous": kept.previous}), new


def fewer_rows(new):
    """Three rows of the last wave that were kept are excluded now."""
    wave = new["survey"]["waves"][2]
    wave["rows_kept"] -= 3
    wave["excluded"][0]["rows"] += 3


def test_a_small_move_since_the_version_before_cannot_be_found():
    document, new = versions(fewer_rows)
    shown = shown_of(with_shown(record_of(new), document, sources(new)))
    assert not [name for name in shown if name.endswith('{"wave": "2"}/rows_kept')]
    row = [cell(document, "flow", 2, i) for i in range(1, 4)]
    assert row[2] == "[c]"
    rows = next(t for t in tables_of(document) if t["id"] == "changes-rows")["rows"]
    assert [c["text"] for c in rows[0]["cells"]] == ["Grade 2", "6,310", "[c]", "[c]"]


def test_the_log_says_that_a_version_was_the_reason():
    document, _ = versions(lambda new: new["results"]["levels"][1].update(distinct=9430))
    assert document["findings"]["sizes"][1]["runs"][0]["text"] == "[c]"
    assert "version" in {entry["rule"] for entry in document["disclosure"]["log"]}


def test_what_the_version_before_hid_is_not_told_by_the_comparison():
    old = inputs()
    old["survey"]["waves"][2]["excluded"][0]["rows"] = 5
    record = with_shown(record_of(old), document_of(old), sources(old))
    name = 'survey#/waves/{"wave": "2"}/rows_kept'
    assert name in shown_of(record)
    left = tuple(item for item in record.shown if item.name != name)
    record = record.model_copy(update={"shown": left})
    new = inputs()
    new["survey"]["waves"][2]["rows_kept"] -= 500
    new["survey"]["waves"][2]["excluded"][0]["rows"] += 500
    document = document_of(new | {"previous": record})
    rows = next(t for t in tables_of(document) if t["id"] == "changes-rows")["rows"]
    shown = [c["text"] for c in rows[0]["cells"][1:]]
    assert shown[0] == "[c]" and "[c]" in shown[1:]


def test_the_same_results_hide_the_same_again():
    document, _ = versions(
        lambda new: new["results"]["settled"]["reml"]["fixed"][0].update(estimate=1)
    )
    alone = document_of(inputs())
    hidden = [
        [
            c["text"]
            for t in tables_of(d)
            if t["id"] == "flow"
            for r in t["rows"]
            for c in r["cells"]
        ]
        for d in (document, alone)
    ]
    assert hidden[0] == hidden[1]
    assert "version" not in {entry["rule"] for entry in document["disclosure"]["log"]}


def test_names_stay_when_lists_grow():
    survey = {"waves": [{"wave": "K", "rows_kept": 5}, {"wave": "a/b", "rows_kept": 6}]}
    name = name_of("survey#/waves/1/rows_kept", {"survey": survey})
    survey["waves"].insert(0, {"wave": "0", "rows_kept": 7})
    assert name == name_of("survey#/waves/2/rows_kept", {"survey": survey})
    nested = {"op": "sum", "of": ["survey#/waves/0/rows_kept", "survey#/waves/1/rows_kept"]}
    assert name_of(nested, {"survey": survey}).startswith('sum(survey#/waves/{"wave": "0"}')


def dominated(given, share):
    sizes = given["survey"]["children"][0]["by_wave"][0]
    sizes["max"] = round(share * sizes["groups"] * sizes["mean"])


def test_a_mean_that_is_nearly_that_of_one_school_is_hidden():
    given = inputs()
    dominated(given, 0.95)
    document = document_of(given)
    assert [cell(document, "standards", row, 1) for row in (0, 1)] == ["[c]", "530.6"]
    assert [cell(document, "studied", row, 4) for row in (0, 1)] == ["[c]", "530.50"]
    log = document["disclosure"]["log"]
    assert {"place": "standards", "rule": "dominated", "cells": 12} in log
    assert cell(document, "standards", 1, 5) == "[c]", "the change would tell the mean of K"
    given = inputs()
    dominated(given, 0.85)
    assert "[c]" not in cell(document_of(given), "standards", 0, 1)


def test_means_of_few_units_are_hidden_in_the_balance():
    given = everything()
    given["results"]["policy"][0]["balance"]["units"][1]["n"] = 2
    document = document_of(given)
    assert [cell(document, "balance-class_type", 1, i) for i in (1, 2, 3)] == ["[c]"] * 3
    assert "Small class" in sentences(document)
