"""Command: the list of all reports. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import MadeBy, OutFile


def index(
    documents: Annotated[
        list[Path], typer.Argument(help="report.json of every report.", exists=True)
    ],
    out: OutFile,
    made_by: MadeBy = None,
) -> None:
    """Write one page that lists all reports."""
    from mlm.commands.made import Making
    from mlm.commands.writing import read_json, write_text
    from mlm.pages.index import index_page

    made = Making("index", made_by)
    made.check(documents)
    write_text(out, index_page({path: read_json(path) for path in documents}, out.parent))
    made.record([out], near_only=True)
