"""Files with types of their own (Parquet, Excel, SPSS, Stata, SAS), read in a child process.

Their readers are native code that a damaged file can crash or make ask for any amount of memory.
The child runs under limits of memory and time and sends text; whatever happens to it becomes one
message here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from mlm.errors import SurveyError
from mlm.rows.files.formats import format_of
from mlm.rows.files.header import check_header
from mlm.rows.files.limits import check_zip
from mlm.rows.files.refusal import REFUSED
from mlm.rows.files.wave_file import FileFormat, Notes, WaveFile, labelled

MEMORY_BYTES = 6 << 30
"""Address space of the child; its memory in use stays far below."""

SECONDS = 1800
"""Processor time of the child."""


class TypedFile(WaveFile):
    """A file whose columns have types; each cell becomes the shortest text that means the same."""

    def __init__(self, path: Path, name: str, sha256: str, form: FileFormat):
        super().__init__(path, name, sha256)
        self._form = form
        description = self._description()
        self.columns = tuple(description["columns"])
        check_header(self.columns, name, "column names")
        self.notes = {column: _notes(entry) for column, entry in description["notes"].items()}
        self._first = description["first"]
        self._rows: list[int] | None = description.get("rows")
        self.announced = description.get("n_rows")

    def chunks(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of all rows, chunk by chunk.

        Raises
        ------
        SurveyError
            The file turns out to be damaged.
        """
        child = self._child("read", list(columns))
        n_rows = 0
        try:
            with pa.ipc.open_stream(child.stdout) as reader:
                for batch in reader:
                    n_rows += batch.num_rows
                    table = pa.Table.from_batches([batch])
                    is_labelled = self._form.cells == "labels"
                    yield labelled(table, self.notes) if is_labelled else table
        except (pa.ArrowInvalid, OSError):
            self._end(child, damaged=True)
        finally:
            if child.poll() is None and not child.stdout.closed:
                child.stdout.close()
        self._end(child, damaged=self.announced not in (None, n_rows))

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """Row numbers as the program of the format shows them."""
        if self._rows is not None:
            return [self._rows[int(row)] for row in rows]
        return [int(row) + self._first for row in rows]

    def _description(self) -> Mapping:
        child = self._child("describe", [])
        text = child.stdout.read()
        self._end(child, damaged=not text)
        return json.loads(text)

    def _child(self, task: str, columns: list[str]) -> subprocess.Popen:
        request = {
            "task": task,
            "kind": format_of(self.path).reader,
            "path": str(self.path),
            "columns": columns,
            "sheet": self._form.sheet,
            "encoding": self._form.encoding,
            "memory": MEMORY_BYTES,
            "seconds": SECONDS,
        }
        child = subprocess.Popen(
            [sys.executable, "-m", "mlm.rows.files.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
        )
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
        return child

    def _end(self, child: subprocess.Popen, damaged: bool) -> None:
        """Wait for the child; say what went wrong with it, if anything did."""
        child.stdout.close()
        said = child.stderr.read().decode("utf-8", errors="replace")
        child.stderr.close()
        code = child.wait()
        if code == REFUSED:
            raise SurveyError([f"{self.name}: {line}" for line in json.loads(said)])
        if code == -signal.SIGXCPU:
            raise SurveyError(
                f"{self.name}: reading took more than {SECONDS} seconds of processor time; the "
                "file is damaged, or too large: deliver it as CSV or Parquet"
            )
        if damaged or code:
            raise SurveyError(f"{self.name}: the file is damaged or cut; ask for it again")


def open_typed(path: Path, name: str, sha256: str, form: FileFormat) -> TypedFile:
    """A Parquet, Excel, SPSS, Stata or SAS file, described by its reader.

    Raises
    ------
    SurveyError
        The file is damaged, expands too far, or needs a sheet to be named.
    """
    if path.stat().st_size == 0:
        raise SurveyError(f"{name}: the file is empty; ask for it again")
    if format_of(path).reader == "excel":
        check_zip(path, name)
    return TypedFile(path, name, sha256, form)


def _notes(entry: Mapping) -> Notes:
    ranges = tuple((float(low), float(high)) for low, high in entry.get("ranges", ()))
    return Notes(
        label=entry.get("label"),
        kind=entry.get("kind"),
        labels=entry.get("labels", {}),
        missing=entry.get("missing", {}),
        ranges=ranges,
    )


def _environment() -> dict[str, str]:
    """The parent's environment, in which the child finds this package; one thread each."""
    package = str(Path(__file__).parents[3])
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([package, inherited] if inherited else [package])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
