"""Command: a first configuration drafted from data files. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    files: Annotated[
        list[Path],
        typer.Argument(help="Data files, one a wave in order of time.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Configuration to write, below config/; default: print it."),
    ] = None,
) -> None:
    """Draft a commented configuration from data files: ids, levels, design, types, labels.

    An existing configuration is never overwritten.
    """
    import re

    from mlm.commands.writing import write_text
    from mlm.errors import SurveyError
    from mlm.rows.scaffold import draft_configuration

    if out is not None and out.exists():
        raise SurveyError(f"{out}: the file exists; remove it, or choose another name")
    folder = Path.cwd() if out is None else out.resolve().parent
    root = folder.parent if folder.name == "config" else folder
    stem = out.stem if out is not None else Path(files[0]).resolve().parent.name
    survey = re.sub(r"[^A-Za-z0-9_-]", "_", stem)[:32] or "survey"
    text = draft_configuration(files, survey=survey, root=root)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
        typer.echo(f"{out}: written; edit what is marked '# ?', then: mlm check {out}")
