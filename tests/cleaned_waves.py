"""Cleaned waves in one table, which only small ones are."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.results.survey.account import WaveLedger
from mlm.rows.cleaning.clean_wave import CleanWave
from mlm.rows.cleaning.cleaning import clean_in_chunks


def clean_wave(
    configuration: Configuration, wave: str, root: Path | str | None = None
) -> tuple[pa.Table, WaveLedger]:
    """Cleaned rows of a wave in one table, its files below a folder, and its ledger."""
    cleaned = clean_in_chunks(configuration.under(root) if root else configuration, wave)
    return table_of(cleaned), cleaned.ledger


def table_of(cleaned: CleanWave) -> pa.Table:
    """All rows of a wave in one table."""
    return pa.concat_tables(cleaned.blocks()).combine_chunks()
