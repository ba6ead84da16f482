"""Limits on what a file may expand to, checked before and while it is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

from mlm.errors import SurveyError

MAX_RATIO = 200
"""Largest expansion of a compressed file; survey tables expand 5 to 50 times."""

FREE_BYTES = 1 << 26
"""Expanded size up to which no ratio is held against a file."""

MAX_EXCEL_BYTES = 1 << 30
"""Largest expanded size of an Excel file, which is held in memory as a whole."""


def check_expansion(expanded: int, packed: int, name: str) -> None:
    """Refuse a compressed file that expands beyond all proportion.

    Raises
    ------
    SurveyError
        More than ``MAX_RATIO`` bytes came out of each packed byte.
    """
    if expanded > FREE_BYTES and expanded > MAX_RATIO * packed:
        raise SurveyError(
            f"{name}: the compressed file expands to more than {MAX_RATIO} times its size; it is "
            "not read; if it is what it should be, deliver it without compression"
        )


def check_zip(path: Path, name: str) -> None:
    """Refuse a file that is no zip archive, or that expands too far.

    Raises
    ------
    SurveyError
        The archive is damaged, or its parts expand beyond the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            expanded = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise SurveyError(
            f"{name}: the file is damaged or no Excel file (.xlsx); ask for it again"
        ) from None
    check_expansion(expanded, path.stat().st_size, name)
    if expanded > MAX_EXCEL_BYTES:
        raise SurveyError(
            f"{name}: the sheets expand to {expanded / 2**30:.1f} GiB, more than the "
            f"{MAX_EXCEL_BYTES / 2**30:.0f} GiB that are read; export them as CSV or Parquet"
        )
