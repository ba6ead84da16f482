"""The audit: its bounds are those of all tables that fit, and each known leak is named."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import ResultError
from mlm.pages.disclosure.audit import Secret, Statement, leaks
from mlm.pages.disclosure.auditing import check_files, leaks_of
from mlm.pages.disclosure.facts import LinearBound, exactly, quotient
from mlm.pages.disclosure.suppression.suppress import Knowledge, suppress
from mlm.pages.disclosure.written import WrittenFiles
from mlm.pages.document import make_protected, tables_of
from tests.drawn_cases import cases
from tests.unit.pages.sample import files_of, inputs, records

pytestmark = pytest.mark.slow

THRESHOLD = 4
LARGEST = 12
RELATIONS = [  # units of two waves: stay, leave, new; by two categories
    {"before": 1, "stay": -1, "leave": -1},
    {"after": 1, "stay": -1, "new": -1},
    {"leave": 1, "leave_a": -1, "leave_b": -1},
]
FREE = ("stay", "leave_a", "leave_b", "new")


def table(stay, leave_a, leave_b, new, size):
    leave = leave_a + leave_b
    before, after = stay + leave, stay + new
    free = {"stay": stay, "leave_a": leave_a, "leave_b": leave_b, "new": new}
    return free | {"leave": leave, "before": before, "after": after, "people": size * after + 1}


def printed(values, shown, decimals):
    """Statements of a table: some counts, and a mean size with so many decimals."""
    found = [Statement(key, exactly(key, values[key])) for key in sorted(shown)]
    if decimals is not None and values["after"]:
        mean = round(values["people"] / values["after"], decimals)
        half = 0.5 * 10.0**-decimals
        found.append(Statement("mean", quotient("people", "after", mean, half)))
    return found


def largest(key, statements, people):
    """The largest value of a count in all whole tables up to a size that fit: by trying all."""
    best = -1
    for values in itertools.product(range(LARGEST + 1), repeat=len(FREE)):
        made = table(*values, 0) | {"people": people}
        if all(bound.holds(made, 1e-9) for each in statements for bound in each.bounds):
            best = max(best, made[key])
    return best


counts = st.integers(0, 5)


@settings(max_examples=cases(15))
@given(
    st.tuples(counts, counts, counts, counts),
    st.integers(5, 30),
    st.sets(st.sampled_from(["before", "after", "stay", "leave", "new", "leave_a", "leave_b"])),
    st.sampled_from([None, 0, 1]),
    st.sampled_from(["leave", "leave_a", "new"]),
)
def test_the_audit_finds_what_trying_all_tables_finds(free, size, shown, decimals, secret):
    values = table(*free, size)
    statements = printed(values, (shown | {"people"}) - {secret}, decimals)
    best = largest(secret, statements, values["people"])
    found = leaks([Secret(secret, THRESHOLD)], RELATIONS, statements)
    assert bool(found) == (best < THRESHOLD)
    if found:
        assert found[0].high >= best
        assert set(found[0].places) <= {each.place for each in statements}


@settings(max_examples=cases(25))
@given(st.tuples(counts, counts, counts, counts), st.integers(5, 30), st.sampled_from([0, 1, 2]))
def test_what_suppression_leaves_passes_the_audit(free, size, decimals):
    values = table(*free, size)
    facts = {each.place: each.bounds for each in printed(values, set(values), decimals)}
    small = {key: THRESHOLD for key, value in values.items() if 0 < value < THRESHOLD}
    hidden = suppress(Knowledge(values, RELATIONS, facts, small))
    statements = [Statement(key, bounds) for key, bounds in facts.items() if key not in hidden]
    least = {key: 1.0 for key, value in values.items() if value}
    secrets = [Secret(key, need) for key, need in small.items()]
    assert leaks(secrets, RELATIONS, statements, least) == []


def test_a_mean_beside_the_kept_rows_gives_the_hidden_count():
    """6,325 pupils kept, 80.1 on average: 79 schools, so one of 80 left."""
    relations = [{"before": 1, "after": -1, "leave": -1}]
    statements = [
        Statement("flow.csv", exactly("people", 6325)),
        Statement("children.csv", quotient("people", "after", 80.1, 0.05)),
        Statement("hierarchy.csv", exactly("before", 80)),
        Statement("other.csv", exactly("else", 3)),
    ]
    (leak,) = leaks([Secret("leave", 10)], relations, statements)
    assert leak.high < 2
    assert set(leak.places) == {"flow.csv", "children.csv", "hierarchy.csv"}


@pytest.mark.parametrize("most", [5, 8])
def test_several_secrets_are_judged_as_each_alone(most):
    """Two that cannot both be large may each be; one of another table is looked at too."""
    relations = [{"all": 1, "few": -1, "some": -1}, {"sum": 1, "lost": -1, "left": -1}]
    statements = [
        Statement("head", exactly("all", 5)),
        Statement("table", exactly("sum", most)),
        Statement("row", (LinearBound({"left": 1.0}, 2.0, 3.0),)),
    ]
    secrets = [Secret("few", 4), Secret("some", 4), Secret("lost", 4), Secret("left", 3)]
    together = leaks(secrets, relations, statements)
    assert together == [leak for each in secrets for leak in leaks([each], relations, statements)]
    assert [leak.key for leak in together] == (["lost"] if most == 5 else [])


def test_what_readers_knew_before_is_no_leak_of_the_files():
    relations = [{"all": 1, "few": -1, "rest": -1}]
    statements = [Statement("before", exactly("all", 10)), Statement("old", exactly("rest", 8))]
    assert leaks([Secret("few", 10)], relations, statements)
    assert not leaks([Secret("few", 10)], relations, statements, known={"before", "old"})


@pytest.fixture(scope="module")
def report():
    """Files and rules of a report in which three rows of a wave are excluded."""
    given = inputs()
    wave = given["survey"]["waves"][0]
    wave["rows_kept"] += wave["excluded"][0]["rows"] - 3
    wave["excluded"][0]["rows"] = 3
    return files_of(given, painted=()), make_protected(**records(given))[1]


def changed(files, name, old, new):
    text = files[name].decode()
    assert old in text
    return files | {name: text.replace(old, new, 1).encode()}


def test_the_files_of_a_report_pass(report):
    files, protection = report
    assert protection.knowledge.needs
    assert leaks_of(WrittenFiles(files), protection) == []


def test_a_hidden_cell_that_a_csv_file_shows_is_named(report):
    files, protection = report
    told = changed(files, "tables/flow.csv", "[c],[c]", "[c],3")
    assert "tables/flow.csv row 1 column" in str(
        [leak.places for leak in leaks_of(WrittenFiles(told), protection)]
    )
    with pytest.raises(ResultError, match=r"tables/flow\.csv, table flow, row 1, column 3"):
        check_files(told, protection)


def test_a_hidden_number_that_the_document_shows_is_named(report):
    files, protection = report
    document = json.loads(files["report.json"])
    needs, sheet = protection.knowledge.needs, protection.sheet
    slot = next(s for s in protection.slots if s.cell and needs.get(sheet.key(s.source)))
    cells = [c for table in tables_of(document) for row in table["rows"] for c in row["cells"]]
    node = next(cell for cell in cells if cell["id"] == slot.cell)
    node["value"] = protection.knowledge.values[sheet.key(slot.source)]
    told = files | {"report.json": json.dumps(document).encode()}
    with pytest.raises(ResultError, match=f"report.json {slot.cell}"):
        check_files(told, protection)


def test_a_page_that_says_more_than_the_document_is_named(report):
    files, protection = report
    told = changed(files, "report.html", '">[c]</td>', '">3</td>')
    with pytest.raises(ResultError, match="not as in report.json"):
        check_files(told, protection)


@pytest.mark.parametrize("old, new", [("mean,485", "mean,7485"), (",,5800,", ",,5801,")])
def test_a_long_table_that_says_another_number_than_the_document_is_named(report, old, new):
    files, protection = report
    with pytest.raises(ResultError, match=r"tidy\.csv row \d+, column (estimate|n)"):
        check_files(changed(files, "tidy.csv", old, new), protection)
