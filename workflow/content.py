"""Hashes of files, remembered, so that a file that did not change costs one look at its state.

The state is size, times of change of content and of state (in nanoseconds) and inode: a copy with
an old date has another one. A file that changed a moment ago is hashed again the next time, since
it might change once more within the resolution of its clock.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

CONTENT_FORMAT = 1
SETTLED = 3.0  # seconds after which another change shows in the times of a file


class Contents:
    """SHA-256 of files by path.

    Parameters
    ----------
    cache : Path, optional
        File that keeps what was found for the next run.
    """

    def __init__(self, cache: Path | None = None):
        self._cache = cache
        self._stored = _read(cache)
        self._found: dict[str, list] = {}

    def hash_of(self, path: Path) -> str:
        """SHA-256 of a file's bytes.

        Raises
        ------
        OSError
            When it cannot be read.
        """
        name, began = str(path), time.time()
        state = state_of(path)
        for known in (self._found, self._stored):
            if name in known and known[name][:-1] == state:
                self._found[name] = known[name]
                return known[name][-1]
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        is_settled = max(state[1], state[2]) < (began - SETTLED) * 1e9
        if is_settled and state_of(path) == state:
            self._found[name] = [*state, digest]
        return digest

    def save(self) -> None:
        """Keep what was found; a folder that cannot be written is no error."""
        content = {**self._stored, **self._found}
        if self._cache is None or content == self._stored:
            return
        content = {name: entry for name, entry in content.items() if os.path.lexists(name)}
        temporary = self._cache.with_name(f"{self._cache.name}.{os.getpid()}")
        try:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({"format": CONTENT_FORMAT, "files": content}), "utf-8")
            temporary.replace(self._cache)
        except OSError:
            temporary.unlink(missing_ok=True)


def state_of(path: Path) -> list[int]:
    """What differs as soon as a file was written or replaced."""
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _read(path: Path | None) -> dict[str, list]:
    try:
        content = json.loads(path.read_text("utf-8")) if path else {}
        return content["files"] if content["format"] == CONTENT_FORMAT else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
