"""A SAS file (sas7bdat), written by the C library inside pyreadstat, which Python cannot call."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pandas as pd
from pyreadstat import _readstat_writer

_TEXT, _DOUBLE = 0, 5  # kinds of variables of ReadStat
_WRITES = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


def write_sas(path: Path, frame: pd.DataFrame) -> None:
    """Write a table of doubles and texts."""
    library = ctypes.CDLL(_readstat_writer.__file__)
    for name in ("writer_init", "add_variable"):
        getattr(library, f"readstat_{name}").restype = ctypes.c_void_p
    content = bytearray()

    @_WRITES
    def take(data: int, length: int, _: object) -> int:
        content.extend(ctypes.string_at(data, length))
        return length

    writer = ctypes.c_void_p(library.readstat_writer_init())

    def call(name: str, *arguments: object) -> None:
        error = getattr(library, f"readstat_{name}")(writer, *arguments)
        assert error == 0, f"{name}: error {error} of ReadStat"

    library.readstat_set_data_writer(writer, take)
    variables = []
    for name in frame.columns:
        is_text = frame[name].dtype == object
        width = max(len(str(cell).encode()) for cell in frame[name]) if is_text else 8
        kind = _TEXT if is_text else _DOUBLE
        variable = library.readstat_add_variable(
            writer, name.encode(), kind, ctypes.c_size_t(width)
        )
        variables.append((ctypes.c_void_p(variable), is_text))
    call("begin_writing_sas7bdat", None, ctypes.c_long(len(frame)))
    for row in frame.itertuples(index=False):
        call("begin_row")
        for (variable, is_text), cell in zip(variables, row, strict=True):
            if is_text:
                call("insert_string_value", variable, str(cell).encode())
            elif cell != cell:
                call("insert_missing_value", variable)
            else:
                call("insert_double_value", variable, ctypes.c_double(cell))
        call("end_row")
    call("end_writing")
    library.readstat_writer_free(writer)
    path.write_bytes(bytes(content))
