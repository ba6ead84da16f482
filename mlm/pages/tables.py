"""The tables of a report as CSV files and as one workbook; text is never read as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlm.pages.document import figures_of, tables_of
from mlm.pages.language import _
from mlm.pages.rounding import CONFIDENTIAL, NOT_AVAILABLE, SHORTHAND
from mlm.pages.sections.method.disclosure import mode_words
from mlm.pages.text import plain_text
from mlm.pages.tidy_table.rows import COLUMNS, Row

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
FORMATS = {"count": "#,##0", "tally": "#,##0", "p": "0.000", "percent": "0.0%", "tiny": "0.0E+00"}


def table_csv(block: Mapping[str, Any]) -> str:
    """A table of the document as CSV: numbers as published, text neutralised."""
    rows = [_headings(block), *(_values(row, block) for row in block["rows"])]
    return _csv(rows)


def figure_csv(block: Mapping[str, Any]) -> str:
    """The data of a chart as CSV."""
    columns = block["data"]
    marks = {(column, position): mark for column, position, mark in block["marks"]}
    marks |= {tuple(place): CONFIDENTIAL for place in block["hidden"]}
    values = [
        [
            marks.get((name, i), NOT_AVAILABLE) if value is None else value
            for i, value in enumerate(column)
        ]
        for name, column in columns.items()
    ]
    return _csv([list(columns), *zip(*values, strict=True)])


def tidy_csv(rows: Sequence[Row]) -> str:
    """The long table of a report as CSV."""
    return _csv([COLUMNS, *(list(row.values()) for row in rows)])


def neutral(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def workbook(document: Mapping[str, Any]) -> bytes:
    """All tables as one workbook: a sheet of notes, then one sheet a table."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"title": document["title"], "created": EPOCH})
    formats = _formats(book)
    tables = list(tables_of(document))
    names = sheet_names([table["id"] for table in tables])
    _notes_sheet(book, document, tables, names, formats)
    for table, name in zip(tables, names, strict=True):
        _table_sheet(book.add_worksheet(name), table, formats)
    book.close()
    return stream.getvalue()


def sheet_names(identifiers: Sequence[str]) -> list[str]:
    """Names of sheets: at most 31 characters, without characters Excel forbids, all different."""
    names: list[str] = []
    for identifier in identifiers:
        base = "".join("_" if c in "[]:*?/\\'" else c for c in identifier)[:31]
        name, number = base, 2
        while name.lower() in {taken.lower() for taken in names}:
            name = f"{base[:28]}_{number}"
            number += 1
        names.append(name)
    return names


def data_files(document: Mapping[str, Any]) -> dict[str, str]:
    """CSV of every table and of every chart's data, by path inside the report's folder."""
    files = {f"tables/{block['id']}.csv": table_csv(block) for block in tables_of(document)}
    return files | {
        f"figures/{block['id']}.csv": figure_csv(block) for block in figures_of(document)
    }


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([neutral(value) for value in row] for row in rows)
    return stream.getvalue()


def _headings(block: Mapping[str, Any]) -> list[str]:
    return [
        f"{item['group']}: {item['label']}" if item["group"] else item["label"]
        for item in block["columns"]
    ]


def _values(row: Mapping[str, Any], block: Mapping[str, Any]) -> list[Any]:
    values = [_value(cell) for cell in row["cells"]]
    return values + [""] * (len(block["columns"]) - len(values))


def _value(cell: Mapping[str, Any]) -> Any:
    return cell["value"] if cell.get("value") is not None else cell["text"]


def _formats(book) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "group": book.add_format({"bold": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "cell": {},
        "book": book,
    }


def _number_format(formats: dict[str, Any], cell: Mapping[str, Any]):
    style, decimals = cell["style"], cell["decimals"]
    code = FORMATS.get(style) or "#,##0" + ("." + "0" * decimals if decimals else "")
    if code not in formats["cell"]:
        formats["cell"][code] = formats["book"].add_format({"num_format": code})
    return formats["cell"][code]


def _notes_sheet(book, document, tables, names, formats) -> None:
    sheet = book.add_worksheet(_("Notes"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, document["title"], formats["title"])
    lines = [
        (_("Survey"), document["survey_title"]),
        (_("Analysis"), document["analysis"]),
        (_("Made with"), f"mlm {document['version']}"),
        (_("Date"), document["date"] or ""),
        (
            _("Numbers"),
            _("Cells hold the numbers as published, rounded by their errors."),
        ),
        (_("Disclosure"), mode_words(document["disclosure"])),
        *((mark, _(meaning)) for mark, meaning in SHORTHAND.items()),
    ]
    for row, (label, text) in enumerate(lines, start=2):
        sheet.write_string(row, 0, label, formats["wrap"])
        sheet.write_string(row, 1, str(text), formats["wrap"])
    start = len(lines) + 3
    sheet.write_string(start, 0, _("Sheet"), formats["head"])
    sheet.write_string(start, 1, _("Table"), formats["head"])
    for row, (table, name) in enumerate(zip(tables, names, strict=True), start=start + 1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, plain_text(table["caption"]), formats["wrap"])


def _table_sheet(sheet, table, formats) -> None:
    sheet.write_string(0, 0, plain_text(table["caption"]), formats["title"])
    for position, heading in enumerate(_headings(table)):
        sheet.write_string(2, position, heading, formats["head"])
        sheet.set_column(position, position, 34 if position == 0 else 14)
    sheet.freeze_panes(3, 1)
    line = 3
    for row in table["rows"]:
        for position, cell in enumerate(row["cells"]):
            if cell.get("value") is not None:
                sheet.write_number(line, position, cell["value"], _number_format(formats, cell))
            else:
                style = formats["group"] if row["kind"] == "group" else None
                sheet.write_string(line, position, cell["text"], style)
        line += 1
    for note in table["notes"]:
        line += 1
        sheet.write_string(line, 0, plain_text(note))
