"""The brief as slides: findings, the chart, the table behind it; how sure it is in the notes."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.house.style import House
from mlm.pages.office.archive import saved
from mlm.pages.office.properties import citation, describe, made_with, published
from mlm.pages.office.runs import INK, bare, cell_runs, head, write
from mlm.pages.printed.kept_together import kept_together_brief
from mlm.pages.template_words import template_words
from mlm.pages.text import Run, plain_text

INCHES_OF_PIXEL = 0.0105
FOOT = 7.0  # inches from the top, of the line of the house
WIDE, HIGH = 13.333, 7.5  # inches: 16 by 9
LEFT, TOP, ACROSS, DOWN = 0.7, 1.45, 11.93, 5.3  # of what is below a title
LETTERS_OF_A_SLIDE = 480  # of the items of a slide
MOST_ROWS = 12  # of a table on a slide
TITLE_LAYOUT, LIST_LAYOUT, BARE_LAYOUT = 0, 1, 5  # of the template of python-pptx
GRID = "{5940675A-B579-460E-94D1-54222C63F5DA}"  # the table style with lines alone
PNG_SIZE = slice(16, 24)  # width and height in the first chunk of a PNG


def brief_pptx(document: Mapping[str, Any], pictures: Mapping[str, bytes], house: House) -> bytes:
    """The brief as slides; the same bytes for the same document.

    Parameters
    ----------
    document : mapping
        Made by :func:`mlm.pages.document.make_protected`.
    pictures : mapping of str to bytes
        PNG of each figure by its id.
    house : House
        The house style; fonts are named, not embedded.
    """
    import pptx
    from pptx.util import Inches

    document = kept_together_brief(document)
    found, words = document["findings"], template_words()
    made = pptx.Presentation()
    made.slide_width, made.slide_height = Inches(WIDE), Inches(HIGH)
    deck = _Deck(made, document, house)
    deck.title_slide()
    items = [item["runs"] for item in found["items"]]
    deck.lists(words["findings"], items, found["who"])
    if found["figure"]:
        deck.figure(found["figure"], pictures[found["figure"]["id"]])
    if found["lead"]:
        deck.table(found["lead"])
    for section in document["brief"]["sections"]:
        deck.lists(section["title"], section["items"])
    describe(made.core_properties, document)
    return saved(made)


class _Deck:
    """Slides that are added one after the other."""

    def __init__(self, made, document: Mapping[str, Any], house: House):
        self._made, self._document, self._house = made, document, house
        sure = [s["items"] for s in document["brief"]["sections"] if s["id"] == "sure"]
        notes = [plain_text(runs) for items in sure for runs in items]
        self._notes = "\n".join([*notes, citation(document), made_with(document)])

    def title_slide(self) -> None:
        """Title, survey, who publishes it."""
        document, words = self._document, template_words()
        slide = self._slide(TITLE_LAYOUT, [{"text": document["title"]}])
        self._place(slide.shapes.title, (LEFT, 2.0, ACROSS, 1.6))
        if self._house.logo is not None:
            self._logo(slide)
        lines = [document["survey_title"], published(document)]
        if document["disclosure"]["mode"] != "public":
            lines.append(words["controlled"])
        below = slide.placeholders[1]
        self._place(below, (LEFT, 3.7, ACROSS, 1.8))
        self._paragraphs(below, [[{"text": line}] for line in lines if line], 20)

    def lists(
        self, title: str, items: Sequence[Sequence[Run]], first: Sequence[Run] | None = None
    ) -> None:
        """Items, so many a slide as can be read; a sentence before the first of them."""
        for part in _parts([first, *items] if first else items):
            slide = self._slide(LIST_LAYOUT, [{"text": title}])
            body = slide.placeholders[1]
            self._place(body, (LEFT, TOP, ACROSS, DOWN))
            self._paragraphs(body, part, 22)

    def figure(self, block: Mapping[str, Any], picture: bytes) -> None:
        """A chart, as large as the slide allows."""
        from pptx.util import Inches

        slide = self._slide(BARE_LAYOUT, block["title"] or block["caption"])
        width, height = struct.unpack(">II", picture[PNG_SIZE])
        scale = min(ACROSS / width, DOWN / height)
        place = [
            Inches(LEFT + (ACROSS - width * scale) / 2),
            Inches(TOP),
            Inches(width * scale),
            Inches(height * scale),
        ]
        shape = slide.shapes.add_picture(io.BytesIO(picture), *place)
        shape._element.nvPicPr.cNvPr.set("descr", plain_text(block["alt"]))

    def table(self, block: Mapping[str, Any]) -> None:
        """A table, its head on every slide that it takes."""
        for start in range(0, len(block["rows"]), MOST_ROWS):
            slide = self._slide(BARE_LAYOUT, block["caption"])
            self._table(slide, block["columns"], block["rows"][start : start + MOST_ROWS])

    def _table(self, slide, columns, rows) -> None:
        from pptx.oxml.ns import qn
        from pptx.util import Inches

        place = [Inches(LEFT), Inches(TOP), Inches(ACROSS), Inches(0.36 * (1 + len(rows)))]
        shape = slide.shapes.add_table(1 + len(rows), len(columns), *place)
        table = shape.table
        shape._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = GRID
        for position, column in enumerate(columns):
            self._cell(table, (0, position), [{"text": head(column), "strong": True}], column)
        for line, row in enumerate(rows, start=1):
            if row["kind"] == "group":
                table.cell(line, 0).merge(table.cell(line, len(columns) - 1))
                name = [{"text": row["cells"][0]["text"], "strong": True}]
                self._cell(table, (line, 0), name, columns[0])
                continue
            for position, (cell, column) in enumerate(zip(row["cells"], columns, strict=True)):
                self._cell(table, (line, position), cell_runs(cell), column)

    def _cell(self, table, at: tuple[int, int], runs: Sequence[Run], column) -> None:
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        paragraph = table.cell(*at).text_frame.paragraphs[0]
        write(paragraph, runs)
        self._style(paragraph, 12)
        if column["kind"] == "number":
            paragraph.alignment = PP_ALIGN.RIGHT
        table.cell(*at).margin_top = table.cell(*at).margin_bottom = Pt(2)

    def _slide(self, layout: int, title: Sequence[Run]):
        """A slide with its title and notes."""
        slide = self._made.slides.add_slide(self._made.slide_layouts[layout])
        self._place(slide.shapes.title, (LEFT, 0.35, ACROSS, 1.0))
        self._paragraphs(slide.shapes.title, [title], 26 if layout else 36, self._accent)
        slide.notes_slide.notes_text_frame.text = self._notes
        if self._house.footer:
            self._foot(slide)
        return slide

    @property
    def _accent(self) -> str:
        return bare(self._house.palette.accent)

    def _foot(self, slide) -> None:
        """The line of the house below all else."""
        from pptx.util import Inches

        shape = slide.shapes.add_textbox(*map(Inches, (LEFT, FOOT, ACROSS, 0.4)))
        self._paragraphs(shape, [[{"text": self._house.footer}]], 11)

    def _logo(self, slide) -> None:
        """The logo at the top left."""
        from pptx.util import Inches

        size = [side * INCHES_OF_PIXEL for side in self._house.logo_size]
        place = map(Inches, (LEFT + 0.1, 0.7, *size))
        shape = slide.shapes.add_picture(io.BytesIO(self._house.logo_picture), *place)
        shape._element.nvPicPr.cNvPr.set("descr", self._house.logo_alt)

    def _place(self, shape, box: tuple[float, float, float, float]) -> None:
        from pptx.util import Inches

        shape.left, shape.top, shape.width, shape.height = map(Inches, box)

    def _paragraphs(self, shape, items, size: int, colour: str = INK) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        frame = shape.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        for position, runs in enumerate(items):
            paragraph = frame.add_paragraph() if position else frame.paragraphs[0]
            paragraph.alignment, paragraph.space_after = PP_ALIGN.LEFT, Pt(10)
            write(paragraph, runs)
            self._style(paragraph, size, colour)

    def _style(self, paragraph, size: int, colour: str | None = None) -> None:
        """Font, size, colour and language of what a paragraph holds."""
        from pptx.dml.color import RGBColor
        from pptx.util import Pt

        for run in paragraph.runs:
            run.font.name, run.font.size = self._house.office_font, Pt(size)
            run._r.get_or_add_rPr().set("lang", self._document["language"])
            if colour:
                run.font.color.rgb = RGBColor.from_string(colour)


def _parts(items: Sequence[Sequence[Run]]) -> list[list[Sequence[Run]]]:
    """The items in turn, so many together as a slide holds."""
    parts: list[list[Sequence[Run]]] = []
    left = 0
    for item in items:
        letters = len(plain_text(item))
        if not parts or letters > left:
            parts.append([])
            left = LETTERS_OF_A_SLIDE
        parts[-1].append(item)
        left -= letters
    return parts
