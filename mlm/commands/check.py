"""Command: configurations and data, checked without fitting. Layer: commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.configuration.loading import ReadConfiguration
    from mlm.results.survey.account import WaveLedger
    from mlm.results.survey.survey import SurveyAccount
    from mlm.rows.cleaning.clean_wave import CleanWave


def check(
    configs: Annotated[list[Path], typer.Argument(help="Configuration files.", show_default=False)],
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show cells at fault: not for shared logs.")
    ] = False,
    wave: Annotated[
        list[Path] | None,
        typer.Option("--wave", help="File of a further wave, tried as if it had been added."),
    ] = None,
) -> None:
    """Check configurations and all their wave files; report every problem at once.

    A run is tried up to the first fit: whether the search for a model's variances ends, only the
    run itself can tell. Nothing is written. Simulated surveys are checked on rows drawn for the
    occasion.
    """
    from tempfile import TemporaryDirectory

    from mlm.commands.words.draft_words import draft_words
    from mlm.commands.words.filled_words import filled_words
    from mlm.configuration.loading import read_configuration
    from mlm.errors import SurveyError

    if wave:
        return _check_wave(configs, wave, show_values)
    problems: list[str] = []
    for path in configs:
        read = read_configuration(path)
        configuration = read.configuration
        if configuration is not None:
            for text in (*filled_words(configuration), *draft_words(path, configuration)):
                print(f"{configuration.survey}: {text}")
        if read.problems or configuration is None:
            problems += [*read.problems, *_problems_beside_mistakes(read, show_values)]
            continue
        if configuration.simulate is None:
            problems.extend(_problems_of_data(configuration, show_values))
        else:
            with TemporaryDirectory() as folder:
                drawn = configuration.under(folder)
                _draw(drawn)
                problems.extend(_problems_of_data(drawn, show_values))
    if problems:
        raise SurveyError(problems)


def _problems_beside_mistakes(read: ReadConfiguration, show_values: bool) -> list[str]:
    """Problems of the rows of a configuration that has mistakes, as far as these allow a look."""
    from mlm.rows.files.opening import absent_words

    configuration = read.configuration
    if configuration is None or configuration.simulate is not None:
        return []
    absent = [
        absent_words(path, name)
        for wave in configuration.wave_names
        for path, name in zip(
            configuration.wave_files(wave), configuration.wave(wave).files, strict=True
        )
        if not path.exists()
    ]
    if absent or read.of_rows is None:
        return absent
    print(f"{configuration.survey}: only the rows are looked at: the configuration has mistakes")
    rows = _read_rows(read.of_rows, show_values)
    for text in rows.doubts:
        print(f"{configuration.survey}: {text}")
    return rows.problems


def _check_wave(configs: list[Path], files: list[Path], show_values: bool) -> None:
    """Try a wave's files with a configuration that does not name it yet."""
    from mlm.configuration import load_configuration
    from mlm.errors import SurveyError
    from mlm.rows.scaffold.next_wave import propose_wave

    if len(configs) != 1:
        raise SurveyError("--wave tries a file with one configuration; name that one alone")
    configuration = load_configuration(configs[0])
    if configuration.simulate is not None:
        raise SurveyError(f"{configs[0]}: the waves of a simulated survey are drawn; none is added")
    proposed = propose_wave(configuration, files)
    print(f"{configuration.survey}: to add the wave, write into {configs[0]}:")
    print(*proposed.lines, sep="\n")
    problems = list(proposed.problems)
    if proposed.configuration is not None:
        problems += _problems_of_data(proposed.configuration, show_values, proposed.waves)
    if problems:
        raise SurveyError(problems)


def _draw(configuration: Configuration) -> None:
    """Write the waves of a simulated survey where its files are read."""
    from mlm.commands.tables import write_delivery
    from mlm.rows.simulating.simulation import simulate_survey

    waves, _ = simulate_survey(configuration)
    for wave, frame in waves.items():
        (path,) = configuration.wave_files(wave)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_delivery(path, frame)


@dataclass
class _Rows:
    """The rows of a survey as they were read: what is kept of them, and what is wrong."""

    waves: dict[str, CleanWave] = field(default_factory=dict)
    ledgers: dict[str, WaveLedger] = field(default_factory=dict)
    account: SurveyAccount | None = None
    doubts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def _read_rows(
    configuration: Configuration, show_values: bool, names: Sequence[str] | None = None
) -> _Rows:
    """The rows of some waves (default: of all), cleaned and linked."""
    from mlm.commands.words.doubt_words import doubt_words
    from mlm.commands.words.move_words import move_words
    from mlm.errors import SurveyError
    from mlm.rows.cleaning.cleaning import clean_in_chunks
    from mlm.rows.linking.linking import link_waves

    found = _Rows()
    for wave in names or configuration.wave_names:
        try:
            cleaned = clean_in_chunks(configuration, wave, show_values=show_values)
        except SurveyError as error:
            found.problems.extend(error.problems)
            continue
        found.ledgers[wave], found.waves[wave] = cleaned.ledger, cleaned
        print(f"{configuration.survey}: wave {wave}: {_counts(cleaned.ledger)}")
        found.problems += _completed(configuration, wave)
    if len(found.waves) == len(configuration.waves):
        try:
            found.account = link_waves(configuration, found.waves, found.ledgers)
            found.doubts += doubt_words(configuration, found.account)
        except SurveyError as error:
            found.problems.extend(error.problems)
    elif found.problems:
        _add_ids(found, configuration)
    found.doubts += move_words(configuration, found.account)
    return found


def _add_ids(found: _Rows, configuration: Configuration) -> None:
    """What the ids alone tell, where cells of variables keep a wave from being linked."""
    from mlm.commands.words.doubt_words import doubt_words
    from mlm.errors import SurveyError
    from mlm.rows.cleaning.cleaning import clean_in_chunks
    from mlm.rows.linking.linking import link_waves

    ids = configuration.of_ids_alone()
    try:
        waves = {wave: clean_in_chunks(ids, wave) for wave in ids.wave_names}
        account = link_waves(ids, waves, {w: cleaned.ledger for w, cleaned in waves.items()})
    except SurveyError as error:
        found.problems += [text for text in error.problems if text not in found.problems]
        return
    found.doubts += [text for text in doubt_words(ids, account) if text.startswith("please look")]


def _problems_of_data(
    configuration: Configuration, show_values: bool, names: Sequence[str] | None = None
) -> list[str]:
    """Problems of the wave files (default: of all waves); what is told beside is printed."""
    from mlm.commands.checking.trial import tried
    from mlm.commands.words.missing_words import missing_words, undecided_words
    from mlm.commands.words.policy_words import policy_words
    from mlm.commands.words.sample_words import sample_words
    from mlm.commands.words.trial_words import trial_words
    from mlm.commands.words.unused_words import unused_words

    rows = _read_rows(configuration, show_values, names)
    trial = tried(configuration, rows.waves)
    texts = [
        *rows.doubts,
        *policy_words(configuration, rows.account),
        *missing_words(rows.ledgers.values()),
        *sample_words(configuration, rows.ledgers.values()),
        *unused_words(configuration, _columns_of_files(configuration, rows.waves), rows.waves),
        *trial_words(configuration, trial, rows.account),
        *undecided_words(configuration, rows.account),
    ]
    for text in texts:
        print(f"{configuration.survey}: {text}")
    return [*rows.problems, *trial.problems]


def _columns_of_files(configuration: Configuration, waves: Iterable[str]) -> dict[str, list[str]]:
    """All columns of the files of some waves that could be read."""
    from mlm.rows.cleaning.delivery import open_delivery

    deliveries = {wave: open_delivery(configuration, wave) for wave in waves}
    return {
        wave: list(dict.fromkeys(column for file in delivery.files for column in file.columns))
        for wave, delivery in deliveries.items()
    }


def _completed(configuration: Configuration, wave: str) -> list[str]:
    """Problems of the imputed files of a wave, where it has any; else what they fill is printed."""
    if not configuration.has_imputed_files:
        return []
    from mlm.errors import SurveyError
    from mlm.rows.completing.completion import complete_wave

    try:
        account = complete_wave(configuration, wave).account
    except SurveyError as error:
        return list(error.problems)
    filled = ", ".join(f"{item.variable} {item.cells:,}" for item in account.imputed) or "none"
    print(
        f"{configuration.survey}: wave {wave}: {account.imputations} imputations; cells imputed: "
        f"{filled}"
    )
    return []


def _counts(ledger) -> str:
    return f"{ledger.rows_read} rows read, {ledger.rows_kept} kept"
