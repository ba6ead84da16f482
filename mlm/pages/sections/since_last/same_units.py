"""Which units of the last results are those of the present ones, and how many verdicts changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlm.nouns.ids.spelling import folded
from mlm.pages.context import Context
from mlm.pages.derived import ITEMS_NAMED, derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.previous import verdict
from mlm.pages.rounding import count
from mlm.pages.text import Part, Run, say
from mlm.results.reading import At

Pair = tuple[At, At]  # a unit before, and the same now


@dataclass(frozen=True)
class MatchedUnits:
    """Units of a level, now and before.

    Attributes
    ----------
    changed : list of Pair
        Units with another verdict.
    strangers : list of At
        Units of now that were not told before.
    """

    changed: list[Pair]
    strangers: list[At]


def match_units(item: At, before: At) -> MatchedUnits:
    """The units of a level that have another verdict than before, and those that are new.

    How ids are written may have changed (007 is 7 where the configuration ignores zeros): units
    are the same if nothing but spelling keeps them apart, unless that would make two of them one.

    Parameters
    ----------
    item, before : At
        Effects of the units, now and in the record.
    """
    if before.units.empty:
        return MatchedUnits([], [])
    now = [unit.unit for unit in item.units.value]
    then = [unit.unit for unit in before.units.value]
    keys = [[tuple(map(folded, ids)) for ids in units] for units in (now, then)]
    if any(len(set(own)) < len(own) for own in keys):
        keys = [now, then]
    places = {key: place for place, key in enumerate(keys[1])}
    changed, strangers = [], []
    for place, key in enumerate(keys[0]):
        earlier = places.get(key)
        if earlier is None:
            strangers.append(item.units[place])
        elif before.units.value[earlier].verdict != verdict(item.units.value[place]):
            changed.append((before.units[earlier], item.units[place]))
    return MatchedUnits(changed, strangers)


def match_words(
    context: Context, item: At, found: MatchedUnits, are_listed: bool
) -> Iterator[list[Run]]:
    """How many units have another verdict, and how many were not among those of before.

    Parameters
    ----------
    are_listed : bool
        Whether a table names those that may be named.
    """
    groups = capitalise(context.labels.plural(item.level.value))
    if found.changed:
        template = (
            _("{groups} with another verdict than before: {n}. Listed are those that may be named.")
            if are_listed
            else _("{groups} with another verdict than before: {n}. None of them is named.")
        )
        yield say(template, groups=groups, n=_number([unit for __, unit in found.changed]))
    if found.strangers:
        template = _(
            "{groups} that were not among those of before by their ids: {n}. Whether the verdict "
            "on them changed is not known."
        )
        yield say(template, groups=groups, n=_number(found.strangers))


def _number(units: Sequence[At]) -> Part:
    """How many units these are; in words where their number has too many sources."""
    if len(units) > ITEMS_NAMED:
        return _("very many")
    return count(derive("items", *(unit.unit for unit in units)))
