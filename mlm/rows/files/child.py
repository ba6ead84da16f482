"""The process that reads a typed file: requests in, a description and Arrow batches out.

Run as ``python -m mlm.rows.files.child N``, where N is the descriptor of its end of the channel. It
ends when the other end is closed. Whatever its libraries print is nobody's answer.
"""

from __future__ import annotations

import json
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from mlm.rows.files.channel import (
    BATCH,
    DESCRIPTION,
    END,
    FAULT,
    HELLO,
    OPEN,
    REFUSED,
    Channel,
)
from mlm.rows.files.refusal import Refused

SENT_ROWS = 1 << 17
"""Most rows that are sent at once."""


def main() -> None:
    """Answer requests until the other end is closed."""
    sys.meta_path.insert(0, _WithoutPandas)
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    try:
        serve(channel, _set_limits)
    except (EOFError, OSError):
        return


class _WithoutPandas:
    """Finder of modules that finds no pandas, which pyarrow would load only to know its types."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Nothing; an error for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def serve(channel: Channel, set_limits: Callable[[int, int], None]) -> None:
    """Answer requests.

    Parameters
    ----------
    channel : Channel
        This side's end.
    set_limits : callable
        Takes the bytes of memory and the seconds of processor time that reading may cost.

    Raises
    ------
    EOFError, OSError
        The other end is closed.
    """
    channel.send(HELLO)
    reader = None
    while True:
        kind, content = channel.receive()
        request = json.loads(content)
        try:
            if kind == OPEN:
                set_limits(request["memory"], request["seconds"])
                reader = READERS[request["kind"]](request)
                channel.send(DESCRIPTION, json.dumps(reader.describe()).encode())
            else:
                _send_rows(channel, reader, request["columns"])
        except Refused as error:
            channel.send(REFUSED, str(error).encode("utf-8", errors="replace"))
        except MemoryError:
            channel.send(REFUSED, _TOO_LARGE.encode())
        except ConnectionError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno:
                channel.send(REFUSED, f"the file cannot be read ({error.strerror})".encode())
            else:
                channel.send(FAULT, _place(error).encode())


_TOO_LARGE = (
    "reading it takes more memory than is allowed; it is damaged, or too large: deliver it as CSV "
    "or Parquet"
)


def _send_rows(channel: Channel, reader, columns: list[str]) -> None:
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in columns])
    for texts in reader.chunks(columns):
        rows = pa.record_batch(texts, schema=schema)
        _check_texts(rows)
        for start in range(0, rows.num_rows, SENT_ROWS):
            channel.send(BATCH, memoryview(rows.slice(start, SENT_ROWS).serialize()))
    channel.send(END)


def _check_texts(rows) -> None:
    """Refuse cells that are no text: damaged files hold any bytes."""
    import pyarrow as pa

    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raise Refused(
                f"the column {name!r} holds cells that are no text in UTF-8; the file is damaged, "
                "or was written in another encoding"
            ) from None


def _place(error: Exception) -> str:
    """What broke off and where in the code; never what a cell holds."""
    last = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    module = Path(last.tb_frame.f_code.co_filename).name
    return f"{type(error).__name__} in {module}, line {last.tb_lineno}"


def _parquet(request: dict):
    from mlm.rows.files.parquet import ParquetReader

    return ParquetReader(request["path"])


def _excel(request: dict):
    from mlm.rows.files.excel import ExcelReader

    return ExcelReader(request["path"], request["sheet"])


def _statistical(request: dict):
    from mlm.rows.files.statistical import StatisticalReader

    return StatisticalReader(request["path"], request["encoding"])


READERS = {"parquet": _parquet, "excel": _excel, "statistical": _statistical}
"""What opens a file of a format with that reader, from the request."""


def _set_limits(memory: int, seconds: int) -> None:
    for kind, wanted in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, allowed = resource.getrlimit(kind)
        if allowed != resource.RLIM_INFINITY:
            wanted = min(wanted, allowed)
        resource.setrlimit(kind, (wanted, allowed))


if __name__ == "__main__":
    main()
