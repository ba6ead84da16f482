"""The likely design, and the level of each variable."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS, SAME_PUPILS, SAME_SCHOOLS, Design
from mlm.nouns.levels import ROW
from mlm.rows.cleaning.blocks import CONSTANT
from mlm.rows.scaffold.ids import LikelyLevel, are_local, are_row_numbers, unit_keys
from mlm.rows.scaffold.profiles import FileProfile
from mlm.rows.scaffold.spellings import ids_of, paths_of

UNIQUE = 0.9
"""Share of different ids among a file's rows from which they stand for persons."""

RECURRING = 0.3
"""Share of the smaller wave's units found in the next one from which they seem to be the same."""

GIVEN_AGAIN = 1.1
"""Units for each id from which ids come again in several units above."""

FEW_THE_SAME, NUMBERED = 0.05, 0.8
"""Share of ids that are written alike in two waves, up to which they are not the same units where
in each wave they fill at least that share of a row of numbers."""

CLASSES = ("class", "classroom", "teacher")
"""Words for units whose ids may be numbers or letters that each school gives anew."""

KEPT_CLASS = 0.9
"""Share of pupils with one class in all waves, from which classes are a level above them."""


def likely_design(files: Sequence[FileProfile], levels: Sequence[LikelyLevel]) -> Design:
    """Design by which ids recur from file to file."""
    if len(files) < 2:
        return CROSS_SECTION
    lowest = levels[-1].column
    if lowest and _are_unique(files, lowest) and recurring_share(files, lowest) > RECURRING:
        return SAME_PUPILS
    above = recurring_column(levels)
    if above and recurring_share(files, above, columns_above(levels, above)) > RECURRING:
        return SAME_SCHOOLS
    return NEW_SCHOOLS


def without_classes(
    files: Sequence[FileProfile], levels: Sequence[LikelyLevel], design: Design
) -> list[LikelyLevel]:
    """Levels, classes that followed pupils do not keep being crossed with them.

    There are none where ids of classes are neither of one school each nor given anew in each. Nor
    are there classes where schools that are new in each wave have no level above them: time would
    stand between the two.
    """
    if design.is_longitudinal and not design.recurs and levels[0].kind == "school":
        return [level for level in levels if level.kind != "class"]
    if not design.follows_lowest:
        return list(levels)
    kept, lowest = [], levels[-1]
    for i, level in enumerate(levels):
        share = _across(files, level.column, [lowest.column]) if level.kind == "class" else None
        if level.kind != "class" or share is not None and share >= KEPT_CLASS:
            kept.append(level)
        elif i and _lie_in_units(files, levels, i):
            kept.append(replace(level, crossed=lowest.name))
    return kept


def _lie_in_units(files: Sequence[FileProfile], levels: Sequence[LikelyLevel], i: int) -> bool:
    """Whether, within each wave, ids of a level are each of one unit above, or anew in each."""
    column, above = levels[i].column, levels[i - 1].column
    shares = [_within(file, above, [column]) for file in files]
    nested = all(share is not None and share >= KEPT_CLASS for share in shares)
    return nested or levels[i].name in CLASSES and are_local(files, levels, i)


def level_above_time(levels: Sequence[LikelyLevel], design: Design) -> str | None:
    """The lowest level that recurs: schools, the level above them where they are new, or pupils."""
    if design.follows_lowest:
        return levels[-1].name
    kinds = [level.kind for level in levels]
    place = kinds.index("school") if "school" in kinds else len(levels) - 2
    place = place if design.recurs else place - 1
    return levels[place].name if place >= 0 else None


def columns_above(levels: Sequence[LikelyLevel], column: str) -> list[str]:
    """Columns of ids of the levels above that of a column, from the top."""
    known = [level.column for level in levels if level.column]
    return known[: known.index(column)]


def recurring_share(files: Sequence[FileProfile], column: str, above: Sequence[str] = ()) -> float:
    """Smallest share of ids, over neighbouring waves, that are found in both of them.

    Ids that are just the numbers of the rows in both waves do not recur; spelling is ignored, but
    where ids are numbered through and none would recur without that. Ids that come again in several
    units above are told apart by these, whose columns are given.
    """
    shares = []
    spelled = [ids_of(file, column) for file in files]
    units: list[set] = [set(own) for own in spelled]
    paths = [paths_of(file, [*above, column]) for file in files] if above else units
    if any(len(path) > GIVEN_AGAIN * len(own) for path, own in zip(paths, units, strict=True)):
        units = paths
    for i, (one, other) in enumerate(zip(units, units[1:], strict=False)):
        if are_row_numbers(files[i : i + 2], column) or _are_numbered_anew(*spelled[i : i + 2]):
            return 0.0
        shares.append(len(one & other) / max(1, min(len(one), len(other))))
    return min(shares, default=0.0)


def _are_numbered_anew(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether ids of two waves, by their folded forms, are alike as any that begin with 1.

    Schools that are drawn anew are numbered through in each wave; that the numbers are written
    otherwise in the next one (1, then 00001) tells that they are not the same.
    """
    same = set(one.values()) & set(other.values())
    if len(same) > FEW_THE_SAME * min(len(one), len(other)):
        return False
    return all(_are_numbered_through(own) for own in (one, other))


def _are_numbered_through(ids: Collection[str]) -> bool:
    """Whether ids are whole numbers that nearly fill a row from 0 or 1."""
    numbers = {int(text) for text in ids if re.fullmatch(r"\d{1,9}", text)}
    if len(numbers) < len(ids) or not numbers:
        return False
    return min(numbers) <= 1 and len(numbers) >= NUMBERED * (max(numbers) + 1 - min(numbers))


def recurring_column(levels: Sequence[LikelyLevel]) -> str | None:
    """Ids of the lowest level that may recur where pupils do not.

    That of schools; where there are none, that of classes; regions and countries, which always
    recur, only where there is nothing else.
    """
    known = {level.kind: level.column for level in levels[:-1] if level.column}
    others = [level.column for level in levels[:-1]] or [levels[0].column]
    return known.get("school") or known.get("class") or others[-1]


def _are_unique(files: Sequence[FileProfile], column: str) -> bool:
    """Whether hardly any id occurs twice in a file; numbers given anew in each school do."""
    return all(len(file.columns[column].values) > UNIQUE * file.n_rows for file in files)


def level_of(
    files: Sequence[FileProfile], column: str, levels: Sequence[LikelyLevel], design: Design
) -> str:
    """Highest level within whose units a column has one value; ``row`` if there is none."""
    for i, level in enumerate(levels):
        if level.column is None:
            continue
        path = [entry.column for entry in levels[: i + 1] if entry.column is not None]
        is_person = i == len(levels) - 1
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
