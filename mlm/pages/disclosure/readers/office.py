"""Reads the XML inside XLSX, DOCX and PPTX: paragraphs and cells as they stand in each part."""

from __future__ import annotations

import io
import re
import zipfile

from mlm.pages.disclosure.readers.page import plain
from mlm.pages.disclosure.readers.picture import read_drawing
from mlm.pages.disclosure.readers.said import Said

FIELD = re.compile(r"<a:fld\b.*?</a:fld>", re.DOTALL)  # day and number of a slide
ENDS = re.compile(r"</(?:\w+:)?(?:p|si|is|tc|title|subject|description|keywords|comments)>")
NUMBER_CELL = re.compile(r"<c\b(?![^>]*t=\"s\")[^>]*>(?:<f>[^<]*</f>)?<v>([^<]*)</v>")
ATTRIBUTE = re.compile(r'\b(?:descr|title|tooltip|display)="([^"]*)"')
RUN = re.compile(r"<(?:w:t|a:t|t|[\w]*:?(?:title|subject|description|keywords))\b[^>]*>([^<]*)<")
HEADING = re.compile(r"<(?:odd|even|first)(?:Header|Footer)>([^<]*)<")


def read_office(content: bytes) -> Said:
    """What a document, a presentation or a workbook says, part by part."""
    texts: list[str] = []
    drawings = []
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in sorted(file.namelist()):
            if name.endswith(".svg"):
                drawings += read_drawing(file.read(name)).drawings
            if not name.endswith(".xml"):
                continue
            part = FIELD.sub("", file.read(name).decode())
            for paragraph in ENDS.sub(r"\g<0>\0", part).split("\0"):
                text = plain("".join(RUN.findall(paragraph)))
                texts += [text] if text else []
            texts += [plain(found) for found in (*ATTRIBUTE.findall(part), *HEADING.findall(part))]
    return Said(texts, drawings=drawings)


def read_workbook(content: bytes) -> Said:
    """What a workbook says: its texts, and the cells that are numbers."""
    values = []
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                sheet = book.read(name).decode()
                values += [float(found) for found in NUMBER_CELL.findall(sheet)]
    return Said(read_office(content).texts, values, are_cells=True)
