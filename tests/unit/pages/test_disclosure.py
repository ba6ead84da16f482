"""Disclosure: no small count anywhere, none that follows from others, no small unit named."""

import csv
import io
import json

import pytest

from mlm.pages.disclosure.persons import persons_in_each
from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import numbers_of, strings_of
from tests.unit.pages.sample import context_of, document_of, files_of, inputs

pytestmark = pytest.mark.slow

THRESHOLD = 10


@pytest.fixture
def given():
    made = inputs()
    wave = made["survey"]["waves"][0]
    small = wave["excluded"][0]["rows"] - 4
    wave["excluded"][0]["rows"] -= small
    wave["rows_kept"] += small
    made["survey"]["attrition"][0]["leave"] = 3
    return made


def controlled(given):
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": THRESHOLD}
    return given


def test_no_small_count_in_the_document(given):
    document = document_of(given)
    assert document["disclosure"]["log"]
    counts = [n for n in numbers_of(document) if n["style"] == "count"]
    assert counts
    context = context_of(given)
    few = [n for n in counts if 0 < n["value"] < THRESHOLD]
    assert not [n for n in few if n["value"] * persons_in_each(n["source"], context) < THRESHOLD]
    assert few, "one school that left is no person"
    for figure in figures_of(document):
        for name in figure["sources"]:
            values = [v for v in figure["data"][name] if isinstance(v, int)]
            assert not [v for v in values if 0 < v < THRESHOLD], (figure["id"], name)


def test_a_hidden_number_leaves_no_value_and_no_source(given):
    hidden = [c for t in tables_of(document_of(given)) for r in t["rows"] for c in r["cells"]]
    hidden = [cell for cell in hidden if cell["text"] == "[c]"]
    assert hidden
    assert all(set(cell) <= {"id", "text", "hidden", "strong"} for cell in hidden)


def test_the_log_counts_the_hidden_cells_of_each_table(given):
    document = document_of(given)
    for table in tables_of(document):
        cells = [c for r in table["rows"] for c in r["cells"]]
        shown = sum(cell["text"].count("[c]") for cell in cells)
        log = [e for e in document["disclosure"]["log"] if e["place"] == table["id"]]
        logged = [e["cells"] for e in log if e["rule"] != "left_out"]
        assert shown == sum(logged), table["id"]


def test_a_table_with_hidden_cells_says_what_the_mark_means(given):
    for table in tables_of(document_of(given)):
        marked = any(c["text"] == "[c]" for r in table["rows"] for c in r["cells"])
        keys = ["".join(run["text"] for run in note) for note in table["notes"]]
        assert marked == any(key.startswith("[c] ") for key in keys)


def test_a_small_difference_cannot_be_computed_from_the_flow_of_rows(given):
    flow = next(t for t in tables_of(document_of(given)) if t["id"] == "flow")
    read, excluded, kept = flow["rows"][0]["cells"][1:4]
    assert excluded["text"] == "[c]"
    assert "[c]" in (read["text"], kept["text"])


def test_text_says_nothing_with_a_hidden_number(given):
    for wave in given["survey"]["waves"]:
        gone = sum(item["rows"] for item in wave["excluded"])
        wave["excluded"] = []
        wave["rows_kept"] += gone
    wave = given["survey"]["waves"][0]
    reason = {"kind": "no_id", "level": "school", "reason": {"kind": "empty"}}
    wave["excluded"] = [{"reason": reason, "rows": 3, "first": []}]
    wave["rows_kept"] -= 3
    text = " ".join(_sentences(document_of(given)))
    assert "[c]" not in text and "excluded." not in text
    assert "The models use" in text


def test_text_says_fewer_than_the_threshold(given):
    given["results"]["n_obs"] = 5
    assert "The models use fewer than 10 rows" in " ".join(_sentences(document_of(given)))


def _sentences(document):
    for section in document["sections"]:
        for block in section["blocks"]:
            yield "".join(run["text"] for run in block.get("runs", ()))


def test_files_hold_no_small_count_either(given):
    files = files_of(given, painted=())
    rows = list(csv.reader(io.StringIO(files["tables/flow.csv"].decode())))
    assert "[c]" in rows[1]
    assert "" not in rows[1]


def test_zero_is_shown(given):
    for item in given["survey"]["attrition"]:
        item["leave"] = 0
    attrition = next(t for t in tables_of(document_of(given)) if t["id"] == "attrition")
    assert all(row["cells"][4]["text"] == "0" for row in attrition["rows"])


def test_controlled_mode_shows_everything_and_says_so(given):
    document = document_of(controlled(given))
    assert document["disclosure"]["log"] == []
    assert not [text for text in strings_of(document) if "[c]" in text]
    assert "must not be published" in " ".join(_sentences(document))


@pytest.mark.parametrize(("rows", "named"), [(9, False), (27, False), (28, True)])
def test_a_unit_is_named_only_if_it_surely_has_enough_people(rows, named):
    given = inputs()  # three waves: a pupil has up to three rows
    given["results"]["effects"][0]["units"][3].update(unit=["tinyschool"], n=rows)
    assert ("tinyschool" in json.dumps(document_of(given))) == named
