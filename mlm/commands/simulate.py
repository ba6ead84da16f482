"""Command: the wave files of a simulated survey. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Config, MadeBy


def simulate(
    config: Config,
    out: Annotated[Path, typer.Argument(help="Folder to write.", show_default=False)],
    made_by: MadeBy = None,
) -> None:
    """Draw the waves of a simulated survey: <wave>.csv for each wave, and truth.json."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import write_delivery
    from mlm.commands.writing import whole_folder, write_json
    from mlm.configuration import load_configuration
    from mlm.rows.simulating.simulation import simulate_survey

    configuration = load_configuration(config)
    waves, truth = simulate_survey(configuration)
    with whole_folder(out) as folder:
        for wave, frame in waves.items():
            write_delivery(folder / f"{wave}.csv", frame)
        write_json(folder / "truth.json", truth)
    Making(job_name("simulate", configuration.survey), made_by).record([out])
