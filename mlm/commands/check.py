"""Command: configurations and data, checked without fitting. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def check(
    configs: Annotated[list[Path], typer.Argument(help="Configuration files.", show_default=False)],
) -> None:
    """Check configurations and all their wave files; report every problem at once.

    Nothing is written. Simulated surveys are checked on rows drawn for the occasion.
    """
    from mlm.errors import ConfigurationError, SurveyError
    from mlm.rows.configuration import load_configuration

    problems: list[str] = []
    for path in configs:
        try:
            problems.extend(_problems_of_data(load_configuration(path)))
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise SurveyError(problems)


def _problems_of_data(configuration) -> list[str]:
    from mlm.errors import SurveyError
    from mlm.rows.cleaning import clean_wave
    from mlm.rows.linking import link_waves

    if configuration.simulate is not None:
        print(f"{configuration.survey}: the configuration is valid; its waves are simulated")
        return []
    problems: list[str] = []
    frames, ledgers = {}, {}
    for wave in configuration.waves:
        try:
            table, ledgers[wave.name] = clean_wave(configuration, wave.name)
        except SurveyError as error:
            problems.extend(error.problems)
            continue
        frames[wave.name] = table.to_pandas()
        print(f"{configuration.survey}: wave {wave.name}: {_counts(ledgers[wave.name])}")
    if not problems:
        try:
            link_waves(configuration, frames, ledgers)
        except SurveyError as error:
            problems.extend(error.problems)
    return problems


def _counts(ledger: dict) -> str:
    return f"{ledger['rows_read']} rows read, {ledger['rows_kept']} kept"
