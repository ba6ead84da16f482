"""What a reader of reports writes down: cells of tables into a system of counts.

A count is named by a tuple: what is counted, of which level or variable, in which wave.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable

from tests.attack.publication import HIDDEN, Publication, half_of, number_in
from tests.attack.system import System

DRAWN = "were imputed"  # of the values of covariates, in the card of the model


class Reader:
    """Reads cells of reports into a system, and keeps which counts are marked as hidden."""

    def __init__(self) -> None:
        self.system = System()
        self.hidden: set[Hashable] = set()

    def cell(self, key: Hashable, text: str | None) -> None:
        """A printed count, or its mark."""
        value = number_in(text)
        self.system.bound({key: 1.0}, 0.0, math.inf)
        if value is not None:
            self.system.equal({key: 1.0}, value)
        elif text and HIDDEN in text:
            self.hidden.add(key)

    def share(self, top: Hashable, bottom: Hashable, text: str | None) -> None:
        """A printed share or mean size: one count over another."""
        value = number_in(text)
        if value is not None:
            self.system.quotient(top, bottom, value, half_of(text) if "." in text else 0.5)


def waves_of(report: Publication) -> list[str]:
    """Labels of the waves, in order."""
    flow = report.tables["flow"]
    return [row[0] for row in flow.rows]


def is_imputed(report: Publication) -> bool:
    """Whether a report says that missing values of covariates were drawn."""
    cards = report.records("card")
    return any(DRAWN in row["This model"] for row in cards if row["Item"] == "Missing values")


def sum_of(reader: Reader, total: Hashable, parts: Iterable[Hashable]) -> None:
    """A count is the sum of others."""
    reader.system.equal({total: 1.0, **dict.fromkeys(parts, -1.0)})
