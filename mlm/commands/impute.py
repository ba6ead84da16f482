"""Command: imputations of what rows lack, as merged cross-products. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Analysis, CleanFiles, Config, MadeBy, OutFolder, Processes


def impute(
    config: Config,
    analysis: Analysis,
    clean: CleanFiles,
    columns: Annotated[Path, typer.Option(help="Recipe of the columns.", exists=True)],
    out: OutFolder,
    processes: Processes = 1,
    made_by: MadeBy = None,
) -> None:
    """Draw what rows lack from a joint model: merged cross-products, one file an imputation."""
    from mlm.commands.analyses.of_drawn import draw_imputations
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import DRAWN, SHIFTED, read_json, whole_folder, write_text
    from mlm.configuration import load_configuration
    from mlm.nouns.machine.side_by_side import at_most
    from mlm.statistics.likelihood.threads import one_thread

    configuration = load_configuration(config)
    paths = by_wave(configuration, clean)
    made = Making(job_name("impute", configuration.survey, analysis), made_by)
    made.check([*clean, columns])
    with at_most(processes), one_thread():
        found = draw_imputations(configuration, analysis, paths, read_json(columns))
    with whole_folder(out) as folder:
        write_text(folder / DRAWN, found.record.to_json())
        _save(found.statistics(), folder)
        for variable, by in found.plan.missing.shift.items():
            if variable in found.draws.missing:
                _save(found.statistics({variable: by}), folder / SHIFTED / variable)
    made.record([out])


def _save(statistics, folder: Path) -> None:
    """Write cross-products as 1.npz, 2.npz, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, products in enumerate(statistics, start=1):
        products.save(folder / f"{number}.npz")
