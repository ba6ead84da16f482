"""Command: the clean rows of one wave completed by imputed files. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Config, MadeBy, OutFile, Wave, WaveFiles


def complete(
    config: Config,
    wave: Wave,
    files: WaveFiles,
    out: OutFile,
    account: Annotated[
        Path, typer.Option(help="Account of what was filled in, to write.", show_default=False)
    ],
    imputed: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file with imputations of the wave, where its own do not hold them; each of "
            "them, in their order.",
        ),
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(help="A file of another wave, where a policy for moves looks at it."),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Match imputed files with the rows of a wave, check them, and put them beside each other."""
    from mlm.commands.made import Making, file_hash, job_name
    from mlm.commands.tables import write_blocks
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.rows.completing.completion import complete_wave

    survey = load_configuration(config)
    others = [name for name in survey.waves_looked_at(wave) if name != wave]
    configuration = survey.with_files([wave], files).with_files(others, beside or [])
    configuration = configuration.with_imputed_files(wave, imputed or [])
    made = Making(job_name("complete", configuration.survey, wave), made_by)
    completed = complete_wave(configuration, wave)
    write_blocks(out, completed.schema, completed.blocks())
    write_text(account, completed.account.to_json())
    read = configuration.imputed_files(wave)
    for other in others:
        names = configuration.wave(other).files
        read |= dict(zip(names, configuration.wave_files(other), strict=True))
    hashes = {name: file_hash(path) for name, path in read.items()}
    own = {file.file: file.sha256 for file in completed.wave.ledger.files}
    made.record([out, account], sources=hashes | own)
