"""Guesses on columns: numbers or categories, ranges, the names of the waves."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile
from mlm.rows.scaffold.yaml_text import quoted

MAX_CATEGORIES = 20
"""Different values up to which a column of texts is a category."""

FEW_NUMBERS = 5
"""Different whole numbers up to which they are taken as codes of a category."""


def partial_columns(files: Sequence[FileProfile], common: Sequence[str]) -> dict[str, list[str]]:
    """Columns that some files lack, with the files that have them."""
    found: dict[str, list[str]] = {}
    for file in files:
        for column in file.columns:
            if column not in common:
                found.setdefault(column, []).append(Path(file.name).name)
    return found


def kind_of(profiles: Sequence[ColumnProfile], values: Sequence[str]) -> str | None:
    """``number``, ``category``, ``time``, or None where a column cannot be any of them."""
    is_number = all(profile.is_number or not profile.values for profile in profiles)
    if len(values) < 2:
        return None
    if all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in values):
        return "time"
    labelled = any(profile.notes.labels.keys() & set(values) for profile in profiles)
    whole = is_number and all(
        (profile.numbers[np.isfinite(profile.numbers)] % 1 == 0).all() for profile in profiles
    )
    if is_number and not labelled and not (whole and len(values) <= FEW_NUMBERS):
        return "number"
    return "category" if len(values) <= MAX_CATEGORIES else ("number" if is_number else None)


def range_of(profiles: Sequence[ColumnProfile]) -> tuple[float, float]:
    """Whole numbers around all numbers that were found."""
    numbers = np.concatenate([profile.numbers for profile in profiles])
    numbers = numbers[np.isfinite(numbers)]
    return float(np.floor(numbers.min())), float(np.ceil(numbers.max()))


def code_place(code: str) -> tuple[float, str]:
    """Place of a code among others: numbers first, in their order."""
    is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?", code)
    return (float(code) if is_number else math.inf, code)


def wave_names(files: Sequence[FileProfile]) -> tuple[list[str], list[str]]:
    """Names and times of the waves: the part in which the file names differ, its number."""
    stems = [Path(file.name).name.partition(".")[0] for file in files]
    parts = [re.findall(r"[A-Za-z]+|\d+", stem) for stem in stems]
    names = []
    for i, own in enumerate(parts):
        others = [set(other) for j, other in enumerate(parts) if j != i]
        differs = [part for part in own if not all(part in other for other in others)]
        names.append((differs or own or [str(i + 1)])[-1][:32])
    if len({name.lower() for name in names}) < len(names):
        names = [str(i + 1) for i in range(len(files))]
    numbers = [name for name in names if name.isdigit()]
    rising = len(numbers) == len(names) and all(
        int(a) < int(b) for a, b in zip(numbers, numbers[1:], strict=False)
    )
    times = numbers if rising else [str(i) for i in range(len(files))]
    return [quoted(name) for name in names], times
