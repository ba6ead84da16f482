"""The imputed files of a wave: one delivery for each imputation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlm.configuration.missing.planning import n_imputations
from mlm.configuration.models import Configuration
from mlm.errors import SurveyError, listed, quoted
from mlm.rows.cleaning.delivery import Delivery, format_of_wave
from mlm.rows.cleaning.wanted_columns import columns_in_file
from mlm.rows.files.opening import open_file
from mlm.rows.files.stacked import OBSERVED_SET, split_file
from mlm.rows.files.wave_file import WaveFile


def open_imputations(configuration: Configuration, wave: str) -> list[Delivery]:
    """The imputations of a wave in their order, each with the ids and variables that it holds.

    Parameters
    ----------
    configuration : Configuration
        With ``missing: {method: files}``.
    wave : str

    Raises
    ------
    SurveyError
        Files that cannot be read or lack columns, a column that numbers no imputations, or others
        than are declared.
    """
    form = format_of_wave(configuration.wave(wave))
    files, problems = [], []
    for name, path in configuration.imputed_files(wave).items():
        try:
            files.append(open_file(path, name=name, form=form))
        except SurveyError as error:
            problems += error.problems
    wanted, unfound = [], []
    for file in files:
        columns, found = columns_in_file(
            configuration, wave, file, _held(configuration, wave, file)
        )
        wanted.append(columns)
        unfound += found
    if problems or unfound:
        raise SurveyError([f"wave {wave}: {problem}" for problem in (*problems, *unfound)])
    if configuration.missing.column is None:
        settings = configuration.wave(wave)
        return [Delivery([f], [c], settings) for f, c in zip(files, wanted, strict=True)]
    return _stacked(configuration, wave, files, wanted)


def _held(configuration: Configuration, wave: str, file: WaveFile) -> list[str]:
    """Ids and variables that a file has a column for; the others keep what was observed."""
    names = {level: (configuration.id_column_of(level, wave),)
             for level in configuration.levels_with_ids}  # fmt: skip
    names |= {name: configuration.columns_of(name, wave) for name in configuration.read_variables}
    known = set(file.columns)
    return [name for name, columns in names.items() if known.intersection(columns)]


def _stacked(
    configuration: Configuration,
    wave: str,
    files: Sequence[WaveFile],
    wanted: Sequence[dict[str, str]],
) -> list[Delivery]:
    """Imputations that stand below each other, in one file or in several with other rows."""
    entry, settings = configuration.missing, configuration.wave(wave)
    parts = []
    for file, columns in zip(files, wanted, strict=True):
        read = [*columns.values(), *([entry.row] if entry.row in file.columns else [])]
        found = split_file(file, entry.column, read)
        found.pop(OBSERVED_SET, None)
        parts.append(found)
    numbers = sorted(set().union(*parts))
    _check_numbers(configuration, wave, files, numbers)
    for file, found in zip(files, parts, strict=True):
        if len(found) < len(numbers):
            lacking = listed(number for number in numbers if number not in found)
            raise SurveyError(
                f"wave {wave}: {file.name}: imputation {lacking} is not there, which other files "
                "of the wave have; expected all imputations of its rows"
            )
    return [Delivery([found[n] for found in parts], list(wanted), settings) for n in numbers]


def _check_numbers(
    configuration: Configuration, wave: str, files: Iterable[WaveFile], numbers: Sequence[int]
) -> None:
    declared = n_imputations(configuration)
    if len(numbers) != declared:
        told = listed(numbers) if numbers else "none"
        raise SurveyError(
            f"wave {wave}: {listed(file.name for file in files)}: the column "
            f"{quoted(configuration.missing.column)} numbers {len(numbers)} imputations ({told}), "
            f"and {declared} are declared ('missing', 'draws'); correct the number, or export all "
            "imputations: every wave has as many"
        )
