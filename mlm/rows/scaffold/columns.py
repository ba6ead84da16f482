"""Guesses on columns: numbers or categories, the numbers that were found."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlm.rows.scaffold.column_names import counts_points, is_amount
from mlm.rows.scaffold.profiles import ColumnProfile, FileProfile

MAX_CATEGORIES = 20
"""Different values up to which a column of texts, or of labelled codes, is a category."""

MAX_CODES = 10
"""Different whole numbers, the lowest 0 or 1, up to which they are taken as codes."""

HIGHEST_CODE = 12
"""Highest of such numbers."""

FEW_NUMBERS = 5
"""Different whole numbers up to which they are taken as codes whatever they are."""


@dataclass(frozen=True)
class Kind:
    """What a column seems to be.

    Attributes
    ----------
    type : str or None
        As the configuration writes it; None where a column cannot be a variable.
    doubt : str
        What else it may be; empty where nothing speaks for something else.
    """

    type: str | None
    doubt: str = ""


def partial_columns(files: Sequence[FileProfile], common: Sequence[str]) -> dict[str, list[str]]:
    """Columns that some files lack, with the files that have them."""
    found: dict[str, list[str]] = {}
    for file in files:
        for column in file.columns:
            if column not in common:
                found.setdefault(column, []).append(Path(file.name).name)
    return found


def kind_of(column: str, profiles: Sequence[ColumnProfile], values: Sequence[str]) -> Kind:
    """Type of a column by its values, the same whether or not the file has labels for them.

    Labels settle it where they name every value.
    """
    if len(values) < 2:
        return Kind(None)
    if all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in values):
        return Kind("time")
    is_number = all(profile.is_number or not profile.values for profile in profiles)
    labels = {code for profile in profiles for code in profile.notes.labels}
    if labels >= set(values) and len(values) <= MAX_CATEGORIES:
        return Kind("category")
    if not is_number:
        return Kind("category" if len(values) <= MAX_CATEGORIES else None)
    numbers = numbers_of(profiles)
    if (numbers % 1 != 0).any():
        return Kind("number")
    label = next((p.notes.label for p in profiles if p.notes.label), None)
    return _of_whole_numbers(column, label, numbers, len(values))


def _of_whole_numbers(column: str, label: str | None, numbers: np.ndarray, n_values: int) -> Kind:
    """Type of whole numbers: codes, where they are few and nothing says that they count."""
    low, high = numbers.min(), numbers.max()
    are_codes = n_values <= FEW_NUMBERS or (
        n_values <= MAX_CODES and low in (0, 1) and high <= HIGHEST_CODE
    )
    if are_codes and n_values > 2 and (counts_points(column, label) or is_amount(column, label)):
        return Kind("number", f"{n_values} whole numbers; a category if they are codes")
    if are_codes:
        doubt = f"{n_values} whole numbers; a number if they are amounts" if n_values > 2 else ""
        return Kind("category", doubt)
    doubt = f"{n_values} whole numbers; a category if they are codes"
    return Kind("number", doubt if n_values <= MAX_CATEGORIES else "")


def numbers_of(profiles: Sequence[ColumnProfile]) -> np.ndarray:
    """All different numbers of a column over the files."""
    numbers = np.concatenate([profile.numbers for profile in profiles])
    return numbers[np.isfinite(numbers)]


def numbers_in(files: Sequence[FileProfile], column: str) -> bool:
    """Whether a column holds numbers in all files, with some in one of them."""
    profiles = [file.columns[column] for file in files]
    found = [profile for profile in profiles if profile.values]
    return bool(found) and all(profile.is_number for profile in found)


def code_place(code: str) -> tuple[float, str]:
    """Place of a code among others: numbers first, in their order."""
    is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?", code)
    return (float(code) if is_number else math.inf, code)
