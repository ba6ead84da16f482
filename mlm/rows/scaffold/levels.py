"""Likely ids, their order, the likely design, and the level of each variable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS, SAME_PUPILS, SAME_SCHOOLS, Design
from mlm.nouns.levels import ROW
from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile

_WORDS = (
    ("country", "countries", "country|cnt|nation"),
    ("county", "counties", "county|region|state|lea|district|province|canton|municipality|area"),
    ("school", "schools", "school|sch|cntsch|schl|inst|institution|stidsch"),
    ("class", "classes", "class|classroom|teacher|tch|section|group"),
    ("pupil", "pupils", "pupil|student|stu|cntstu|stud|stid|child|person|participant|subject"),
)
_AFFIX = r"(id|ids|nr|no|num|number|code|key)?"

UNIQUE = 0.9
"""Share of different ids among a file's rows from which they stand for persons."""

RECURRING = 0.3
"""Share of the smaller wave's units found in the next one from which they seem to be the same."""

CONSTANT = 0.995
"""Share of a level's units in which a variable has one value, from which it is of the level."""


@dataclass(frozen=True)
class IdColumn:
    """A column that seems to hold the ids of a level."""

    name: str
    plural: str
    column: str


def likely_ids(columns: Sequence[str], files: Sequence[FileProfile]) -> list[IdColumn]:
    """Id columns from the top, by their names; in some file their units must grow downwards."""
    found: list[IdColumn] = []
    for name, plural, words in _WORDS:
        for column in columns:
            if _is_id(column, words) and any(_has_ids(file.columns[column]) for file in files):
                found.append(IdColumn(name, plural, column))
                break
    if not any(level.name == "pupil" for level in found):
        bare = [column for column in columns if column.lower() == "id"]
        found += [IdColumn("pupil", "pupils", column) for column in bare[:1]]
    grows: list[IdColumn] = []
    last = np.zeros(len(files), dtype=int)
    for level in found:
        path = [*(entry.column for entry in grows), level.column]
        units = np.array([len(np.unique(unit_keys(file, path))) for file in files])
        if (units > last).any():
            grows.append(level)
            last = units
    return grows


def seems_id(column: str) -> bool:
    """Whether a column is named as ids of some level are."""
    return any(_is_id(column, words) for _, _, words in _WORDS)


def _is_id(column: str, words: str) -> bool:
    plain = re.sub(r"[^a-z]", "", column.lower())
    return re.fullmatch(rf"{_AFFIX}({words}){_AFFIX}", plain) is not None


def _has_ids(profile: ColumnProfile) -> bool:
    """Whether no cell is empty and numbers, if any, are whole."""
    numbers = profile.numbers[np.isfinite(profile.numbers)]
    return bool((numbers == np.floor(numbers)).all()) and len(profile.values) > 1


def unit_keys(file: FileProfile, columns: Sequence[str]) -> np.ndarray:
    """Number (N,) of the unit that each row belongs to, by the path of some id columns."""
    key = np.zeros(file.n_rows, dtype=np.int64)
    for column in columns:
        codes = file.columns[column].distinct.codes.astype(np.int64)
        key = np.unique(key * (codes.max() + 1) + codes, return_inverse=True)[1]
    return key


def recurring_share(files: Sequence[FileProfile], columns: Sequence[str]) -> float:
    """Smallest share of units, over neighbouring waves, that are found in both of them."""
    shares = []
    units = [_units(file, columns) for file in files]
    for one, other in zip(units, units[1:], strict=False):
        shares.append(len(one & other) / max(1, min(len(one), len(other))))
    return min(shares, default=0.0)


def _units(file: FileProfile, columns: Sequence[str]) -> set[tuple[str, ...]]:
    texts = [file.columns[column].distinct.texts.to_pylist() for column in columns]
    codes = np.stack([file.columns[column].distinct.codes for column in columns])
    return {
        tuple(texts[i][code] for i, code in enumerate(path)) for path in np.unique(codes, axis=1).T
    }


def are_row_numbers(files: Sequence[FileProfile], column: str) -> bool:
    """Whether ids are just 1 to n in every file: then the same number is another unit."""
    for file in files:
        numbers = file.columns[column].numbers
        numbers = numbers[np.isfinite(numbers)]
        whole = len(numbers) == file.n_rows and numbers.min() in (0, 1)
        if not whole or numbers.max() - numbers.min() + 1 != len(numbers):
            return False
    return True


def _are_unique(files: Sequence[FileProfile], column: str) -> bool:
    """Whether hardly any id occurs twice in a file; numbers given anew in each school do."""
    return all(len(file.columns[column].values) > UNIQUE * file.n_rows for file in files)


def likely_design(files: Sequence[FileProfile], ids: Sequence[IdColumn]) -> Design:
    """Design by which ids recur from file to file."""
    if len(files) < 2:
        return CROSS_SECTION
    lowest = ids[-1].column
    are_persons = not are_row_numbers(files, lowest) and _are_unique(files, lowest)
    if are_persons and recurring_share(files, [lowest]) > RECURRING:
        return SAME_PUPILS
    above = [level.column for level in ids[:-1]]
    if len(above) and recurring_share(files, above[-1:]) > RECURRING:
        return SAME_SCHOOLS
    return NEW_SCHOOLS


def level_of(
    files: Sequence[FileProfile], column: str, ids: Sequence[IdColumn], design: Design
) -> str:
    """Highest level within whose units a column has one value; ``row`` if there is none."""
    for i, level in enumerate(ids):
        path = [entry.column for entry in ids[: i + 1]]
        is_person = i == len(ids) - 1
        if is_person and not design.follows_lowest:
            break
        together = _across(files, column, path) if is_person else None
        shares = [together] if is_person else [_within(file, column, path) for file in files]
        if all(share is not None and share >= CONSTANT for share in shares):
            return level.name
    return ROW


def _within(file: FileProfile, column: str, path: Sequence[str]) -> float | None:
    """Share of units in which a column has one value; None where no unit has two rows."""
    codes = file.columns[column].codes
    key = unit_keys(file, path)
    return _constant_share(key[codes >= 0], codes[codes >= 0])


def _across(files: Sequence[FileProfile], column: str, path: Sequence[str]) -> float | None:
    """The same over all files together, units known by their lowest id."""
    keys: dict[str, int] = {}
    values: dict[str, int] = {}
    units, codes = [], []
    for file in files:
        ids, cells = file.columns[path[-1]].distinct, file.columns[column]
        texts = [keys.setdefault(text, len(keys)) for text in ids.texts.to_pylist()]
        found = [values.setdefault(t, len(values)) for t in cells.distinct.texts.to_pylist()]
        present = cells.codes >= 0
        units.append(np.array(texts)[ids.codes][present])
        codes.append(np.array(found)[cells.distinct.codes][present])
    return _constant_share(np.concatenate(units), np.concatenate(codes))


def _constant_share(key: np.ndarray, codes: np.ndarray) -> float | None:
    if not len(key):
        return None
    units, rows = np.unique(key, return_counts=True)
    pairs = np.unique(np.stack([key, codes]), axis=1)[0]
    values = np.unique(pairs, return_counts=True)[1]
    several = rows > 1
    if not several.any() or len(units) < 2:
        return None
    return float((values[several] == 1).mean())
