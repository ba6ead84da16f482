"""What the statistics of a long table are, and where in the results each is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mlm.pages.tidy_table.of_rows_alike import (
    STATISTICS_OF_IMPUTATIONS,
    STATISTICS_OF_ROWS_ALIKE,
)
from mlm.pages.tidy_table.of_samples import STATISTICS_OF_SAMPLES
from mlm.pages.tidy_table.statistic import Statistic

STATISTICS = (*STATISTICS_OF_ROWS_ALIKE, *STATISTICS_OF_IMPUTATIONS, *STATISTICS_OF_SAMPLES)


@cache
def _patterns() -> list[tuple[Statistic, str, re.Pattern[str]]]:
    """Places of the estimates of all measures: that of the record, and what follows the field.

    In the middle what they begin with, up to what may be any step.
    """
    found = []
    for kind in STATISTICS:
        start = re.escape(kind.place).replace(r"\*", "[^/]+")
        field, ending = parts_of(kind.fields["estimate"])
        end = re.escape(ending).replace(r"\*", "[^/]+")
        whole = re.compile(f"({start})/{field}({end})")
        found.append((kind, kind.place.partition("*")[0], whole))
    return found


def parts_of(field: str) -> tuple[str, str]:
    """A field, and the pattern of the steps behind it."""
    name, slash, steps = field.partition("/")
    return name, slash + steps


def statistics_at(source: str) -> Iterator[tuple[Statistic, str, str]]:
    """The measures of which a source is the estimate: each with its record and steps behind it."""
    for kind, beginning, pattern in _patterns():
        match = pattern.fullmatch(source) if source.startswith(beginning) else None
        if match is not None:
            yield kind, match[1], match[2]
