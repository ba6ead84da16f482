"""Columns whose name changes from wave to wave: case, spelling, the number of the wave."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile

ALIKE = 0.8
"""Likeness of two names (``difflib``) from which one seems to be the other."""

MIN_STEM = 3
"""Letters that a name must have beside the number of its wave."""

KIND_WORDS = frozenset(
    {
        "code",
        "id",
        "ids",
        "key",
        "no",
        "nr",
        "num",
        "number",
        "cod",
        "codigo",
        "codice",
        "numero",
        "numéro",
        "indice",
        "índice",
        "index",
        "identifiant",
        "kennung",
        "nummer",
        "schluessel",
        "schlüssel",
    }
)
"""Words in the name of a column that say what kind of value it holds, not what of."""

FEW_VALUES = 20
"""Different values up to which two columns must share one to be the same."""


@dataclass(frozen=True)
class Renamed:
    """Files in which each column has one name.

    Attributes
    ----------
    files : list of FileProfile
        The files, columns under the name that most of them have.
    names : dict
        For a column of this name, its own names in the files (by place) that have another one.
    """

    files: list[FileProfile]
    names: dict[str, dict[int, str]]


def one_name_for_each(files: Sequence[FileProfile]) -> Renamed:
    """Columns that only some files have, joined where one seems to be the other renamed."""
    groups = _groups(files)
    names: dict[str, dict[int, str]] = {}
    new_names: list[dict[str, str]] = [{} for _ in files]
    for group in groups:
        if len(group) < len(files):
            continue
        columns = list(group.values())
        usual = max(dict.fromkeys(columns), key=columns.count)
        names[usual] = {i: column for i, column in group.items() if column != usual}
        for i, column in group.items():
            new_names[i][column] = usual
    renamed = [
        replace(file, columns={new.get(c, c): profile for c, profile in file.columns.items()})
        for file, new in zip(files, new_names, strict=True)
    ]
    return Renamed(renamed, {usual: own for usual, own in names.items() if own})


def _groups(files: Sequence[FileProfile]) -> list[dict[int, str]]:
    """Columns that seem to be the same, by file; the likest ones are joined first."""
    places: dict[str, set[int]] = {}
    for i, file in enumerate(files):
        for column in file.columns:
            places.setdefault(column, set()).add(i)
    partial = [column for column, found in places.items() if len(found) < len(files)]
    group_of = {column: dict.fromkeys(sorted(places[column]), column) for column in partial}
    pairs = []
    for one, other in itertools.combinations(partial, 2):
        if not places[one] & places[other] and (likeness := _likeness(files, one, other)) >= ALIKE:
            pairs.append((likeness, one, other))
    for _, one, other in sorted(pairs, key=lambda pair: -pair[0]):
        a, b = group_of[one], group_of[other]
        if a is not b and not a.keys() & b.keys():
            joined = dict(sorted({**a, **b}.items()))
            for column in joined.values():
                group_of[column] = joined
    return list({id(group): group for group in group_of.values()}.values())


def _likeness(files: Sequence[FileProfile], one: str, other: str) -> float:
    """How alike the names of two columns are, from 0 to 1; 0 where their values differ in kind."""
    a, i = next((file.columns[one], i) for i, file in enumerate(files) if one in file.columns)
    b, j = next((file.columns[other], j) for j, file in enumerate(files) if other in file.columns)
    if not _agree(a, b):
        return 0.0
    if a.notes.label and a.notes.label == b.notes.label:
        return 1.0
    plain = [_plain(files, column, place) for column, place in ((one, i), (other, j))]
    if re.findall(r"\d+", plain[0]) != re.findall(r"\d+", plain[1]):
        return 0.0
    return difflib.SequenceMatcher(None, *plain).ratio()


def _plain(files: Sequence[FileProfile], column: str, place: int) -> str:
    """A name without case, marks and the number of its wave."""
    text = re.sub(r"[\W_]+", "_", column.casefold()).strip("_")
    numbers = re.findall(r"\d+", Path(files[place].name).name)
    years = [number[-2:] for number in numbers if len(number) == 4]
    marks = "|".join(dict.fromkeys([*numbers, *years, str(place + 1)]))
    mark = rf"(?:wave|w|t|y)?(?:{marks})"
    stem = re.sub(rf"_?{mark}$|^{mark}_", "", text)
    words = (stem if len(stem) >= MIN_STEM else text).split("_")
    return "".join([word for word in words if word not in KIND_WORDS] or words)


def in_its_place(files: Sequence[FileProfile], column: str) -> dict[int, str]:
    """For files without a column the one that has its place, and values like its, by file.

    What stands in the same place of as many columns may be the same renamed, or something else: it
    is told, and not joined.

    Parameters
    ----------
    files : sequence of FileProfile
        The files.
    column : str
        A column that some of them have.
    """
    first = next(file for file in files if column in file.columns)
    order = list(first.columns)
    place, found = order.index(column), {}
    for i, file in enumerate(files):
        columns = list(file.columns)
        if column in file.columns or len(columns) != len(order):
            continue
        other = columns[place]
        is_free = other not in first.columns
        if is_free and _agree(first.columns[column], file.columns[other]):
            found[i] = other
    return found


def _agree(one: ColumnProfile, other: ColumnProfile) -> bool:
    """Whether two columns may hold the same: numbers both or neither, some values in common."""
    if not one.values or not other.values:
        return True
    if one.is_number != other.is_number:
        return False
    if min(len(one.values), len(other.values)) <= FEW_VALUES:
        if set(one.values) & set(other.values):
            return True
        return one.is_number and _overlap(one.numbers, other.numbers)
    return not one.is_number or _overlap(one.numbers, other.numbers)


def _overlap(one: np.ndarray, other: np.ndarray) -> bool:
    one, other = one[np.isfinite(one)], other[np.isfinite(other)]
    return bool(one.min() <= other.max() and other.min() <= one.max())
