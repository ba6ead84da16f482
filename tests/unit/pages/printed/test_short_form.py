"""The short form of tables on a phone; what does not apply is said once a line, in its columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.blocks import column, row, table
from mlm.pages.document import tables_of
from mlm.pages.printed.short_form import ROOM, _width, joined, short_form
from mlm.pages.rounding import NOT_APPLICABLE
from tests.unit.pages.reading import Page
from tests.unit.pages.sample import document_of, everything, files_of, inputs

pytestmark = pytest.mark.slow

CELLS = st.lists(
    st.tuples(st.sampled_from(["[z]", "[c]", "1.5"]), st.booleans()), min_size=1, max_size=9
)


@given(CELLS)
def test_cells_that_do_not_apply_are_one_and_no_column_is_lost(drawn):
    cells, shown = [{"text": text} for text, _ in drawn], [shown for _, shown in drawn]
    found = joined(cells, NOT_APPLICABLE, shown)
    assert found[0] == (cells[0], 0, 1)
    covered = [place for _, start, span in found for place in range(start, start + span)]
    assert covered == list(range(len(cells)))
    for cell, start, span in found:
        assert {cells[place]["text"] for place in range(start, start + span)} == {cell["text"]}
        assert len(set(shown[start : start + span])) == 1
    for (one, start, _span), (two, place, _other) in zip(found[1:], found[2:], strict=False):
        assert not one["text"] == two["text"] == "[z]" or shown[start] != shown[place]


@given(
    st.lists(st.tuples(st.text("ab ", max_size=12), st.booleans()), min_size=1, max_size=8),
    st.text("12.", min_size=1, max_size=9),
)
def test_a_phone_shows_what_fits_or_what_the_table_names(drawn, cell):
    columns = [column(label, main=main) for label, main in drawn]
    block = table("t", "x", columns, [row(*[cell] * len(columns))])
    shown, widths = short_form(block), [_width(block, i) for i in range(len(columns))]
    assert shown[0] and len(shown) == len(columns)
    if sum(widths[1:]) <= ROOM:
        assert all(shown)
    elif any(main for _, main in drawn):
        assert shown[1:] == [main for _, main in drawn[1:]]
    else:
        beside = [width for width, here in zip(widths[1:], shown[1:], strict=True) if here]
        assert len(beside) == 1 or sum(beside) <= ROOM


KEY_TABLES = ("lead", "studied", "standards", "trends", "policy", "trajectories")
WORDS, NUMBERS = st.just("text"), st.just("number")


@given(
    st.lists(st.tuples(st.text("ab", max_size=12), WORDS | NUMBERS), min_size=2, max_size=8),
    st.text("12", min_size=1, max_size=9),
)
def test_a_phone_shows_a_number_where_a_table_has_any(drawn, cell):
    columns = [column(label, kind) for label, kind in drawn]
    block = table("t", "x", columns, [row(*[cell] * len(columns))])
    kinds = [kind for (_, kind), here in zip(drawn, short_form(block), strict=True) if here]
    assert "number" in kinds[1:] or "number" not in [kind for _, kind in drawn[1:]]


def test_what_key_tables_name_has_room():
    """The lead table, means, policies, shares: no reader of a phone scrolls them sideways."""
    for drawn in (inputs(), everything()):
        for block in tables_of(document_of(drawn)):
            if block["id"].split("-")[0] in KEY_TABLES:
                shown = short_form(block)
                beside = [_width(block, i) for i, here in enumerate(shown) if here and i]
                assert sum(beside) <= 1.25 * ROOM, block["id"]


def test_rows_that_differ_in_words_look_different_on_a_phone():
    columns = [
        column("Variable", "text"),
        column("Model", "text"),
        column("Effect", "text", main=True),
    ]
    columns += [column(name, main=True) for name in ("Estimate", "Standard error")]
    columns += [column("Degrees of freedom"), column("Probability")]
    rows = [
        row(variable, model, "Within units", *["123.45"] * 4)
        for variable in ("Home", "Books")
        for model in ("Full model", "Settled model")
    ]
    shown = [True, True, True, True, True, False, False]
    assert short_form(table("t", "x", columns, rows)) == shown
    assert short_form(table("t", "x", columns, rows[::2])) == [True, False, *shown[2:]]


@pytest.mark.parametrize("given", [everything, inputs], ids=["everything", "inputs"])
def test_no_two_rows_of_a_report_look_alike_on_a_phone_alone(given):
    alike = []
    for block in tables_of(document_of(given())):
        shown = short_form(block)
        words = [i for i, each in enumerate(block["columns"]) if each["kind"] != "number"]
        looks: dict[tuple, set[tuple]] = {}
        heading = ""
        for each in block["rows"]:
            texts = [cell["text"] for cell in each["cells"]]
            if len(texts) < len(shown):
                heading = texts[0]
                continue
            look = (heading, *(texts[i] for i in words if shown[i]))
            looks.setdefault(look, set()).add(tuple(texts[i] for i in words))
        alike += [(block["id"], look) for look, rows in looks.items() if len(rows) > 1]
    assert alike == []


def test_all_columns_can_be_asked_for_where_some_are_left_out():
    page = Page(files_of(everything(), painted=())["report.html"].decode())
    extra = [tag for tag, attrs in page.tags if "extra" in (attrs.get("class") or "").split()]
    boxes = [attrs for tag, attrs in page.tags if tag == "input"]
    assert extra and 0 < len(boxes) < sum(tag == "table" for tag, _ in page.tags)
    assert {box["type"] for box in boxes} == {"checkbox"}


@pytest.mark.parametrize("given", [everything, inputs], ids=["everything", "inputs"])
def test_an_interval_is_shown_whole_or_not_at_all(given):
    halved = []
    for block in tables_of(document_of(given())):
        shown = short_form(block)
        ends = [
            shows
            for column, shows in zip(block["columns"], shown, strict=True)
            if column["label"] in ("Lower", "Upper")
        ]
        pairs = list(zip(ends[::2], ends[1::2], strict=True))
        halved += [block["id"] for pair in pairs if len(set(pair)) > 1]
    assert halved == []


def test_an_interval_that_does_not_fit_is_left_to_all_columns():
    columns = [column("Waves", "text"), column("Correlation")]
    columns += [column(end, group="95% interval") for end in ("Lower", "Upper")]
    block = table("t", "x", columns, [row("Kindergarten - Grade 1", "0.33", "0.05", "0.61")])
    assert short_form(block) == [True, True, False, False]
    narrow = [column("Waves", "text"), column("r")]
    narrow += [column(end, group="Ends") for end in ("Lower", "Upper")]
    block = table("t", "x", narrow, [row("A", "0.33", "0.05", "0.61")])
    assert short_form(block) == [True] * 4
