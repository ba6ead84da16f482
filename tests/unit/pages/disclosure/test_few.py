"""What may not be said of few people is said nowhere: in no chart, finding or half a sentence."""

from __future__ import annotations

import pytest

from mlm.pages.blocks import drawn_rows
from mlm.pages.disclosure import few
from mlm.pages.document import figures_of, make_protected
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import draw
from mlm.pages.spreadsheets.csv_files import figure_csv
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text
from tests.unit.pages.sample import document_of, everything, records, residuals

pytestmark = pytest.mark.slow

PLACES = (
    "results#/policy",
    "results#/over_time/by/",
    "results#/over_time/adjusted_means/1/",
    "residuals#/waves/1/",
)
FONTS = usual_typeface(template_folder() / "fonts")


def sentences(value):
    """All lists of runs of a document as words."""
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and "text" in item for item in value):
            yield plain_text(value)
            return
        for item in value:
            yield from sentences(item)
    elif isinstance(value, dict) and "source" not in value:
        for item in value.values():
            yield from sentences(item)


@pytest.fixture(params=PLACES)
def hidden(request, monkeypatch):
    """A document in which the numbers of one place tell of few, beside that without a rule."""
    given = everything() | {"residuals": residuals()}
    whole = document_of(given)
    monkeypatch.setattr(few, "rests_on_weak", lambda source, _: request.param in str(source))
    return request.param, whole, make_protected(**records(given)).document


def test_charts_show_no_number_that_words_hide(hidden):
    place, whole, document = hidden
    shown = {block["id"]: block for block in figures_of(document)}
    changed = 0
    for block in figures_of(whole):
        found = shown.get(block["id"])
        if found is None or not found["hidden"]:
            changed += found is None
            continue
        changed += 1
        marked = {tuple(each) for each in found["hidden"]}
        assert all(found["data"][name][row] is None for name, row in marked)
        assert figure_csv(found).count("[c]") >= len(marked)
        for row in set(range(len(found["data"][next(iter(marked))[0]]))) - set(drawn_rows(found)):
            own = [v[row] for name, v in found["data"].items() if name not in found["sources"]]
            assert not any(isinstance(value, float) for value in own)
    assert changed, place


def test_what_is_left_of_a_chart_can_be_drawn(hidden):
    for block in figures_of(hidden[2]):
        assert drawn_rows(block) or not block["hidden"]
        assert plain_text(block["alt"]).strip(), "a PDF without a text for a picture is refused"
        for is_narrow in (False, True):
            draw(block, FONTS, is_narrow)


def test_a_finding_whose_numbers_are_hidden_is_none(hidden):
    for document in hidden[1:]:
        for kind in ("items", "further", "untold", "remarks"):
            for finding in document["findings"][kind]:
                assert plain_text(finding["runs"]).strip(), finding["key"]
                assert finding["estimate"] is None or "hidden" not in finding["estimate"]
    if hidden[0] == PLACES[0]:
        kinds = [[f["kind"] for f in d["findings"]["items"]] for d in hidden[1:]]
        assert "policy" in kinds[0] and "policy" not in kinds[1]


def test_no_sentence_loses_its_numbers_and_keeps_its_words(hidden):
    """A number that stands in two sentences was emptied with the first, and the second kept on."""
    for said in sentences(hidden[2]):
        assert " ( to )" not in said and "()" not in said, said
