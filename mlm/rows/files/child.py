"""The child process that reads a typed file: a request in, a description or Arrow batches out.

Run as ``python -m mlm.rows.files.child`` with the request as JSON on the standard input. A file
that is refused ends with exit code 2 and the messages, as a JSON list, on the error stream; any
other end means that the file is damaged.
"""

from __future__ import annotations

import json
import resource
import sys

from mlm.rows.files.refusal import REFUSED, Refused


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    _set_limits(request["memory"], request["seconds"])
    try:
        _answer(request)
    except Refused as error:
        sys.stderr.write(json.dumps([str(error)]))
        raise SystemExit(REFUSED) from None
    except MemoryError:
        text = "reading it takes more memory than is allowed; it is damaged, or too large: " + (
            "deliver it as CSV or Parquet"
        )
        sys.stderr.write(json.dumps([text]))
        raise SystemExit(REFUSED) from None


def _answer(request: dict) -> None:
    reader = READERS[request["kind"]](request)
    if request["task"] == "describe":
        sys.stdout.write(json.dumps(reader.describe()))
        return
    import pyarrow as pa

    columns = request["columns"]
    schema = pa.schema([(name, pa.string()) for name in columns])
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as writer:
        for texts in reader.chunks(columns):
            writer.write_batch(pa.record_batch(texts, schema=schema))


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
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
