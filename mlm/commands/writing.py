"""Writing outputs whole or not at all. Layer: commands.

A file is written beside its final place under a temporary name, forced to disk and then renamed;
whoever reads the final name sees the old content or the new one, never a part. What a killed job
left under a temporary name goes when the same output is written again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mlm.errors import FilesError

DRAWN = "imputations.json"
"""What is concluded about imputations that a joint model drew, in their folder."""

SHIFTED = "shifted"
"""Folder, in theirs, of imputations in which one variable is shifted: a folder a variable."""

_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Temporary path that replaces ``path`` when the block ends without an error.

    The temporary name keeps the suffix, because writers choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_unfinished(path), suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        with _named(path):
            yield temporary
            _force_to_disk(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Temporary folder that replaces ``path`` when the block ends without an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(path)
    work = Path(tempfile.mkdtemp(dir=path.parent, prefix=_unfinished(path)))
    new, old = work / "new", work / "old"
    new.mkdir()
    try:
        with _named(path):
            yield new
            for file in new.rglob("*"):
                if file.is_file():
                    _force_to_disk(file)
        if path.exists():
            path.rename(old)
        new.rename(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8, whole."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes, whole."""
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder whole: it holds afterwards what ``files`` names by path, and nothing else."""
    with whole_folder(folder) as temporary:
        for name, content in files.items():
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            (temporary / name).write_bytes(content)


def write_json(path: Path, content: object) -> None:
    """Write plain data as JSON, whole; numbers that are not finite are refused.

    Raises
    ------
    ValueError
        When a number is NaN or infinite: a result that is not known is written as null.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    write_text(path, text + "\n")


def read_json(path: Path) -> object:
    """Plain data of a JSON file.

    Raises
    ------
    FilesError
        The file does not hold JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise FilesError(
            f"{path}: not JSON, cut or damaged ({error}); delete it and give the same command again"
        ) from error


def check_disk_space(folders: Iterable[Path], needed: int) -> None:
    """Refuse to begin what the disk has no room for.

    Parameters
    ----------
    folders : iterable of Path
        Folders that are written to; the nearest one that exists counts.
    needed : int
        Bytes that are needed in each.

    Raises
    ------
    FilesError
        One of them has less.
    """
    for folder in folders:
        place = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.is_dir())
        free = shutil.disk_usage(place).free
        if free < needed:
            raise FilesError(
                f"{folder}: {size_text(free)} are free, {size_text(needed)} may be needed; "
                "make room there, or set TMPDIR to another disk for temporary files"
            )


def size_text(n_bytes: int) -> str:
    """Text such as 40 kB or 2.5 GB."""
    unit, name = next(pair for pair in _UNITS if n_bytes >= pair[0] or pair is _UNITS[-1])
    return f"{n_bytes / unit:,.{0 if unit == 1000 else 1}f} {name}"


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Faults of the machine that name no file name the output."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


def _unfinished(path: Path) -> str:
    """Beginning of the temporary names of an output."""
    return f".{path.name}.unfinished-"


def _clear_leftovers(path: Path) -> None:
    start = _unfinished(path)
    for left in [item for item in path.parent.iterdir() if item.name.startswith(start)]:
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _force_to_disk(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
