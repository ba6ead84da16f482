"""Some items of a tuple of records, by what their fields have in common."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlm.results.reading import At
from mlm.results.storing.table_rows import column_of

HOW_COMPARED = {"is": operator.eq, "least": operator.ge}
"""How fields are compared with a value."""


class Some(Sequence):
    """Some items of a tuple, each viewed when it is asked for.

    Parameters
    ----------
    items : At
        The tuple.
    places : ndarray of int, optional
        Which; default: all.
    where : tuple of (str, str, object)
        What these have and no others: a field, how it is compared, with what.
    """

    def __init__(self, items: At, places: np.ndarray | None = None, where: tuple = ()):
        self.items, self.where = items, where
        self.places = np.arange(len(items)) if places is None else places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self.items[int(i)] for i in self.places[place]]
        return self.items[int(self.places[place])]

    def column(self, name: str) -> np.ndarray:
        """A field of each of them."""
        return column_of(self.items.value or (), name)[self.places]

    def only(self, field: str, how: str, value: Any) -> Some:
        """Those of them whose field compares so."""
        found = HOW_COMPARED[how](self.column(field), value)
        return Some(self.items, self.places[found], (*self.where, (field, how, value)))
