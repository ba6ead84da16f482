"""Command: the waves of a survey linked to each other. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import CleanFiles, Config, MadeBy, OutFile


def link(
    config: Config,
    clean: CleanFiles,
    ledger: Annotated[
        list[Path],
        typer.Option(
            help="Ledger of a wave's cleaning; one a wave, in their order.",
            show_default=False,
            exists=True,
        ),
    ],
    out: OutFile,
    part: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder of `mlm link_wave`, where the rows of each wave were read by a job of "
            "its own; one a wave, in their order.",
            show_default=False,
            exists=True,
        ),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Link the waves: who recurs, stays, leaves or is new; check the claimed design."""
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.results.survey.account import WaveLedger
    from mlm.rows.linking.apart.wave_part import LinkedPart
    from mlm.rows.linking.linking import link_waves

    keep_freed_memory()
    arrow_without_pandas()
    configuration = load_configuration(config)
    paths, ledgers = by_wave(configuration, clean), by_wave(configuration, ledger)
    made = Making(job_name("link", configuration.survey), made_by)
    parts = by_wave(configuration, part).values() if part else ()
    made.check([*clean, *ledger, *parts])
    accounts = {wave: WaveLedger.load(path) for wave, path in ledgers.items()}
    read = [LinkedPart(folder) for folder in parts]
    write_text(out, link_waves(configuration, paths, accounts, read).to_json())
    made.record([out])
