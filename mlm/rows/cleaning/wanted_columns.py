"""Columns of a file for all that the configuration reads, and what to say of those not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlm.configuration.document import format_path
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest
from mlm.configuration.sampled.columns import SampledColumn, sampled_columns
from mlm.errors import listed
from mlm.rows.files.wave_file import WaveFile

_MIN_KNOWN = 0.5
"""Share of the wanted columns that a file must have before its column names are shown."""


def columns_in_file(
    configuration: Configuration, wave: str, file: WaveFile, wanted: Sequence[str] | None
) -> tuple[dict[str, str], list[str]]:
    """Column of a file for each level, variable and column of the sample; what is not found.

    Parameters
    ----------
    configuration, wave
        The survey, and the wave that the file is of.
    file : WaveFile
        Opened.
    wanted : sequence of str or None
        Levels and variables that are asked for; None: all, and the columns of the sample.
    """
    names = {
        level: (configuration.id_column_of(level, wave),) for level in configuration.levels_with_ids
    }
    names |= {name: configuration.columns_of(name, wave) for name in configuration.read_variables}
    if wanted is not None:
        names = {name: names[name] for name in wanted}
    sampled = sampled_columns(configuration) if wanted is None else {}
    drawn = {name: column.column_in(wave) for name, column in sampled.items()}
    in_file = set(file.columns)
    found = {n: [c for c in columns if c in in_file] for n, columns in names.items()}
    families = list(_families(sampled, drawn, in_file))
    of = len(found) + len(families)
    lacking = [columns[0] for n, columns in names.items() if not found[n]]
    lacking += [absent[0] for _, absent, _ in families if absent]
    if of - len(lacking) < _MIN_KNOWN * of:
        return {}, [
            f"{file.name}: {len(lacking)} of {of} columns are not there, the first is "
            f"{lacking[0]!r}; is this the right file, with a line of column names?"
        ]
    problems = [*_variables(names, found, file.columns)]
    problems += [
        _of_sample(path, absent, size, file.columns) + _of_programme(configuration, path, absent)
        for path, absent, size in families
        if absent
    ]
    chosen = {name: present[0] for name, present in found.items() if len(present) == 1}
    chosen |= {name: column for name, column in drawn.items() if column in in_file}
    return chosen, [f"{file.name}: {problem}" for problem in problems]


def _variables(
    names: Mapping[str, Sequence[str]], found: Mapping[str, Sequence[str]], columns: Sequence[str]
) -> Iterator[str]:
    """Ids and variables that have no column, or several."""
    for name, present in found.items():
        if len(present) > 1:
            yield (
                f"{name} has {len(present)} columns ({listed(present)}); remove one of them, or "
                "its name from 'aliases'"
            )
        elif not present:
            yield (
                f"the column {names[name][0]!r} ({name}) is not there; correct the configuration "
                f"('id', 'column', 'names', 'aliases') or the file; "
                f"{nearest(names[name][0], columns)}"
            )


def _families(
    sampled: Mapping[str, SampledColumn], columns: Mapping[str, str], in_file: set[str]
) -> Iterator[tuple[str, list[str], int]]:
    """By key of the sample: columns that the file lacks, and how many the key names."""
    families: dict[str, list[str]] = {}
    for name, column in sampled.items():
        families.setdefault(format_path(column.path), []).append(columns[name])
    for path, own in families.items():
        yield path, [c for c in own if c not in in_file], len(own)


def _of_programme(configuration: Configuration, path: str, absent: Sequence[str]) -> str:
    """What to say further where the programme named the column."""
    filled = configuration.filled
    return "" if filled is None else filled.advice(path, absent[0])


def _of_sample(path: str, absent: Sequence[str], size: int, columns: Sequence[str]) -> str:
    """What to say of columns of the sample that a file lacks."""
    hint = nearest(absent[0], columns)
    if size == 1:
        return (
            f"the column {absent[0]!r} ({path}) is not there; correct the configuration, or say "
            f"under 'names' how it is called in this wave; {hint}"
        )
    return (
        f"{len(absent)} of the {size} columns of {path} are not there ({listed(absent)}); correct "
        f"first and last, or say under 'names' how they are called in this wave; {hint}"
    )
