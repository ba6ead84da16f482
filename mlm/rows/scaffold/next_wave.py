"""A further wave proposed for a survey from its file: its line, and columns that were renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mlm.configuration.checks import find_problems
from mlm.configuration.checks_computed import inputs_of
from mlm.configuration.document import format_path
from mlm.configuration.models import Configuration
from mlm.configuration.names import close, nearest
from mlm.configuration.parts import Wave
from mlm.configuration.sampled.columns import named_columns
from mlm.errors import SurveyError
from mlm.rows.files.wave_file import FileFormat
from mlm.rows.scaffold.draft import shown
from mlm.rows.scaffold.profiles import FileProfile, profile_file
from mlm.rows.scaffold.renames import one_name_for_each
from mlm.rows.scaffold.waves import next_wave, wave_line
from mlm.rows.scaffold.yaml_text import mapping, quoted


@dataclass(frozen=True)
class ProposedWave:
    """A survey with one wave more.

    Attributes
    ----------
    configuration : Configuration or None
        The survey with it, without variables that it lacks; None without ids of a level.
    waves : tuple of str
        Waves to be read: all, or the new one alone where it does not fit the others.
    lines : list of str
        What to write into the configuration.
    problems : list of str
        What is not in the file, or does not fit the survey.
    """

    configuration: Configuration | None
    waves: tuple[str, ...]
    lines: list[str]
    problems: list[str]


def propose_wave(configuration: Configuration, paths: Sequence[Path]) -> ProposedWave:
    """The survey with a wave whose files the configuration does not name yet.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    paths : sequence of Path
        Files of the wave; columns are looked for in the first.

    Raises
    ------
    SurveyError
        A file that cannot be read, or that is one of the survey's already.
    """
    names = [shown(path, configuration.root) for path in paths]
    name = names[0]
    for wave in configuration.waves:
        known = {file.resolve() for file in configuration.wave_files(wave.name)}
        for path, file in zip(paths, names, strict=True):
            if path.resolve() in known:
                raise SurveyError(f"{file}: the file is one of wave {wave.name} already")
    last = configuration.waves[-1]
    new = profile_file(paths[0], name, FileFormat(sheet=last.sheet, cells=last.cells))
    guess = next_wave(configuration.waves, name)
    form = new.form
    wave = Wave(
        name=guess.name,
        label=guess.label,
        time=float(guess.time),
        files=tuple(names),
        delimiter=form.delimiter,
        decimal=form.marks.decimal,
        thousands=form.marks.thousands,
        encoding=form.encoding,
        sheet=form.sheet,
        cells=form.cells,
    )
    found = _columns(configuration, new)
    lines = ["waves:", f"  {wave_line(guess, new, names)}"]
    lines += _names(configuration, guess.name, found, "seems to be the same column")
    alike = _alike(configuration, new, found)
    lines += _names(configuration, guess.name, alike, "if this is the same column")
    absent = [name for name, column in found.items() if column is None]
    problems = [
        f"{name}: the column {_usual(configuration, lacking)!r} ({lacking}) is not there; "
        f"{nearest(_usual(configuration, lacking), new.columns)}"
        for lacking in absent
    ]
    known = {message for _, message in find_problems(configuration)}
    complete = configuration.model_copy(update={"waves": (*configuration.waves, wave)})
    unfit = [
        f"{format_path(where)}: {message}"
        for where, message in find_problems(complete)
        if message not in known
    ]
    survey = _with_wave(configuration, wave, found, absent)
    has_ids = not set(absent) & set(configuration.levels_with_ids)
    waves = (guess.name,) if unfit else survey.wave_names
    return ProposedWave(survey if has_ids else None, waves, lines, problems + unfit)


def _usual(configuration: Configuration, name: str) -> str:
    """Column that holds a level's ids or a variable in the last wave."""
    last = configuration.wave_names[-1]
    if name in configuration.level_names:
        return configuration.id_column_of(name, last)
    return configuration.column_of(name, last)


def _columns(configuration: Configuration, new: FileProfile) -> dict[str, str | None]:
    """Column of the new file for each level with ids and variable; None where there is none."""
    wanted: dict[str, tuple[str, ...]] = {}
    for level in configuration.levels_with_ids:
        wanted[level] = (configuration.level(level).id,)
    for name, variable in configuration.read_variables.items():
        wanted[name] = tuple(dict.fromkeys((variable.column or name, *variable.aliases)))
    found = {
        name: next((column for column in columns if column in new.columns), None)
        for name, columns in wanted.items()
    }
    absent = [name for name, column in found.items() if column is None]
    return found | _renamed(configuration, new, absent, {c for c in found.values() if c})


def _renamed(
    configuration: Configuration, new: FileProfile, absent: Sequence[str], used: set[str]
) -> dict[str, str | None]:
    """Columns of the new file that seem to be those of the last wave under another name."""
    last = configuration.wave_names[-1]
    path = configuration.wave_files(last)[0]
    if not absent or not path.exists():
        return {}
    usual = {_usual(configuration, name): name for name in absent}
    before = profile_file(path, configuration.wave(last).files[0])
    before = replace(before, columns={c: p for c, p in before.columns.items() if c in usual})
    after = replace(new, columns={c: p for c, p in new.columns.items() if c not in used})
    same = {c: c for c in before.columns if c in after.columns}
    joined = {c: own[1] for c, own in one_name_for_each([before, after]).names.items()}
    return {usual[column]: other for column, other in (same | joined).items()}


def _names(
    configuration: Configuration, wave: str, found: Mapping[str, str | None], remark: str
) -> Iterator[str]:
    """Lines that say under which name a wave has a column."""
    for name, column in found.items():
        is_level = name in configuration.level_names
        entry = configuration.level(name) if is_level else configuration.variables[name]
        usual = (entry.id,) if is_level else (entry.column or name, *entry.aliases)
        if column is not None and column not in usual:
            names = {quoted(w): quoted(c) for w, c in {**entry.names, wave: column}.items()}
            place = "levels" if is_level else "variables"
            yield f"{place}, {name}:"
            yield f"    names: {mapping(names)} # ? {remark}"


def _alike(
    configuration: Configuration, new: FileProfile, found: Mapping[str, str | None]
) -> dict[str, str]:
    """Columns of the new file, not used yet, whose names are near those that it lacks."""
    free = [column for column in new.columns if column not in found.values()]
    near = {
        name: close(_usual(configuration, name), free)
        for name, column in found.items()
        if column is None
    }
    return {name: columns[0] for name, columns in near.items() if columns}


def _with_wave(
    configuration: Configuration,
    wave: Wave,
    found: Mapping[str, str | None],
    absent: Sequence[str],
) -> Configuration:
    """The survey with the wave and its names of columns, without variables that it lacks."""
    lost = set(absent)
    for _ in configuration.variables:
        lost |= {n for n, v in configuration.variables.items() if set(inputs_of(v)) & lost}

    is_sample_lost = any(column.name in lost for column in named_columns(configuration))
    if is_sample_lost:
        lost |= configuration.plausible_values.keys()

    def named(entry, name):
        column = found.get(name)
        names = entry.names | ({wave.name: column} if column else {})
        return entry.model_copy(update={"names": names})

    variables = {
        name: named(entry, name)
        for name, entry in configuration.variables.items()
        if name not in lost
    }
    return configuration.model_copy(
        update={
            "levels": tuple(named(level, level.name) for level in configuration.levels),
            "waves": (*configuration.waves, wave),
            "variables": variables,
            "analyses": {} if lost else configuration.analyses,
            **({"sampling": None, "plausible_values": {}} if is_sample_lost else {}),
        }
    )
