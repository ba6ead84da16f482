"""Numbers computed from results, and the way back from a printed number to what is stored.

Every number printed in a report carries its source: a JSON pointer into one of the inputs
(``results#/null/shares/0/share``), or an operation over such pointers. ``trace`` follows a source
back to the number, so a test can check each printed number against the stored results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from mlm.results.reading import At, Source, steps_of, unescaped
from mlm.results.record import Record
from mlm.results.some_items import HOW_COMPARED, Some
from mlm.results.storing.table_rows import column_of
from mlm.results.storing.tabled import DataRows

OPERATIONS = {
    "sum": lambda values: sum(values),
    "count": lambda values: len(values[0]),
    "difference": lambda values: values[0] - values[1],
    "ratio": lambda values: values[0] / values[1],  # a count over another: a share
    "quotient": lambda values: values[0] / values[1],  # of sizes that count nobody
    "product": lambda values: values[0] * values[1],
    "negative": lambda values: -values[0],
    "root": lambda values: max(values[0], 0.0) ** 0.5,
    "items": lambda values: len(values),
    "two_below": lambda values: values[0] - 2 * values[1],  # two standard errors
    "two_above": lambda values: values[0] + 2 * values[1],
}


MATCHING = "matching"
"""The operation that counts the items of a list which have what is said under ``where``."""

ITEMS_NAMED = 10_000
"""Items of which each is named by the source of their number."""


def derive(operation: str, *parts: At) -> At:
    """What an operation makes of its parts; missing when one of them is missing.

    Parameters
    ----------
    operation : str
        A name among ``OPERATIONS``.
    parts : At
        Numbers, or lists for ``count``.
    """
    source = {"op": operation, "of": [part.source for part in parts]}
    if any(part.missing for part in parts):
        return At(None, source)
    return At(OPERATIONS[operation]([part.value for part in parts]), source)


def number_of(some: Some) -> At:
    """How many items of a tuple there are; the source of many names what they have in common."""
    if len(some) <= ITEMS_NAMED:
        return derive("items", *(item.unit for item in some))
    source = {"op": MATCHING, "of": [some.items.source], "where": [list(w) for w in some.where]}
    return At(len(some), source)


def _matching(rows: Sequence, where: Sequence) -> int:
    """How many rows have the fields."""
    records = rows.records if isinstance(rows, DataRows) else None
    found = np.ones(len(rows), dtype=bool)
    for field, how, value in where:
        own = [row[field] for row in rows] if records is None else column_of(records, field)
        found &= HOW_COMPARED[how](np.asarray(own, dtype=object), value).astype(bool)
    return int(found.sum())


def trace(source: Source, inputs: Mapping[str, Any]) -> Any:
    """The value a source stands for, read again from the stored inputs.

    Parameters
    ----------
    source : str or dict
        As carried by a printed number.
    inputs : mapping
        JSON of the inputs by name: ``results``, ``survey``, ``residuals``, ``previous``.
    """
    if isinstance(source, dict) and source["op"] == MATCHING:
        return _matching(trace(source["of"][0], inputs), source["where"])
    if isinstance(source, dict):
        return OPERATIONS[source["op"]]([trace(part, inputs) for part in source["of"]])
    name, steps = steps_of(source)
    value = inputs[name]
    for step in steps:
        value = value[int(step)] if isinstance(value, list | DataRows) else value[step]
    return value


class Ways:
    """The ways from the inputs down to places in them, each gone once.

    Parameters
    ----------
    records : mapping of str to Record
        The inputs by name.
    """

    def __init__(self, records: Mapping[str, Record | None]):
        self._ends = {f"{name}#": At(record, f"{name}#") for name, record in records.items()}
        self._values = {place: (at.value,) for place, at in self._ends.items()}

    def values(self, place: str) -> tuple[Any, ...]:
        """The records and tuples from an input down to a place in it, that place last.

        Parameters
        ----------
        place : str
            JSON pointer behind the name of the input.
        """
        if place not in self._values:
            before, slash, step = place.rpartition("/")
            if not slash:
                raise KeyError(place)
            around = self.values(before)
            at = self._ends[before].step(unescaped(step))
            self._ends[place], self._values[place] = at, (*around, at.value)
        return self._values[place]


def field_of(record: Record, name: str) -> Any:
    """A field of a record; None where its kind has no such field."""
    return getattr(record, name) if name in _names_of(type(record)) else None


@cache
def _names_of(kind: type[Record]) -> frozenset[str]:
    return frozenset(kind.model_fields)
