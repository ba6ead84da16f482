"""One file with the rows of several waves, told apart by a column: one file for each wave."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlm.configuration.names import RESERVED
from mlm.errors import SurveyError
from mlm.rows.files.opening import open_file
from mlm.rows.scaffold.ids import SEVERAL_ROWS, LikelyLevel, likely_levels, unit_keys
from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile, profile_file
from mlm.rows.scaffold.waves import MAX_WAVES, WaveGuess, names_time, tells_time, tells_wave

ONE_ROW = 0.99
"""Share of pairs of an id and a wave that are single, from which each has one row in a wave."""

SEEN_IN_LONG_FILE = 0.5
"""Share of all pairs of persons and values that a column has rows of, if it tells the waves."""

FEWEST_PERSONS = 20
"""Persons from which a column may tell the waves by its values alone."""

_OTHER_ROWS = re.compile(
    "item|subject|task|test|domain|rater|judge|question|form|skill|scale|pv|imp"
)
"""Words for rows of one person that are no waves."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True)
class LongFile:
    """One file that holds several waves.

    Attributes
    ----------
    path : Path
        The file.
    profile : FileProfile
        What it holds.
    column : str
        Tells the wave of each row.
    values : tuple of str
        Its values, one a wave, in order of time.
    """

    path: Path
    profile: FileProfile
    column: str
    values: tuple[str, ...]

    @property
    def paths(self) -> list[Path]:
        """The files of the waves, beside it."""
        stem = self.path.name.partition(".")[0]
        return [
            self.path.with_name(f"{stem}_{self.column}_{_file_name(value, i)}.csv")
            for i, value in enumerate(self.values)
        ]

    @property
    def time(self) -> tuple[str, str]:
        """Name and label of time."""
        name = re.sub(r"\W+", "_", self.column.lower())
        if name in RESERVED:  # in formulas, as the column called "wave" of most such files
            name = "year" if self._are_years else "time"
        return name, self.column.replace("_", " ").capitalize()

    @property
    def _are_years(self) -> bool:
        return all(re.fullmatch(r"(?:19|20)\d\d", value) for value in self.values)

    @property
    def waves(self) -> list[WaveGuess]:
        """The waves, at the times that the column holds where these are numbers."""
        label, numbers = self.time[1], _numbers(self.profile.columns[self.column])
        are_names = all(_NAME.fullmatch(value) for value in self.values)
        return [
            WaveGuess(
                name=value if are_names else str(i + 1),
                time=f"{numbers[value]:g}" if numbers else str(i),
                label=None if self._are_years else f"{label} {value}",
            )
            for i, value in enumerate(self.values)
        ]


def long_file(path: Path, name: str) -> LongFile | None:
    """The file as one of several waves; None where it seems to hold one.

    A column tells the waves where each person has one row for each of its values and most have
    several: by its name, or, where none is so named, whatever its name, unless that is of tasks or
    of those who rate. Where persons do not recur, or are numbered anew in each unit, only one that
    is named after waves, or holds years. Files with value labels are left as they are, which rows
    of text would lose.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file as messages name it.
    """
    profile = profile_file(path, name)
    notes = [column.notes for column in profile.columns.values()]
    if any(note.labels or note.missing or note.ranges for note in notes):
        return None
    levels = [level for level in likely_levels(list(profile.columns), [profile]) if level.column]
    recurs = [_rows_each(profile, level) > SEVERAL_ROWS for level in levels]
    for column in _candidates(profile, levels):
        values = tuple(profile.columns[column].values)
        follows = any(recurs) and recurs[-1] and _single(profile, levels[-1], column)
        follows = follows and (tells_time(column) or _has_several(profile, levels[-1], column))
        is_anew = any(recurs) and (not recurs[-1] or _single_in_units(profile, levels, column))
        anew = is_anew and tells_wave(column, values)
        if follows or anew:
            return LongFile(path, profile, column, values)
    return None


def check_not_split(paths: Sequence[Path]) -> None:
    """Refuse a file together with those that were written from its rows, a wave each.

    Raises
    ------
    SurveyError
        Names the file, and those made of it.
    """
    for path in paths:
        stem = path.name.partition(".")[0]
        parts = [p for p in paths if p != path and p.name.startswith(f"{stem}_") and _is_csv(p)]
        if not parts:
            continue
        columns = open_file(path).columns
        made = [p for p in parts if any(p.name.startswith(f"{stem}_{c}_") for c in columns)]
        if made:
            names = ", ".join(str(p) for p in made)
            raise SurveyError(
                f"{names}: written by `mlm init` from the rows of {path}, so that each row would "
                f"count twice; name {path} alone, or these without it"
            )


def _is_csv(path: Path) -> bool:
    return path.suffix == ".csv"


def _candidates(profile: FileProfile, levels: Sequence[LikelyLevel]) -> list[str]:
    """Columns that may tell the waves: those named so first, then numbers, which are times too.

    Without a word for waves in its name only one of which enough persons have several values.
    """
    ids = {level.column for level in levels}
    fit = [
        column
        for column, cells in profile.columns.items()
        if column not in ids
        and 1 < len(cells.values) <= MAX_WAVES
        and bool(cells.is_value[cells.distinct.codes].all())
    ]
    named = [column for column in fit if tells_time(column)]
    others = [c for c in fit if c not in named and not _OTHER_ROWS.search(c.lower())]
    if not levels or len(profile.columns[levels[-1].column].values) < FEWEST_PERSONS:
        others = [column for column in others if names_time(column)]
    others.sort(key=lambda c: (not names_time(c), not _are_whole(profile.columns[c])))
    return [*named, *others]


def _are_whole(cells: ColumnProfile) -> bool:
    """Whether all values are whole numbers."""
    return cells.is_number and all(n % 1 == 0 for n in _numbers(cells).values())


def _rows_each(profile: FileProfile, level: LikelyLevel) -> float:
    return profile.n_rows / max(1, len(profile.columns[level.column].values))


def _single(profile: FileProfile, level: LikelyLevel, column: str) -> bool:
    """Whether nearly every unit has one row for each value of a column."""
    units, waves = (profile.columns[name].distinct.codes for name in (level.column, column))
    pairs = np.unique(np.stack([units, waves]), axis=1).shape[1]
    return pairs >= ONE_ROW * profile.n_rows


def _single_in_units(profile: FileProfile, levels: Sequence[LikelyLevel], column: str) -> bool:
    """Whether persons have one row for each value of a column, known by their units too.

    Numbers that each school gives its pupils come again in others without being the same persons.
    """
    path = [level.column for level in levels]
    rows = np.unique(unit_keys(profile, [*path, column])).size
    return rows >= ONE_ROW * profile.n_rows


def _has_several(profile: FileProfile, level: LikelyLevel, column: str) -> bool:
    """Whether most units have most of the values of a column, as persons are seen in most waves."""
    units, values = (len(profile.columns[name].values) for name in (level.column, column))
    return profile.n_rows >= SEEN_IN_LONG_FILE * units * values


def _numbers(cells: ColumnProfile) -> dict[str, float]:
    """The values as numbers; none where any is no number."""
    if not cells.is_number:
        return {}
    texts = cells.distinct.texts.to_pylist()
    return dict(zip(texts, cells.numbers.tolist(), strict=True))


def _file_name(value: str, place: int) -> str:
    return value if re.fullmatch(r"-?[A-Za-z0-9._]{1,32}", value) else str(place + 1)


def split(found: LongFile) -> list[Path]:
    """Write the rows of each wave into a file of its own; the long file is left as it is.

    Returns
    -------
    list of Path
        The files, in order of time.

    Raises
    ------
    SurveyError
        One of the files exists, or rows beyond those that were looked at are of other waves.
    """
    known = [str(path) for path in found.paths if path.exists()]
    if known:
        raise SurveyError(
            f"{found.path}: the rows of each {found.column} belong into a file of their own, but "
            f"{', '.join(known)} is there; remove it, or name the files of the waves instead"
        )
    file = open_file(found.path, form=found.profile.form)
    columns = [name for name in file.columns if name != found.column]
    part = {path: path.with_name(path.name + ".part") for path in found.paths}
    try:
        with ExitStack() as stack:
            writers = {}
            for value, path in zip(found.values, found.paths, strict=True):
                stream = stack.enter_context(part[path].open("w", newline="", encoding="utf-8"))
                writers[value] = csv.writer(stream, lineterminator="\n")
                writers[value].writerow(columns)
            for chunk in file.chunks(file.columns):
                _write(chunk, found, columns, writers)
        for path, temporary in part.items():
            temporary.replace(path)
    finally:
        for temporary in part.values():
            temporary.unlink(missing_ok=True)
    return found.paths


def _write(chunk, found: LongFile, columns: Sequence[str], writers: dict) -> None:
    waves = chunk[found.column].to_pylist()
    cells = [chunk[name].to_pylist() for name in columns]
    for wave, *row in zip(waves, *cells, strict=True):
        if wave not in writers:
            raise SurveyError(
                f"{found.path}: column {found.column!r} has the value {wave!r} beyond the rows "
                "that were looked at; give each wave a file of its own"
            )
        writers[wave].writerow(["" if cell is None else cell for cell in row])
