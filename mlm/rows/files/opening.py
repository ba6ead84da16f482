"""The reader that fits a file, chosen by its suffix."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mlm.errors import SurveyError
from mlm.nouns.file_formats import FORMATS, format_of
from mlm.rows.files.text import open_text
from mlm.rows.files.typed import open_typed
from mlm.rows.files.wave_file import FileFormat, WaveFile, state_of


def open_file(path: Path, *, name: str | None = None, form: FileFormat | None = None) -> WaveFile:
    """A wave's file, its head checked and its columns known; the rows are read later.

    Parameters
    ----------
    path : Path
        File to read; it is never modified.
    name : str, optional
        The file as messages name it; default: the path.
    form : FileFormat, optional
        How the file is written.

    Raises
    ------
    SurveyError
        The file is missing, unreadable, empty, of another kind, damaged, or it expands too far.
    """
    name, form = name or str(path), form or FileFormat()
    kind = format_of(path)
    if kind is None:
        raise SurveyError(
            f"{name}: files of this kind are not read; expected {', '.join(FORMATS)} "
            "(text files also with .gz)"
        )
    sha256, state = _hash(path, name)
    opened = open_text if kind.reader == "text" else open_typed
    file = opened(path, name, sha256, form)
    file.check_unchanged(state)
    return file


def absent_words(path: Path, name: str) -> str:
    """That a file is not there, in which folder it was looked for, and what to do."""
    told = (
        f"{name}: the file does not exist in {path.absolute().parent}; put it there, or correct "
        "its name ('files' of the wave)"
    )
    above = len(Path(name).parts)
    if Path(name).is_absolute() or not path.as_posix().endswith(Path(name).as_posix()):
        return told
    return (
        f"{told}. Files are named from the project's folder, {path.absolute().parents[above - 1]}: "
        "the one above config/ where the configuration lies in it, else the configuration's own"
    )


def _hash(path: Path, name: str) -> tuple[str, tuple[int, ...]]:
    """Hash of a file, and its state before it was read."""
    try:
        state = state_of(path)
        if not path.is_file():
            raise SurveyError(
                f"{name}: this is a folder, a device or a pipe, and not read; put the wave's rows "
                "into a file"
            )
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), state
    except FileNotFoundError:
        raise SurveyError(absent_words(path, name)) from None
    except OSError as error:
        raise SurveyError(f"{name}: the file cannot be read ({error.strerror})") from None
