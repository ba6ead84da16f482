"""Command: the cross-products of one wave. Layer: commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlm.commands.arguments import CleanFile, Config, MadeBy, OutFolder, Wave

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.statistics.evidence.crossproducts import CrossProducts


def accumulate(
    config: Config,
    wave: Wave,
    clean: CleanFile,
    columns: Annotated[Path, typer.Option(help="Recipe of the columns.", exists=True)],
    out: OutFolder,
    completed: Annotated[
        Path | None,
        typer.Option(
            help="Rows of the wave completed by imputed files.", show_default=False, exists=True
        ),
    ] = None,
    part: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder of `mlm accumulate_part`, where several jobs have summed the wave's "
            "rows; each of them, in order.",
            exists=True,
        ),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Turn the rows of one wave into cross-products: one file <analysis>.npz for each analysis.

    Of imputed rows there is a folder for each imputation too, imputed/<number>.
    """
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import read_json, whole_folder
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.rows.accumulating.wave_statistics import accumulate_imputations, accumulate_wave

    keep_freed_memory()
    configuration = load_configuration(config)
    arrow_without_pandas()
    made = Making(job_name("accumulate", configuration.survey, wave), made_by)
    made.check([clean, columns, *([completed] if completed else []), *(part or [])])
    recipe = read_json(columns)
    own = _from_parts(configuration, wave, part or [])
    statistics = {".": own or accumulate_wave(configuration, wave, clean, recipe)}
    if completed is not None:
        imputed = accumulate_imputations(configuration, wave, completed, recipe)
        statistics |= {f"imputed/{number}": each for number, each in enumerate(imputed, start=1)}
    with whole_folder(out) as folder:
        for inside, products in statistics.items():
            (folder / inside).mkdir(parents=True, exist_ok=True)
            for analysis, sums in products.items():
                sums.save(folder / inside / f"{analysis}.npz")
    made.record([out])


def _from_parts(
    configuration: Configuration, wave: str, folders: Sequence[Path]
) -> dict[str, CrossProducts] | None:
    """Sums of the parts of a wave added up, by analysis.

    None where there are no parts, or the rows are to be read together.
    """
    if not folders:
        return None
    from mlm.rows.accumulating.wave_statistics import add_parts
    from mlm.statistics.evidence.crossproducts import CrossProducts

    parts = [
        {path.stem: CrossProducts.load(path, lazily=True) for path in folder.glob("*.npz")}
        for folder in folders
    ]
    return add_parts(configuration, wave, parts)
