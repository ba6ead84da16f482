"""The brief as a Word file: true headings, lists and tables, a chart with its text alternative."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.house.style import House
from mlm.pages.office.archive import saved
from mlm.pages.office.properties import citation, describe, made_with, published
from mlm.pages.office.runs import INK, bare, cell_runs, head, write
from mlm.pages.printed.kept_together import kept_together_brief
from mlm.pages.template_words import template_words
from mlm.pages.text import Run, plain_text

CM_OF_PIXEL = 0.021
MARGIN, WIDTH = 2.2, 16.6  # cm, of an A4 page
SIZES = {"Title": 22, "Subtitle": 12, "Heading 1": 15, "Heading 2": 12, "Caption": 9, "Normal": 10}
COLOURED = ("Title", "Heading 1", "Heading 2")


def brief_docx(document: Mapping[str, Any], pictures: Mapping[str, bytes], house: House) -> bytes:
    """The brief for Word; the same bytes for the same document.

    Parameters
    ----------
    document : mapping
        Made by :func:`mlm.pages.document.make_protected`.
    pictures : mapping of str to bytes
        PNG of each figure by its id.
    house : House
        The house style; fonts are named, not embedded.
    """
    import docx

    document = kept_together_brief(document)
    words, found = template_words(), document["findings"]
    made = docx.Document()
    _set_up(made, document, house)
    if house.logo is not None:
        _logo(made, house)
    made.add_heading(document["title"], level=0)
    made.add_paragraph(document["survey_title"], style="Subtitle")
    if document["disclosure"]["mode"] != "public":
        made.add_paragraph().add_run(words["controlled"]).bold = True
    made.add_paragraph(published(document))
    made.add_heading(words["findings"], level=1)
    write(made.add_paragraph(), found["who"])
    _items(made, [item["runs"] for item in found["items"]], "List Number")
    if found["figure"]:
        _figure(made, found["figure"], pictures[found["figure"]["id"]])
    made.add_heading(words["behind"], level=1)
    if found["lead"]:
        _table(made, found["lead"])
    for section in document["brief"]["sections"]:
        made.add_heading(section["title"], level=2)
        _items(made, section["items"], "List Bullet")
    if document["description"]:
        made.add_heading(words["survey"], level=2)
        made.add_paragraph(document["description"])
    made.add_paragraph(citation(document))
    describe(made.core_properties, document)
    return saved(made)


def _set_up(made, document: Mapping[str, Any], house: House) -> None:
    """Page, styles, language and footer."""
    from docx.oxml.ns import qn
    from docx.shared import Cm

    page = made.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm(MARGIN)
    page.top_margin = page.bottom_margin = Cm(1.8)
    for name, size in SIZES.items():
        colour = bare(house.palette.accent) if name in COLOURED else INK
        _style(made.styles[name], size, colour, house.office_font)
    if not house.palette.is_usual:
        rule = made.styles["Title"].element.find(f".//{qn('w:pBdr')}/{qn('w:bottom')}")
        rule.set(qn("w:color"), bare(house.palette.accent))
    for name in ("List Number", "List Bullet"):
        made.styles[name].paragraph_format.space_after = Cm(0.15)
    defaults = made.styles.element.find(qn("w:docDefaults"))
    defaults.find(f".//{qn('w:lang')}").set(qn("w:val"), document["language"])
    footer = page.footer.paragraphs[0]
    lines = [house.footer, made_with(document)]
    footer.text, footer.style = "\n".join(filter(None, lines)), made.styles["Caption"]


def _logo(made, house: House) -> None:
    """The logo above the title."""
    from docx.shared import Cm

    width, height = house.logo_size
    shown = (
        made.add_paragraph()
        .add_run()
        .add_picture(
            io.BytesIO(house.logo_picture), Cm(width * CM_OF_PIXEL), Cm(height * CM_OF_PIXEL)
        )
    )
    shown._inline.docPr.set("descr", house.logo_alt)


def _style(style, size: int, colour: str, family: str) -> None:
    """Font of a style, also where the theme of the template names another one."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    font = style.font
    font.name, font.size, font.color.rgb = family, Pt(size), RGBColor.from_string(colour)
    font.italic, font.bold = False, style.name.startswith("Heading")
    names = style.element.rPr.rFonts
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        names.attrib.pop(qn(f"w:{kind}"), None)
    names.set(qn("w:cs"), family)


def _items(made, items: Sequence[Sequence[Run]], style: str) -> None:
    for runs in items:
        write(made.add_paragraph(style=style), runs)


def _figure(made, block: Mapping[str, Any], picture: bytes) -> None:
    """A chart with its text alternative, its caption below it."""
    from docx.shared import Cm

    paragraph = made.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    drawing = paragraph.add_run().add_picture(io.BytesIO(picture), width=Cm(WIDTH))
    drawing._inline.docPr.set("descr", plain_text(block["alt"]))
    _caption(made, block)


def _caption(made, block: Mapping[str, Any]):
    """The paragraph with number and caption of a table or chart."""
    paragraph = made.add_paragraph(style="Caption")
    write(paragraph, [{"text": f"{block['label']}. ", "strong": True}, *block["caption"]])
    return paragraph


def _table(made, block: Mapping[str, Any]) -> None:
    """A table with its caption above and its notes below; its head is repeated on each page."""
    _caption(made, block).paragraph_format.keep_with_next = True
    rows, columns = block["rows"], block["columns"]
    table = made.add_table(rows=1 + len(rows), cols=len(columns), style="Table Grid")
    heads = [[{"text": head(column), "strong": True}] for column in columns]
    _row(table.rows[0], heads, columns)
    _repeat(table.rows[0])
    for made_row, row in zip(table.rows[1:], rows, strict=True):
        if row["kind"] == "group":
            made_row.cells[0].merge(made_row.cells[-1])
            _fill(made_row.cells[0], [{"text": row["cells"][0]["text"], "strong": True}], False)
        else:
            _row(made_row, [cell_runs(cell) for cell in row["cells"]], columns)
    for note in block["notes"]:
        write(made.add_paragraph(style="Caption"), note)


def _row(row, cells: Sequence[Sequence[Run]], columns: Sequence[Mapping[str, Any]]) -> None:
    _keep_together(row)
    for cell, runs, column in zip(row.cells, cells, columns, strict=True):
        _fill(cell, runs, column["kind"] == "number")


def _fill(cell, runs: Sequence[Run], is_number: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    write(paragraph, runs)
    for run in paragraph.runs:
        run.font.size = Pt(9)


def _repeat(row) -> None:
    """Make a row the head of its table, for readers and on every page."""
    _say(row, "tblHeader")


def _keep_together(row) -> None:
    """Keep a row on one page."""
    _say(row, "cantSplit")


def _say(row, name: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(f"w:{name}"))
