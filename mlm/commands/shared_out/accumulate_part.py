"""Command: the cross-products of a part of the rows of one wave. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import CleanFile, Config, MadeBy, OutFolder, Wave


def accumulate_part(
    config: Config,
    wave: Wave,
    clean: CleanFile,
    columns: Annotated[Path, typer.Option(help="Recipe of the columns.", exists=True)],
    out: OutFolder,
    number: Annotated[int, typer.Option(help="Number of the part, from 0.", min=0)],
    of: Annotated[int, typer.Option(help="How many parts of the rows there are.", min=1)],
    made_by: MadeBy = None,
) -> None:
    """Turn a part of the rows of one wave into cross-products, for `accumulate --part`.

    What is wrong with them `accumulate` tells, with that of all other rows of the wave.
    """
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import read_json, whole_folder
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.rows.accumulating.wave_statistics import accumulate_part as sums_of

    keep_freed_memory()
    configuration = load_configuration(config)
    arrow_without_pandas()
    name = job_name("accumulate_part", configuration.survey, f"{wave} {out.name}")
    made = Making(name, made_by)
    made.check([clean, columns])
    found = sums_of(configuration, wave, clean, read_json(columns), number, of)
    with whole_folder(out) as folder:
        for analysis, sums in found.items():
            sums.save(folder / f"{analysis}.npz")
    made.record([out])
