"""Command: a first configuration drafted from data files. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Data files, one a wave in order of time; or one of all waves.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Configuration to write, below config/; default: print it."),
    ] = None,
) -> None:
    """Draft a commented configuration from data files: ids, levels, design, types, labels.

    One file that holds several waves is written into one file for each of them, beside it. An
    existing file is never overwritten.
    """
    import re

    from mlm.commands.writing import write_text
    from mlm.configuration.survey_files import project_folder
    from mlm.errors import SurveyError
    from mlm.rows.scaffold import draft_configuration
    from mlm.rows.scaffold.draft import shown
    from mlm.rows.scaffold.long_file import check_not_split, long_file, split

    if out is not None and out.exists():
        raise SurveyError(f"{out}: the file exists; remove it, or choose another name")
    root = Path.cwd() if out is None else project_folder(out)
    stem = out.stem if out is not None else Path(files[0]).resolve().parent.name
    survey = re.sub(r"[^A-Za-z0-9_-]", "_", stem)[:32] or "survey"
    check_not_split(files)
    long = long_file(files[0], shown(files[0], root)) if len(files) == 1 else None
    if long is not None and out is not None:
        files = split(long)
        typer.echo(
            f"{shown(long.path, root)}: {len(files)} waves by its column {long.column}: written "
            f"into {', '.join(path.name for path in files)} beside it"
        )
    elif long is not None:
        typer.echo(
            f"{shown(long.path, root)}: {len(long.values)} waves by its column {long.column}; with "
            "--out it is written into one file for each of them, of which the draft then is",
            err=True,
        )
    text = draft_configuration(files, survey=survey, root=root, long=None if out is None else long)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
        typer.echo(f"{out}: written; edit what is marked '# ?', then: mlm check {out}")
