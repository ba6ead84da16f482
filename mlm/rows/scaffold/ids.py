"""Likely levels: columns of ids, by their names, and a lowest level without any."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.ids.unit_words import WORDS
from mlm.nouns.levels import ROW
from mlm.rows.scaffold.column_names import measures
from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile

MIN_AMBIGUOUS = 5
"""Different values that a column must have whose name may mean something else than ids."""

SEVERAL_ROWS = 1.05
"""Rows for each id from which the rows are not the units that the ids stand for."""


_AMBIGUOUS = {"state", "area", "lea", "group", "section", "subject", "case", "member", "lycee"}

FEWEST_KEYS = 30
"""Rows of a file from which whole numbers or short texts that all differ are taken as ids."""


@dataclass(frozen=True)
class LikelyLevel:
    """A level that the files seem to have.

    Attributes
    ----------
    kind : str
        One of the kinds of ``WORDS``, or ``record``.
    name, plural : str
        What its units are called.
    column : str or None
        Column with their ids; None where there is none.
    crossed : str or None
        Followed units, pupils, that the units are crossed with: each has others in another wave.
    is_open : bool
        Whether the column is left to decide; otherwise each row is a unit where there is none.
    remark : str
        Why, or what is in doubt; empty where the name of the column says it.
    """

    kind: str
    name: str
    plural: str
    column: str | None
    remark: str = ""
    is_open: bool = False
    crossed: str | None = None


def likely_levels(columns: Sequence[str], files: Sequence[FileProfile]) -> list[LikelyLevel]:
    """Levels from the top, at least two; the lowest may be without ids.

    Units must grow in number downwards in some file, but for classes: there may be one in each
    school.
    """
    found = levels_from(list(_named(columns, files)), files)
    if len(found) < 2:
        found = [_guessed_top(columns, files, found), *found]
    return found


def levels_from(found: Sequence[LikelyLevel], files: Sequence[FileProfile]) -> list[LikelyLevel]:
    """Those of some levels, from the top, whose units grow in number; the rows where none is."""
    return _with_lowest(_growing(found, files), files)


def _named(columns: Sequence[str], files: Sequence[FileProfile]) -> Iterator[LikelyLevel]:
    """Levels whose ids a column holds by its name, one of each kind."""
    kinds = set()
    for words in WORDS:
        for column in columns:
            name = words.match(column)
            if name is None or not any(_has_ids(file.columns[column]) for file in files):
                continue
            n_values = max(len(file.columns[column].values) for file in files)
            if name in _AMBIGUOUS and n_values < MIN_AMBIGUOUS:
                continue
            kinds.add(words.kind)
            yield LikelyLevel(words.kind, name, words.names[name], column)
            break
    if "pupil" not in kinds:
        bare = [c for c in columns if re.fullmatch(r"id|idno|idnr|uid|key", c.lower())]
        for column in bare[:1]:
            name = "pupil" if kinds & {"school", "class"} or not kinds else "respondent"
            yield LikelyLevel("pupil", name, f"{name}s", column)


def _growing(found: Sequence[LikelyLevel], files: Sequence[FileProfile]) -> list[LikelyLevel]:
    grows: list[LikelyLevel] = []
    last = np.zeros(len(files), dtype=int)
    for level in found:
        path = [*(entry.column for entry in grows), level.column]
        units = np.array([len(np.unique(unit_keys(file, path))) for file in files])
        if (units > last).any():
            grows.append(level)
            last = units
        elif level.kind == "class" and grows:
            parent = grows[-1].name
            remark = f"one in each {parent}: these data cannot tell the two apart"
            grows.append(replace(level, remark=remark))
    return grows


def _with_lowest(found: Sequence[LikelyLevel], files: Sequence[FileProfile]) -> list[LikelyLevel]:
    """The levels and, where no row has an id of its own, the rows."""
    if found and found[-1].kind == "pupil":
        path, lowest = [level.column for level in found], found[-1]
        rows = max(file.n_rows / len(np.unique(unit_keys(file, path))) for file in files)
        if rows == 1:
            return list(found)
        if rows <= SEVERAL_ROWS:
            remark = "some ids have a second row: see `twice` of levels"
            return [*found[:-1], replace(lowest, remark=remark)]
        remark = (
            f"no id: each row is one. There are {rows:.1f} rows for each {lowest.name} in a file: "
            "if they are of several waves, give each wave a file of its own"
        )
        return [*found, LikelyLevel("record", "record", "records", None, remark)]
    kinds = {level.kind for level in found}
    name = "pupil" if kinds & {"school", "class"} or not kinds else "respondent"
    column = _keys_of_rows(files, [level.column for level in found])
    remark = "no column of its ids was found: each row is one"
    if column is not None:
        remark = "no column is named as their ids are: this one differs in every row"
    return [*found, LikelyLevel("pupil", name, f"{name}s", column, remark)]


def _keys_of_rows(files: Sequence[FileProfile], taken: Sequence[str | None]) -> str | None:
    """The first column whose values, no amounts, differ in all rows of each file; None of none.

    Numbers of the rows, 1 to n in each file, are not ids.
    """
    for column in files[0].columns:
        if column in taken or any(column not in file.columns for file in files):
            continue
        own = [file.columns[column] for file in files]
        differ = all(
            len(profile.values) == file.n_rows >= FEWEST_KEYS and _has_ids(profile)
            for profile, file in zip(own, files, strict=True)
        )
        if not differ or measures(column, own[0].notes.label) or are_row_numbers(files, column):
            continue
        if all(re.fullmatch(r"\S{1,32}", value) for profile in own for value in profile.values):
            return column
    return None


def _guessed_top(
    columns: Sequence[str], files: Sequence[FileProfile], found: Sequence[LikelyLevel]
) -> LikelyLevel:
    """A level above the only one: the column that could best hold the ids of groups."""
    taken = {level.column for level in found}
    sizes = {}
    for column in columns:
        profiles = [file.columns[column] for file in files]
        if column in taken or not all(
            _may_group(column, p, f) for p, f in zip(profiles, files, strict=True)
        ):
            continue
        are_texts = not all(profile.is_number for profile in profiles)
        sizes[column] = (are_texts, max(len(profile.values) for profile in profiles))
    if not sizes:
        remark = "no column of ids was found; write the column that holds them"
        return LikelyLevel("school", "school", "schools", None, remark, is_open=True)
    column = max(sizes, key=sizes.__getitem__)
    name = re.sub(r"[^A-Za-z0-9_]+", "_", column).strip("_").lower()[:28]
    name = name if name[:1].isalpha() and name != ROW else "unit"
    remark = "no column is named as ids of groups are: chosen by its values"
    return LikelyLevel("school", name, _plural(name), column, remark)


def _plural(name: str) -> str:
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"


def _may_group(column: str, profile: ColumnProfile, file: FileProfile) -> bool:
    """Whether values recur, are no amounts, and are more than a few."""
    if measures(column, profile.notes.label):
        return False
    return _has_ids(profile) and MIN_AMBIGUOUS <= len(profile.values) <= file.n_rows / 2


def are_local(files: Sequence[FileProfile], levels: Sequence[LikelyLevel], place: int) -> bool:
    """Whether most ids of a level are given anew in each unit of the level above."""
    column = levels[place].column
    above = [level.column for level in levels[:place] if level.column]
    if column is None or not above:
        return False
    units = [len(np.unique(unit_keys(file, [*above, column]))) for file in files]
    ids = [len(file.columns[column].values) for file in files]
    return all(n > 2 * m for n, m in zip(units, ids, strict=True))


def _has_ids(profile: ColumnProfile) -> bool:
    """Whether there are several values, and numbers, if any, are whole."""
    numbers = profile.numbers[np.isfinite(profile.numbers)]
    return bool((numbers == np.floor(numbers)).all()) and len(profile.values) > 1


def unit_keys(file: FileProfile, columns: Sequence[str]) -> np.ndarray:
    """Number (N,) of the unit that each row belongs to, by the path of some id columns."""
    key = np.zeros(file.n_rows, dtype=np.int64)
    for column in columns:
        codes = file.columns[column].distinct.codes.astype(np.int64)
        key = np.unique(key * (codes.max() + 1) + codes, return_inverse=True)[1]
    return key


def are_row_numbers(files: Sequence[FileProfile], column: str) -> bool:
    """Whether ids are just 1 to n in every file: then the same number is another unit."""
    for file in files:
        numbers = file.columns[column].numbers
        numbers = numbers[np.isfinite(numbers)]
        whole = len(numbers) == file.n_rows and numbers.min() in (0, 1)
        if not whole or numbers.max() - numbers.min() + 1 != len(numbers):
            return False
    return True
