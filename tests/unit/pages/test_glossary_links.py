"""Terms of the glossary are linked once a section, in sentences alone."""

from __future__ import annotations

from mlm.pages.blocks import bullets, definitions, heading, paragraph
from mlm.pages.glossary_links import with_glossary_links
from mlm.pages.text import plain_text as plain
from mlm.pages.text import say

TERMS = ("Level", "Posterior mean", "Mean", "p")


def linked(*blocks):
    """The terms that are linked in a section of some blocks, and the blocks."""
    glossary = {"id": "glossary", "blocks": [definitions([(term, "a word") for term in TERMS])]}
    document = {"sections": [{"id": "one", "blocks": list(blocks)}, glossary]}
    made = with_glossary_links(document)["sections"][0]["blocks"]
    runs = [run for block in made if "runs" in block for run in block["runs"]]
    runs += [run for block in made if "items" in block for item in block["items"] for run in item]
    return [(run["entry"], run["text"]) for run in runs if "entry" in run], made


def test_the_first_use_of_a_term_is_linked_and_no_later_one():
    found, made = linked(paragraph("Two levels, one level."), bullets(["A level"]))
    assert found == [("Level", "levels")]
    assert [plain(block["runs"]) for block in made[:1]] == ["Two levels, one level."]


def test_the_longest_term_is_linked_and_the_shorter_one_where_it_stands_alone():
    assert linked(paragraph("Posterior means and means"))[0] == [
        ("Posterior mean", "Posterior means"),
        ("Mean", "means"),
    ]
    assert linked(paragraph("A mean beside a posterior mean"))[0] == [
        ("Mean", "mean"),
        ("Posterior mean", "posterior mean"),
    ]


def test_parts_of_words_names_and_strong_words_are_not_linked():
    strong = say("{a}", a=[{"text": "level", "strong": True}])
    assert linked(paragraph("multilevel, demeaned, p-value"), heading("x", "Level"))[0] == []
    assert linked(paragraph(strong))[0] == []
