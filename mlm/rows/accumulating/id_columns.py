"""Id columns of a batch in their normal form: integers, or positions in normal texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.ids.identifier import Unfit, exact_below, normal_ids
from mlm.rows.accumulating.batches import Coded, missing_rows
from mlm.rows.messages import FIRST_CASES

MAX_INTEGER = np.iinfo(np.int64).max

FAULTS: dict[Unfit, tuple[str, str]] = {
    "rounded": (
        "holds a number that its type has rounded",
        "a double holds whole numbers exactly below 2^53 = 9007199254740992, a float of four bytes "
        "below 2^24 = 16777216; read the column as text or as integers where it is still whole",
    ),
    "date": ("holds a date such as 1-Jan, made by a spreadsheet", "export the column as text"),
    "not finite": ("is not finite", "give these rows an id"),
    "bytes": ("holds bytes", "expected text; decode them"),
    "kind": (
        "holds what is neither text nor a number nor a date",
        "expected names or numbers of the units",
    ),
    "hidden": (
        "holds characters that cannot be shown",
        "expected names or numbers of the units; the text seems damaged, or decoded wrongly",
    ),
    "empty": ("is an empty text", "every row needs an id"),
}
"""What is wrong with ids that are none, and what was expected or is to be done."""


class NormalIds:
    """One id column while its batches go by."""

    def __init__(self) -> None:
        self._known: tuple[np.ndarray, _NormalValues] | None = None

    def normal(
        self, column: np.ndarray | Coded
    ) -> tuple[np.ndarray | Coded, dict[Unfit, np.ndarray]]:
        """A column in normal form, and by reason its rows (bool, n) whose value is no id.

        Parameters
        ----------
        column : ndarray (n,) or Coded
            As a source hands it over.

        Returns
        -------
        column : ndarray of int (n,) or Coded
            Integers as they are; everything else as positions in texts, -1 where it was missing.
        unfit : dict of str to ndarray of bool (n,)
        """
        if isinstance(column, Coded):
            return self._of_values(column)
        if column.dtype.kind == "f":
            return self._of_floats(column)
        if column.dtype == np.uint64:
            small = column.max(initial=0) <= MAX_INTEGER
            return (column.astype(np.int64), {}) if small else self._of_values(_coded(column))
        return column, {}

    def _of_floats(self, column: np.ndarray) -> tuple[np.ndarray | Coded, dict[Unfit, np.ndarray]]:
        """Floating point numbers as integers where all of them are whole and exact."""
        with np.errstate(invalid="ignore"):
            is_whole = (np.trunc(column) == column) & (np.abs(column) < exact_below(column.dtype))
        return (column.astype(np.int64), {}) if is_whole.all() else self._of_values(_coded(column))

    def _of_values(self, column: Coded) -> tuple[Coded, dict[Unfit, np.ndarray]]:
        if self._known is None or self._known[0] is not column.values:
            self._known = column.values, _NormalValues.of(column.values)
        return self._known[1].of_column(column)


@dataclass(frozen=True)
class _NormalValues:
    """Distinct normal texts of some values, the place of each (None: its own), what is unfit."""

    texts: np.ndarray
    places: np.ndarray | None
    unfit: Mapping[Unfit, np.ndarray]

    @classmethod
    def of(cls, values: np.ndarray) -> _NormalValues:
        texts, unfit = normal_ids(values)
        if values.dtype.kind in "iu" or texts is values:
            return cls(texts, None, unfit)
        import pandas as pd

        places, distinct = pd.factorize(texts)
        return cls(np.asarray(distinct, dtype=object), places, unfit)

    def of_column(self, column: Coded) -> tuple[Coded, dict[Unfit, np.ndarray]]:
        found = {
            reason: np.append(where, False)[column.codes] for reason, where in self.unfit.items()
        }
        unfit = {reason: rows for reason, rows in found.items() if rows.any()}
        codes = column.codes if self.places is None else np.append(self.places, -1)[column.codes]
        return Coded(codes, self.texts), unfit


def _coded(column: np.ndarray) -> Coded:
    import pandas as pd

    return Coded(*pd.factorize(column))


def id_texts(name: str, column: np.ndarray | Coded) -> np.ndarray:
    """Normal ids of a column, shape (n,) of text.

    Raises
    ------
    SurveyError
        When an id is missing or none; with the first rows.
    """
    normal, unfit = NormalIds().normal(column)
    missing = missing_rows(normal)
    faults = {reason: np.flatnonzero(rows) for reason, rows in unfit.items()}
    if missing is not None:
        faults = {None: np.flatnonzero(missing), **faults}
    if faults:
        raise SurveyError(
            [
                fault_text(
                    name, reason, len(rows), ", ".join(f"row {r}" for r in rows[:FIRST_CASES])
                )
                for reason, rows in faults.items()
            ]
        )
    return (
        normal.values.astype(str)[normal.codes] if isinstance(normal, Coded) else normal.astype(str)
    )


def fault_text(name: str, reason: Unfit | None, count: int, cases: str) -> str:
    """What is said of ids that are missing (no reason) or none; ``cases`` are the first of them."""
    if reason is None:
        return f"id column {name} is missing in {count} rows ({cases}); every row needs one."
    wrong, advice = FAULTS[reason]
    return f"id column {name} {wrong} in {count} rows ({cases}); {advice}."
