"""Reading and writing cleaned rows. Layer: commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.commands.writing import whole_file
from mlm.errors import ResultError

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def write_blocks(path: Path, schema, blocks) -> None:
    """Write Arrow tables as the row groups of one Parquet file, whole; same rows, same bytes.

    Columns of texts of which hardly any comes twice in the first table are written as they are.
    Numbers are not compressed: their dictionaries are small, and are read several times.
    """
    import pyarrow as pa
    import pyarrow.parquet

    from mlm.rows.cleaning.codebook import repeating_columns

    blocks = iter(blocks)
    first = next(blocks, schema.empty_table())
    with (
        whole_file(path) as temporary,
        pyarrow.parquet.ParquetWriter(
            temporary,
            schema,
            compression={
                field.name: "none" if pa.types.is_floating(field.type) else "zstd"
                for field in schema
            },
            write_statistics=False,
            use_dictionary=repeating_columns(first),
        ) as writer,
    ):
        for block in chain([first], blocks):
            writer.write_table(block)


def write_delivery(path: Path, frame) -> None:
    """Write the rows of a simulated wave as CSV, the form in which waves are delivered."""
    frame.to_csv(path, index=False, lineterminator="\n")


def by_wave(configuration: Configuration, paths: Sequence[Path]) -> dict[str, Path]:
    """Files by wave, where one was given for each wave in order.

    Raises
    ------
    ResultError
        When there are more or fewer files than waves.
    """
    names = [wave.name for wave in configuration.waves]
    if len(paths) != len(names):
        raise ResultError(
            f"{len(paths)} files were given for the {len(names)} waves {', '.join(names)} of "
            f"{configuration.survey}; give one a wave, in that order."
        )
    return dict(zip(names, paths, strict=True))
