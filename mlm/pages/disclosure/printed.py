"""What a report prints: its numbers, with the tables and charts they stand in, and its charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlm.results.reading import Source

CHARTED = frozenset(
    {"data", "sources", "numbers", "hidden", "options"}
)  # parts of a chart without numbers


@dataclass
class Printed:
    """What a document or a part of it prints.

    Attributes
    ----------
    numbers : list of tuple
        Every printed number with the table or chart it stands in, or ``text``.
    figures : list of dict
        Every chart.
    tables : list of dict
        Every table.
    """

    numbers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)

    def take(self, value: dict[str, Any] | list[Any], place: str = "text") -> Printed:
        """Add what a part prints; lists and mappings alone are gone through, they hold the rest."""
        if isinstance(value, list):
            for item in value:
                if isinstance(item, (dict, list)):
                    self.take(item, place)
            return self
        if "source" in value:
            self.numbers.append((place, value))
            return self
        kind = value.get("type")
        if kind == "figure":
            place = value["id"]
            self.figures.append(value)
        if kind == "table":
            self.tables.append(value)
        for key, item in value.items():
            if isinstance(item, (dict, list)) and key not in CHARTED:
                self.take(item, value["id"] if kind == "table" and key == "rows" else place)
        return self


def drawn_numbers(figure: Mapping[str, Any]) -> Iterator[tuple[str, int, Source]]:
    """Column, position and source of every rounded number of a chart."""
    for column, sources in figure["numbers"].items():
        for position, source in enumerate(sources):
            if source is not None:
                yield column, position, source


def figure_sources(figure: Mapping[str, Any]) -> Iterator[tuple[str, int, Source]]:
    """Column, position and source of every value of a chart that has one."""
    for column, sources in figure["sources"].items():
        for position, source in enumerate(sources):
            if source is not None:
                yield column, position, source
