"""Ways in which hidden counts were once given away, each closed."""

from __future__ import annotations

import json

import pytest

from mlm.errors import ResultError
from mlm.pages.disclosure.auditing import check_files, leaks_of
from mlm.pages.disclosure.told_texts import counts_told
from mlm.pages.disclosure.written import WrittenFiles
from mlm.pages.document import OtherAnalysis, make_protected, tables_of
from mlm.pages.previous import make_record, with_shown
from tests.unit.pages.reading import numbers_of, sentences
from tests.unit.pages.sample import document_of, everything, files_of, inputs, records, sources

pytestmark = pytest.mark.slow


def small_schools(given):
    """Schools of which one has one pupil, so that few of them are few persons."""
    for sizes in (given["survey"]["hierarchy"][0][key] for key in ("rows", "children")):
        sizes["quantiles"][0] = 1.0
    return given


def row(document, table, line):
    found = next(t for t in tables_of(document) if t["id"] == table)
    return [cell["text"] for cell in found["rows"][line]["cells"]]


def with_leaving_schools():
    """79 schools, then 76: five leave and two join, sizes as kept rows over schools."""
    given = small_schools(inputs())
    given["survey"]["attrition"].insert(
        0,
        {"level": "school", "wave": "K", "other": "1", "stay": 74, "leave": 5, "new": 2}
        | {"back": 0, "moved": None}
        | {"persons": {"stay": 6000, "leave": 5, "new": 2, "back": 0}},
    )
    for sizes, wave in zip(
        given["survey"]["children"][0]["by_wave"], given["survey"]["waves"], strict=True
    ):
        sizes["mean"] = wave["rows_kept"] / sizes["groups"]
    return given


def test_a_mean_size_beside_the_rows_kept_does_not_tell_hidden_schools():
    given = with_leaving_schools()
    document = document_of(given)
    assert row(document, "attrition", 0)[4] == "[c]"
    for line in range(2):
        __, __, units, __, mean, *__ = row(document, "children", line)
        assert units != "[c]" or mean == "[c]"
    files_of(given, painted=())


def test_a_wave_told_in_words_protects_nothing_and_hides_others():
    given = with_leaving_schools()
    given["configuration"]["description"] = "Pupils of 79 public schools of one state."
    document = document_of(given)
    assert "79" in row(document, "children", 0)[2]
    files_of(given, painted=())


def test_words_that_tell_a_hidden_count_stop_the_report():
    given = with_leaving_schools()
    given["configuration"]["description"] = "All 7 schools took part."
    given["survey"]["attrition"][0].update(stay=5, leave=2, new=0)
    for place, schools in enumerate((7, 5)):
        given["survey"]["levels"][0]["groups_by_wave"][place]["groups"] = schools
    with pytest.raises(ResultError, match="7 schools"):
        files_of(given, painted=())


def test_numbers_are_found_before_the_nouns_of_levels():
    given = inputs()
    given["configuration"]["description"] = "1,721 pupils of 60 American primary schools; 3 waves."
    found = list(counts_told(records(given)["configuration"], "math"))
    assert ("school", 60, "60 American primary schools") in found
    assert ("pupil", 1721, "1,721 pupils") in found and len(found) == 2


def test_checks_and_the_hierarchy_do_not_tell_excluded_rows():
    given = inputs()
    wave = given["survey"]["waves"][0]
    wave["rows_kept"] += wave["excluded"][0]["rows"] - 5
    wave["excluded"][0]["rows"] = 5
    kept = [each["rows_kept"] for each in given["survey"]["waves"]]
    given["survey"]["hierarchy"][-1]["groups"] = sum(kept)
    check = {"result": "ok", "kind": "rows_add_up", "wave": "K", "excluded": 5}
    check |= {"read": wave["rows_read"], "kept": wave["rows_kept"]}
    given["survey"]["checks"].append(check)
    files, protection = files_of(given, painted=()), make_protected(**records(given))[1]
    assert protection.knowledge.needs and leaks_of(WrittenFiles(files), protection) == []
    check_files(files, protection)


def test_the_number_of_regions_is_shown_wherever_it_stands():
    given = everything()
    given["results"]["levels"][0]["n"] = 9
    document = document_of(given)
    shown = [n for n in numbers_of(document) if n.get("source") == "results#/levels/0/n"]
    assert shown and {number["text"] for number in shown} == {"9"}
    assert "fewer than 10 schools" not in sentences(document)


def test_units_without_values_count_as_the_persons_in_them():
    given = small_schools(inputs())
    wave = given["survey"]["waves"][0]
    empty = {"variable": "math", "level": "school", "groups": 3}
    for rows, shown in ((200, "3"), (5, "[c]"), (None, "[c]")):
        wave["empty_groups"] = [empty | {"rows": rows}]
        assert row(document_of(given), "empty-units", 0)[3] == shown


SETTLED = ("results", "settled", "reml", "fixed", 0, "estimate")
UNCHANGED_ROWS = {  # what differs from the version before, while no wave has other rows
    "estimate": (SETTLED, 1.0),
    "units": (("results", "levels", 1, "distinct"), 9430),
}


@pytest.mark.parametrize("changed", UNCHANGED_ROWS)
def test_rows_of_the_version_before_that_no_table_repeats_pass(changed):
    old = inputs()
    names = ("configuration", "analysis", "results", "survey", "provenance")
    record = make_record(**{name: records(old)[name] for name in names})
    record = with_shown(record, document_of(old), sources(old))
    given = inputs() | {"previous": record}
    (*way, last), value = UNCHANGED_ROWS[changed]
    place = given
    for step in way:
        place = place[step]
    place[last] = value
    document, protection, *__ = make_protected(**records(given))
    assert leaks_of(WrittenFiles({"report.json": json.dumps(document).encode()}), protection) == []


def two_analyses():
    """Inputs of two analyses of the sample; the second has another name and no more."""
    given, other = inputs(), inputs()
    analyses = given["configuration"]["analyses"]
    analyses["both"] = analyses["math"]
    other["results"]["analysis"] = "both"
    return given, other["results"]


def kept_of(given):
    names = ("configuration", "analysis", "results", "survey", "provenance")
    record = make_record(**{name: records(given)[name] for name in names})
    return with_shown(record, document_of(given), sources(given))


@pytest.mark.battery(1)
@pytest.mark.parametrize("fewer", [3, 1, 9])
def test_what_the_version_before_of_another_analysis_showed_is_known(fewer):
    """Rows of a wave moved by a few: no report shows them, whichever had a version before it."""
    before, __ = two_analyses()
    record = kept_of(before)
    given, results = two_analyses()
    wave = given["survey"]["waves"][0]
    wave["rows_kept"] -= fewer
    wave["excluded"][0]["rows"] += fewer
    first = records(given)
    second = records(given | {"analysis": "both", "results": results})
    own = make_protected(**first | {"previous": record}, beside=[OtherAnalysis(second["results"])])
    other = make_protected(**second, beside=[OtherAnalysis(first["results"], previous=record)])
    for document in (own.document, other.document):
        assert row(document, "flow", 0)[3] == "[c]"


def test_shares_of_the_version_before_are_known():
    """A share that was shown of counts that are the same still bounds them."""
    before, __ = two_analyses()
    record = kept_of(before)
    assert any("variables" in ratio.top for ratio in record.ratios)
    given = before | {"previous": record}
    knowledge = make_protected(**records(given))[1].knowledge
    known = [fact for fact in knowledge.known if fact.startswith("before: ")]
    assert known and set(known) <= knowledge.facts.keys() & knowledge.open
