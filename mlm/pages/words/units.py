"""Units by the ids that they have in the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mlm.pages.labels import Labels
from mlm.pages.language import _, ngettext
from mlm.pages.rounding import count
from mlm.pages.text import Run, or_else, say
from mlm.results.level import Level
from mlm.results.reading import At


def unit_name(ids: Sequence[str]) -> str:
    """A unit by its id, the ids of the units around it before it: ``12 / 3``."""
    return " / ".join(ids)


def units_in_order(units: Iterable[At]) -> list[At]:
    """Units in the order of their ids: numbers in these by their size, ``School 9`` before ``10``.

    Parameters
    ----------
    units : iterable of At
        Records of units; their ids in ``unit``.
    """
    return sorted(units, key=lambda unit: _place(unit.unit.value))


def _place(ids: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    return [
        [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]
        for parts in (re.split(r"([0-9]+)", each) for each in ids)
    ]


def counted_units(labels: Labels, level: Level, size: At) -> list[Run]:
    """So many units: ``80 schools``, ``1 county``; that the number is hidden where it is.

    Parameters
    ----------
    labels : Labels
        Names of the level.
    level : Level
        Of the units.
    size : At
        How many.
    """
    one, many = labels.level(level), labels.plural(level)
    units = ngettext(one, many, size.value)
    hidden = _("{units} (number hidden)").format(units=many)
    return or_else(say("{n} {units}", n=count(size), units=units), hidden)
