"""The kinds of files that are read: one table by suffix.

A further format is one more line here, and a reader of that kind in ``mlm/rows/files``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

Reader = Literal["text", "excel", "parquet", "statistical"]


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes
    ----------
    suffix : str
        As it ends file names, with its dot.
    reader : str
        Which reader takes it: text here, the others in a process of their own.
    is_packed : bool
        Whether cells are compressed inside, so that rows are far larger than the file.
    """

    suffix: str
    reader: Reader
    is_packed: bool = False


FORMATS = {
    form.suffix: form
    for form in (
        Format(".csv", "text"),
        Format(".tsv", "text"),
        Format(".txt", "text"),
        Format(".parquet", "parquet", is_packed=True),
        Format(".xlsx", "excel", is_packed=True),
        Format(".xlsm", "excel", is_packed=True),
        Format(".sav", "statistical"),
        Format(".zsav", "statistical", is_packed=True),
        Format(".por", "statistical"),
        Format(".dta", "statistical"),
        Format(".sas7bdat", "statistical"),
        Format(".xpt", "statistical"),
    )
}
"""All formats by suffix."""


def format_of(path: PurePath) -> Format | None:
    """The format of a file by its name; None for other kinds. Text may also be packed by gzip."""
    if path.suffix.lower() != ".gz":
        return FORMATS.get(path.suffix.lower())
    inside = FORMATS.get(PurePath(path.stem).suffix.lower())
    if inside is None or inside.reader != "text":
        return None
    return Format(inside.suffix, inside.reader, is_packed=True)
