"""Command: the list of all reports. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import OutFile


def index(
    documents: Annotated[
        list[Path], typer.Argument(help="report.json of every report.", exists=True)
    ],
    out: OutFile,
) -> None:
    """Write one page that lists all reports."""
    from mlm.commands.writing import read_json, write_text
    from mlm.pages.index import index_page

    write_text(out, index_page({path: read_json(path) for path in documents}, out.parent))
