"""A share that would tell a hidden count is shown with a digit fewer where that is enough."""

from __future__ import annotations

import pytest

from mlm.pages.disclosure.suppression.suppress import FIRST
from mlm.pages.document import figures_of, make_protected, tables_of
from mlm.pages.drawing.canvas import Text
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import draw
from mlm.pages.rounding import CONFIDENTIAL
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from tests.unit.pages.reading import table_of
from tests.unit.pages.sample import document_of, everything, files_of, records

pytestmark = pytest.mark.slow

UNRECORDED = 3  # pupils who leave and whose free lunch is not known
NOTE = "A number with a digit fewer than the others"


@pytest.fixture
def given():
    made = everything()
    free, none, unknown = made["survey"]["attrition_by"]
    moved = unknown["leave"] - UNRECORDED
    for item, by in ((free, moved), (unknown, -moved)):
        item["leave"] += by
        item["persons"]["leave"] += by
    return made


def leavers(document):
    """Cells of those who leave, by category."""
    rows = [
        r["cells"] for r in table_of(document, "attrition-by-pupil")["rows"] if len(r["cells"]) > 1
    ]
    return {cells[0]["text"]: cells[1:] for cells in rows}


def test_a_share_beside_a_hidden_count_keeps_the_digits_that_keep_it_hidden(given):
    found = leavers(document_of(given))
    assert found["not recorded"][1] == found["not recorded"][1] | {"hidden": FIRST}
    shorter = [c for cells in found.values() for c in cells if c.get("style") == "percent"]
    shorter = [cell for cell in shorter if cell["decimals"] == 0]
    assert shorter, "no share is shown with a digit fewer"
    for name, (stay, leave, share) in found.items():
        if share in shorter:
            entry = next(i for i in given["survey"]["attrition_by"] if _is(i, name))
            exact = entry["leave"] / (entry["leave"] + entry["stay"])
            assert leave["text"] == CONFIDENTIAL
            assert share["text"] == f"{100 * exact:.0f}%" and share["value"] == round(exact, 2)
            least, most = share["value"] - 0.005, share["value"] + 0.005
            kept = stay["value"]
            assert kept * most / (1 - most) - kept * least / (1 - least) > 10


def _is(entry, name):
    return name == {"F": "Free lunch", "N": "No free lunch"}.get(entry["category"], "not recorded")


def test_the_table_and_the_log_say_so(given):
    document = document_of(given)
    table = table_of(document, "attrition-by-pupil")
    assert any(plain_text(note).startswith(NOTE) for note in table["notes"])
    log = {(e["place"], e["rule"]): e["cells"] for e in document["disclosure"]["log"]}
    shorter = [
        c
        for r in table["rows"]
        for c in r["cells"]
        if c.get("decimals") == 0 and c.get("style") == "percent"
    ]
    assert log["attrition-by-pupil", "shorter"] == len(shorter)
    others = [t for t in tables_of(document) if (t["id"], "shorter") not in log]
    assert not any(plain_text(note).startswith(NOTE) for t in others for note in t["notes"])


def test_the_files_pass_the_audit_and_read_as_the_document(given):
    files = files_of(given, painted=())
    assert b"[c]" in files["report.html"]


def test_the_audit_reads_a_shorter_share_with_the_digits_that_are_printed(given):
    report = make_protected(**records(given))
    slots = [slot for slot in report.protection.slots if slot.cell is not None]
    shown = {c["id"]: c for t in tables_of(report.document) for r in t["rows"] for c in r["cells"]}
    from mlm.pages.disclosure.written import WrittenFiles

    files = files_of(given, painted=())
    read = WrittenFiles(files)
    shorter = [s for s in slots if s.style == "percent" and not s.way
               and s.decimals == 1 and shown.get(s.cell, {}).get("decimals") == 0]  # fmt: skip
    assert shorter
    for slot in shorter:
        halves = {half for __, __, half in read.values(slot)}
        assert halves == {0.005}, slot.cell


@pytest.mark.parametrize(("cells", "printed"), [(3, "0%"), (300, "4.9%")])
def test_a_chart_prints_a_shorter_share_without_a_decimal(cells, printed):
    given = everything()
    wave = next(w for w in given["survey"]["waves"] if w["wave"] == "K")
    for item in wave["missing"]:
        if item["variable"] == "ses":
            item["cells"] = cells
    block = next(b for b in figures_of(document_of(given)) if b["id"] == "missing-chart")
    canvas = draw(block, usual_typeface(template_folder() / "fonts"))
    words = [part.words for part in canvas.parts if isinstance(part, Text)]
    assert printed in words
