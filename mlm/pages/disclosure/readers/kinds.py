"""The kinds of files that may be published, and who reads each: a new kind is one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from mlm.pages.disclosure.readers.office import read_office, read_workbook
from mlm.pages.disclosure.readers.page import read_page
from mlm.pages.disclosure.readers.pdf import read_pdf
from mlm.pages.disclosure.readers.picture import read_drawing, read_picture
from mlm.pages.disclosure.readers.plain import read_csv, read_json
from mlm.pages.disclosure.readers.said import Said
from mlm.pages.drawing.letters import Typeface

READERS: dict[str, Callable[[bytes], Said]] = {
    ".json": read_json,
    ".csv": read_csv,
    ".html": read_page,
    ".pdf": read_pdf,
    ".svg": read_drawing,
    ".png": read_picture,
    ".xlsx": read_workbook,
    ".docx": read_office,
    ".pptx": read_office,
}


def read_file(name: str, content: bytes, typeface: Typeface | None = None) -> Said:
    """What a file says; the file is of a kind that has a reader.

    Parameters
    ----------
    name : str
    content : bytes
    typeface : Typeface, optional
        Letters of the house, whose shapes a drawing has.
    """
    reader = READERS[PurePosixPath(name).suffix]
    return read_drawing(content, typeface) if reader is read_drawing else reader(content)


def unread(names: Iterable[str]) -> list[str]:
    """Files that no reader knows: nothing can be said of what they give away."""
    return sorted(name for name in names if PurePosixPath(name).suffix not in READERS)
