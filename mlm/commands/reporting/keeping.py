"""The records that a report keeps for the next one, which nothing makes again. Layer: commands.

Their hashes lie beside them: before a record is replaced, both its hash and the new one are
written, so that a job may end at any moment without making the record look damaged.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.errors import FilesError, ResultError

if TYPE_CHECKING:
    from mlm.pages.previous import Kept
    from mlm.results.runs.kept import KeptRecord

FOLDER = "kept"
HASHES = "hashes.json"


def read_kept(out: Path) -> Kept:
    """The records kept beside a report; none in place of those of another version of mlm.

    Raises
    ------
    FilesError
        A record was changed, cut or damaged.
    """
    from mlm.pages.previous import Kept

    hashes = _hashes(out / FOLDER)
    return Kept(
        *(_record(out / FOLDER / f"{name}.json", hashes) for name in ("current", "previous"))
    )


def write_kept(out: Path, kept: Kept) -> None:
    """Write the records to keep beside a report."""
    from mlm.commands.writing import write_json, write_text

    folder = out / FOLDER
    records = {"previous.json": kept.previous, "current.json": kept.current}
    texts = {name: record.to_json() for name, record in records.items() if record is not None}
    hashes = {name: [_hash(text.encode())] for name, text in sorted(texts.items())}
    before = {
        name: [_hash((folder / name).read_bytes())] for name in texts if _is_there(folder, name)
    }
    write_json(folder / HASHES, {n: sorted({*hashes[n], *before.get(n, [])}) for n in hashes})
    for name, text in texts.items():
        write_text(folder / name, text)
    write_json(folder / HASHES, hashes)


def _record(path: Path, hashes: dict[str, list[str]]) -> KeptRecord | None:
    from mlm.results.runs.kept import KeptRecord

    if not path.is_file():
        return None
    content = path.read_bytes()
    if _is_of_another_version(content):
        return _set_aside(path)
    if path.name in hashes and _hash(content) not in hashes[path.name]:
        raise _damaged(path, "its SHA-256 is another")
    try:
        return KeptRecord.load(path)
    except ResultError as error:
        if path.name in hashes:  # whole, so it was written in another form
            return _set_aside(path)
        raise _damaged(path, "it is not such a record") from error


def _set_aside(path: Path) -> None:
    """Warn that a record is of another version of mlm, and remove it: it is of no more use."""
    text = f"{path} was kept by another version of mlm: nothing is compared with it."
    warnings.warn(text, UserWarning, stacklevel=3)
    path.unlink()


def _is_of_another_version(content: bytes) -> bool:
    from mlm.results.runs.kept import KeptRecord

    try:
        found = json.loads(content)
    except ValueError:
        return False
    version = KeptRecord.model_fields["schema_version"].default
    return isinstance(found, dict) and found.get("schema", version) != version


def _hashes(folder: Path) -> dict[str, list[str]]:
    path = folder / HASHES
    if not path.is_file():
        return {}
    try:
        return {str(name): list(known) for name, known in json.loads(path.read_bytes()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise _damaged(path, "it is not JSON") from error


def _damaged(path: Path, what: str) -> FilesError:
    return FilesError(
        f"{path}: changed, cut or damaged since it was kept ({what}). No step makes it again: put "
        "back a copy of it from a backup. If there is none, delete it and give the same command "
        "again; the next report then compares nothing with the one before, and does not protect "
        "what a reader of both could find out."
    )


def _is_there(folder: Path, name: str) -> bool:
    return (folder / name).is_file()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
