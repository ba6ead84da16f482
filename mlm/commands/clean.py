"""Command: the cleaned rows of one wave, and its ledger. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Config, OutFile, Wave


def clean(
    config: Config,
    wave: Wave,
    out: OutFile,
    ledger: Annotated[Path, typer.Option(help="Ledger to write.", show_default=False)],
) -> None:
    """Check and clean the rows of one wave; account for every row."""
    from mlm.commands.tables import write_blocks
    from mlm.commands.writing import write_json
    from mlm.rows.cleaning import clean_in_chunks
    from mlm.rows.configuration import load_configuration

    configuration = load_configuration(config)
    cleaned = clean_in_chunks(configuration, wave)
    write_blocks(out, cleaned.schema, cleaned.blocks())
    write_json(ledger, cleaned.ledger)
