"""Command: the cleaned rows of one wave, and its ledger. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Config, OutFile, Wave

TIMES, TIMES_PACKED = 3, 15  # size of what is made over that of the file, plain or compressed


def clean(
    config: Config,
    wave: Wave,
    out: OutFile,
    ledger: Annotated[Path, typer.Option(help="Ledger to write.", show_default=False)],
) -> None:
    """Check and clean the rows of one wave; account for every row."""
    from tempfile import gettempdir

    from mlm.commands.tables import write_blocks
    from mlm.commands.writing import check_disk_space, write_text
    from mlm.configuration import load_configuration
    from mlm.rows.cleaning.cleaning import clean_in_chunks

    configuration = load_configuration(config)
    files = [path for path in configuration.wave_files(wave) if path.is_file()]
    check_disk_space([out.parent, Path(gettempdir())], sum(map(_space_needed, files)))
    cleaned = clean_in_chunks(configuration, wave)
    write_blocks(out, cleaned.schema, cleaned.blocks())
    write_text(ledger, cleaned.ledger.to_json())


def _space_needed(path: Path) -> int:
    """Bytes that cleaning a file may take on disk: coded columns twice, and what is written."""
    from mlm.rows.files.formats import format_of

    known = format_of(path)
    is_packed = known is None or known.is_packed
    return path.stat().st_size * (TIMES_PACKED if is_packed else TIMES)
