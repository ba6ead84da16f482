"""The tables of a report as one workbook; text is never read as a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from mlm.pages.document import tables_of
from mlm.pages.house.style import House
from mlm.pages.language import _
from mlm.pages.rounding import SHARES, SHORTHAND
from mlm.pages.sections.method.disclosure import mode_words
from mlm.pages.spreadsheets.lines import HEAD_LINES, TableLines, table_lines
from mlm.pages.text import plain_text

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
FORMATS = {"count": "#,##0", "tally": "#,##0", "p": "0.000", "percent": "0.0%", "tiny": "0.0E+00"}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_LETTERS = 31  # letters of the name of a sheet
A4 = 9
SIZE, TITLE_SIZE = 10, 13  # points
POINTS_OF_PIXEL = 0.75
MOST_OF_FOOT = 200  # letters that Excel takes beside the others
SCREEN = 96  # pixels an inch of a sheet


def workbook(document: Mapping[str, Any], house: House) -> bytes:
    """All tables as one workbook: contents with links, notes, then one sheet a table.

    Parameters
    ----------
    document : mapping
        Made by :func:`mlm.pages.document.make_protected`.
    house : House
        The house style; its font is named, not embedded.
    """
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    options["default_format_properties"] = {"font_name": house.office_font, "font_size": SIZE}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties(_properties(document))
    formats = _formats(book, house)
    tables = list(tables_of(document))
    contents, notes, *names = sheet_names([_("Contents"), _("Notes"), *map(_title, tables)])
    first = book.add_worksheet(contents)
    _contents_sheet(first, document, tables, (notes, names), formats)
    if house.logo is not None:
        _logo(first, house)
    _notes_sheet(book.add_worksheet(notes), document, contents, formats)
    for table, name in zip(tables, names, strict=True):
        _table_sheet(book.add_worksheet(name), table, contents, formats)
    for sheet in book.worksheets():
        _set_foot(sheet, house)
    book.close()
    return stream.getvalue()


def _properties(document: Mapping[str, Any]) -> dict[str, Any]:
    said = document["publication"]
    day = said["date"] or document["date"]
    made = datetime.combine(date.fromisoformat(day), EPOCH.timetz()) if day else EPOCH
    return {
        "title": document["title"],
        "subject": document["survey_title"],
        "company": said["publisher"],
        "created": made,
    }


def _title(table: Mapping[str, Any]) -> str:
    """Number and caption of a table."""
    number = table["label"].rpartition(" ")[2]
    return f"{number} {plain_text(table['caption'])}"


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Names of sheets: whole words of the titles, 31 letters at most, as Excel wants, different."""
    names: list[str] = []
    for title in titles:
        base = _cut(re.sub(r"[\[\]:*?/\\']", " ", title), MOST_LETTERS)
        name, number = base, 2
        while name.lower() in {taken.lower() for taken in names}:
            name = f"{base[: MOST_LETTERS - 4]} ({number})"
            number += 1
        names.append(name)
    return names


def _cut(title: str, most: int) -> str:
    """The first words of a title that fit, or the first letters of its first word."""
    title = " ".join(title.split())
    if len(title) <= most:
        return title or "-"
    words = title[: most + 1].rpartition(" ")[0]
    return words.rstrip(" ,(") or title[:most]


def _formats(book, house: House) -> dict[str, Any]:
    accent = house.palette.accent
    head = {"bold": True, "bottom": 2, "bottom_color": accent, "text_wrap": True, "valign": "top"}
    link = {"font_color": accent, "underline": 1, "valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": TITLE_SIZE, "font_color": accent}),
        "head": book.add_format(head),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "link": book.add_format(link),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"}),
        "cell": {},
        "book": book,
    }


def _logo(sheet, house: House) -> None:
    """The logo at the top right of the contents, in the size that it has on pages."""
    from xlsxwriter.image import Image

    picture = Image(io.BytesIO(house.logo_picture))
    wide, high = house.logo_size
    scales = {
        "x_scale": wide / (picture.width * SCREEN / picture.x_dpi),
        "y_scale": high / (picture.height * SCREEN / picture.y_dpi),
    }
    sheet.set_row(0, high * POINTS_OF_PIXEL + SIZE)
    sheet.insert_image(0, 2, picture, scales | {"description": house.logo_alt})


def _number_format(formats: dict[str, Any], cell: Mapping[str, Any]):
    style, decimals = cell["style"], max(cell["decimals"], 0)
    code = FORMATS.get(style) or "#,##0" + ("." + "0" * decimals if decimals else "")
    if style in SHARES:
        code = "0" + ("." + "0" * decimals if decimals else "") + "%"
    if code not in formats["cell"]:
        formats["cell"][code] = formats["book"].add_format({"num_format": code})
    return formats["cell"][code]


def _link(sheet, line: int, column: int, name: str, text: str, formats: dict[str, Any]) -> None:
    """A link to another sheet."""
    sheet.write_url(line, column, f"internal:'{name}'!A1", formats["link"], text)


def _contents_sheet(sheet, document, tables, names, formats) -> None:
    notes, others = names
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 90, formats["wrap"])
    sheet.set_column(2, 2, 34)
    sheet.write_string(0, 0, document["title"], formats["title"])
    sheet.write_string(1, 0, document["survey_title"])
    for column, heading in enumerate((_("Table"), _("Title"), _("CSV file"))):
        sheet.write_string(HEAD_LINES, column, heading, formats["head"])
    _link(sheet, HEAD_LINES + 1, 0, notes, notes, formats)
    sheet.write_string(
        HEAD_LINES + 1, 1, _("Who publishes, how to cite, rounding, disclosure, marks")
    )
    for line, (table, name) in enumerate(zip(tables, others, strict=True), start=HEAD_LINES + 2):
        _link(sheet, line, 0, name, table["label"], formats)
        sheet.write_string(line, 1, plain_text(table["caption"]), formats["wrap"])
        sheet.write_string(line, 2, f"tables/{table['id']}.csv")
    sheet.freeze_panes(HEAD_LINES + 1, 0)
    _set_up_print(sheet, HEAD_LINES)


def _notes_sheet(sheet, document, contents, formats) -> None:
    said = document["publication"]
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, document["title"], formats["title"])
    _link(sheet, 1, 0, contents, _("Back to the contents"), formats)
    lines = [
        (_("Survey"), document["survey_title"]),
        (_("Analysis"), document["analysis"]),
        (_("Publisher"), said["publisher"]),
        (_("Contact"), said["contact"]),
        (_("Licence"), said["licence"]),
        (_("Date"), said["date"] or document["date"] or ""),
        (_("Next results"), said["next"]),
        (_("Address"), said["address"]),
        (_("How to cite"), said["cite"]),
        (_("Made with"), f"mlm {document['version']}"),
        (_("Numbers"), _("Cells hold the numbers as published, rounded by their errors.")),
        (_("Disclosure"), mode_words(document["disclosure"])),
        *((mark, _(meaning)) for mark, meaning in SHORTHAND.items()),
    ]
    shown = [(label, str(text)) for label, text in lines if text]
    for line, (label, text) in enumerate(shown, start=HEAD_LINES):
        sheet.write_string(line, 0, label, formats["wrap"])
        _write_text(sheet, line, 1, text, formats, formats["wrap"])
    _set_up_print(sheet, None)


def _table_sheet(sheet, table, contents, formats) -> None:
    grid = table_lines(table)
    caption = f"{table['label']}. {plain_text(table['caption'])}"
    sheet.write_string(0, 0, caption, formats["title"])
    _link(sheet, 1, 0, contents, _("Back to the contents"), formats)
    heads = HEAD_LINES - 1
    for position, heading in enumerate(grid.headings):
        sheet.write_string(heads, position, heading, formats["head"])
        sheet.set_column(position, position, 34 if position <= grid.keys else 14)
    sheet.freeze_panes(HEAD_LINES, grid.keys + 1)
    _write_lines(sheet, grid, formats)
    last = HEAD_LINES + len(grid.lines)
    if grid.lines:
        sheet.autofilter(heads, 0, last - 1, len(grid.headings) - 1)
    for line, note in enumerate(table["notes"], start=last + 1):
        sheet.write_string(line, 0, plain_text(note))
    _set_up_print(sheet, heads)


def _write_lines(sheet, grid: TableLines, formats) -> None:
    for line, cells in enumerate(grid.lines, start=HEAD_LINES):
        for position, cell in enumerate(cells):
            if cell.get("value") is not None:
                sheet.write_number(line, position, cell["value"], _number_format(formats, cell))
            elif cell["text"]:
                _write_text(sheet, line, position, cell["text"], formats)


def _write_text(sheet, line: int, column: int, text: str, formats, style=None) -> None:
    """A text as it stands; a date as a date."""
    if DATE.fullmatch(text):
        sheet.write_datetime(line, column, datetime.fromisoformat(text), formats["date"])
    else:
        sheet.write_string(line, column, text, style)


def _set_up_print(sheet, heading: int | None) -> None:
    """Landscape, as wide as a page, the headings on each page."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    if heading is not None:
        sheet.repeat_rows(heading)


def _set_foot(sheet, house: House) -> None:
    """Name of the sheet, the text of the house and the page at the foot of each printed page."""
    text = house.footer.replace("&", "&&")
    text = text if len(text) <= MOST_OF_FOOT else ""
    sheet.set_footer(f"&L&A&C{text}&R&P / &N")
