"""A line does not part a number from its unit; texts of users stay as they are."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.printed.kept_together import kept_together
from mlm.pages.rounding import NO_BREAK, fixed
from mlm.pages.text import plain_text, say
from mlm.results.reading import At
from tests.unit.pages.reading import Page
from tests.unit.pages.sample import document_of, inputs

pytestmark = pytest.mark.slow

SIZE = fixed(At(0.17, "results#/a"), 2)


@pytest.mark.parametrize(
    ("template", "kept"),
    [
        ("{n} SD", "0.17_SD"),
        ("({n} SD)", "(0.17_SD)"),
        ("by {n} scale points", "by 0.17_scale points"),
        ("F = {n} on {n}", "F_=_0.17_on 0.17"),
        ("{n} ({n} to {n})", "0.17 (0.17_to 0.17)"),
        ("from Grade 1 to Year -2.5", "from Grade_1 to Year_-2.5"),
        ("{n} école", "0.17_école"),
        ("{n}; then", "0.17; then"),
    ],
)
def test_what_stays_on_one_line(template, kept):
    runs = kept_together(say(template, n=SIZE))
    assert plain_text(runs) == kept.replace("_", NO_BREAK)


@given(st.lists(st.sampled_from(["a", " b ", "<", " = ", "x 1", "</script >"]), max_size=5))
def test_only_spaces_change_and_nothing_in_place(texts):
    runs = [{"text": text} for text in texts] + [SIZE.run()]
    before = copy.deepcopy(runs)
    made = kept_together(runs)
    assert runs == before
    assert plain_text(made).replace(NO_BREAK, " ") == plain_text(before).replace(NO_BREAK, " ")


def test_cells_beside_numbers_are_as_they_were_written():
    cells = [
        {"text": "a <", "id": "t-1-1"},
        SIZE.run() | {"id": "t-1-2"},
        {"text": " b", "id": "c"},
    ]
    assert kept_together(cells) == cells


def test_pages_keep_sizes_together_and_the_data_do_not(sample_files):
    assert f"{NO_BREAK}SD" in " ".join(Page(sample_files["brief.html"].decode()).words)
    assert NO_BREAK not in plain_text(document_of(inputs())["findings"]["items"][0]["runs"])
