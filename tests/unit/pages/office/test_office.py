"""The brief for Word and as slides says what the page says, in the same numbers."""

from __future__ import annotations

import io
import json
import zipfile

import docx
import pptx
import pytest

from mlm.pages.house.style import usual_house
from mlm.pages.office.archive import FIRST_DAY, timeless
from mlm.pages.office.slides import LETTERS_OF_A_SLIDE, brief_pptx
from mlm.pages.office.word import brief_docx
from mlm.pages.printed.kept_together import kept_together
from mlm.pages.template_folder import template_folder
from mlm.pages.text import plain_text

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(published_files):
    return published_files


@pytest.fixture(scope="module")
def document(files):
    return kept_together(json.loads(files["report.json"]))


@pytest.fixture(scope="module")
def written(files):
    return docx.Document(io.BytesIO(files["brief.docx"]))


@pytest.fixture(scope="module")
def slides(files):
    return pptx.Presentation(io.BytesIO(files["brief.pptx"])).slides


def cell_text(cell) -> str:
    """What a cell of the document prints."""
    if "runs" in cell:
        return plain_text(cell["runs"])
    return f"{cell['letter']}{cell['index']}" if "letter" in cell else cell["text"]


def sentences(document) -> list[str]:
    """Every sentence of the brief, as plain text."""
    found = [plain_text(item["runs"]) for item in document["findings"]["items"]]
    return found + [plain_text(i) for s in document["brief"]["sections"] for i in s["items"]]


def test_both_have_every_sentence_of_the_brief(document, written, slides):
    paragraphs = [paragraph.text for paragraph in written.paragraphs]
    shown = [
        paragraph.text
        for slide in slides
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
    ]
    assert len(sentences(document)) > 5
    for sentence in sentences(document):
        assert sentence in paragraphs
        assert sentence in shown


def test_both_have_the_table_cell_by_cell(document, written, slides):
    lead = document["findings"]["lead"]
    expected = [[cell_text(cell) for cell in row["cells"]] for row in lead["rows"]]
    table = written.tables[0]
    shown = [
        [cell.text for cell in row.cells]
        for slide in slides
        for shape in slide.shapes
        if shape.has_table
        for row in list(shape.table.rows)[1:]
    ]
    for mine in ([[cell.text for cell in row.cells] for row in table.rows[1:]], shown):
        assert len(mine) == len(expected)
        for row, cells, kind in zip(mine, expected, lead["rows"], strict=True):
            if kind["kind"] == "group":
                assert row[0] == cells[0]
            else:
                assert row == cells
    assert table.rows[0]._tr.xpath(".//w:tblHeader")


def test_word_finds_its_way_by_headings_lists_and_text_alternatives(document, written):
    styles = [(p.style.name, p.text) for p in written.paragraphs]
    assert styles[0] == ("Title", document["title"])
    assert ("Heading 1", "Findings") in styles
    numbered = [text for style, text in styles if style == "List Number"]
    assert len(numbered) == len(document["findings"]["items"])
    alternatives = [shape._inline.docPr.get("descr") for shape in written.inline_shapes]
    assert alternatives == [plain_text(document["findings"]["figure"]["alt"])]
    assert written.core_properties.language == "en"
    assert written.core_properties.author == "Office of Statistics"


def test_every_slide_has_a_title_and_says_how_sure_it_is(document, slides):
    sure = [s for s in document["brief"]["sections"] if s["id"] == "sure"]
    for slide in slides:
        assert slide.shapes.title.text_frame.text
        for runs in sure[0]["items"]:
            assert plain_text(runs) in slide.notes_slide.notes_text_frame.text
        bodies = [s.text_frame.text for s in slide.placeholders if s != slide.shapes.title]
        assert all(len(body) <= LETTERS_OF_A_SLIDE + 20 for body in bodies)
    pictures = [shape for slide in slides for shape in slide.shapes if shape.shape_type == 13]
    alternative = plain_text(document["findings"]["figure"]["alt"])
    assert [p._element.nvPicPr.cNvPr.get("descr") for p in pictures] == [alternative]


def test_the_same_document_gives_the_same_bytes(files, document):
    figure = document["findings"]["figure"]["id"]
    pictures = {figure: files[f"figures/{figure}.png"]}
    house = usual_house(template_folder())
    assert brief_docx(document, pictures, house) == files["brief.docx"]
    assert brief_pptx(document, pictures, house) == files["brief.pptx"]


def test_an_archive_without_times():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(zipfile.ZipInfo("a.xml", (2024, 5, 6, 7, 8, 10)), b"<a/>")
    with zipfile.ZipFile(io.BytesIO(timeless(stream.getvalue()))) as found:
        assert [(i.filename, i.date_time) for i in found.infolist()] == [("a.xml", FIRST_DAY)]
        assert found.read("a.xml") == b"<a/>"
