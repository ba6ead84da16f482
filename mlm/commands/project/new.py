"""Command: a folder for a project, with what is needed to begin. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make.", show_default=False)],
) -> None:
    """Make a folder for surveys: config/ with a template, data/, and what comes next in README.md.

    A folder that holds anything is left alone.
    """
    from mlm.commands.writing import write_text
    from mlm.configuration.schema import schema_text
    from mlm.errors import SurveyError

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SurveyError(
            f"{folder}: there is something already; name a folder that is new or empty"
        )
    given = Path(__file__).parent
    files = {
        "README.md": (given / "README.md").read_text(encoding="utf-8"),
        "config/template.txt": (given / "template.yaml").read_text(encoding="utf-8"),
        "config/schema.json": schema_text(),
        ".gitignore": "/results/\n/logs/\n.snakemake/\n",
    }
    for name, text in files.items():
        write_text(folder / name, text)
    (folder / "data").mkdir()
    typer.echo(f"{folder}: made; {folder / 'README.md'} says what comes next")
