"""Command: the packaged workflow, run in this folder by Snakemake. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PASSED_ON = {"ignore_unknown_options": True}
"""Of the command line: what this command does not know goes to Snakemake as it is."""


def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CONFIG]... [OPTIONS OF SNAKEMAKE]...",
            help="Configuration files of surveys; default: all in config/. Then any options of "
            "Snakemake: --dry-run, --forcerun clean, --report report.zip, ...",
            show_default=False,
        ),
    ] = None,
    cores: Annotated[
        str, typer.Option(help="Processors that jobs may use together; 'all' of the machine.")
    ] = "all",
) -> None:
    """Make all reports that are missing or out of date, as `snakemake` does in a checkout.

    What is made lies in results/ and logs/ of the working folder.
    """
    import subprocess

    ended = subprocess.run(command(words or [], cores))
    if ended.returncode:
        raise typer.Exit(ended.returncode)


def command(words: list[str], cores: str) -> list[str]:
    """The call of Snakemake for configurations, all in config/ where none is named, and options."""
    import json
    import sys
    from itertools import takewhile

    configs = list(takewhile(lambda word: not word.startswith("-"), words))
    chosen = ["--config", f"configs={json.dumps(configs)}"] if configs else []
    own = ["--snakefile", str(snakefile_of_package()), "--cores", cores]
    return [sys.executable, "-m", "snakemake", *own, *words[len(configs) :], *chosen]


def snakefile_of_package() -> Path:
    """The Snakefile: inside the package where it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "workflow" / "Snakefile"
    return inside if inside.is_file() else package.parent / "Snakefile"
