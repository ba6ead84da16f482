"""Command: the cross-products of one wave. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import CleanFile, Config, MadeBy, OutFolder, Wave


def accumulate(
    config: Config,
    wave: Wave,
    clean: CleanFile,
    columns: Annotated[Path, typer.Option(help="Recipe of the columns.", exists=True)],
    out: OutFolder,
    made_by: MadeBy = None,
) -> None:
    """Turn the rows of one wave into cross-products: one file <analysis>.npz for each analysis."""
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import read_json, whole_folder
    from mlm.configuration import load_configuration
    from mlm.rows.accumulating.wave_statistics import accumulate_wave

    configuration = load_configuration(config)
    arrow_without_pandas()
    made = Making(job_name("accumulate", configuration.survey, wave), made_by)
    made.check([clean, columns])
    statistics = accumulate_wave(configuration, wave, clean, read_json(columns))
    with whole_folder(out) as folder:
        for analysis, products in statistics.items():
            products.save(folder / f"{analysis}.npz")
    made.record([out])
