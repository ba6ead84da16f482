"""Whom a count counts: rows and pupils are persons, schools and counties hold many of them."""

from __future__ import annotations

import math

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.results.level import Level
from mlm.results.reading import Source, steps_of
from mlm.results.record import Record
from mlm.results.survey.account import EmptyUnits
from mlm.results.survey.checks import EmptyInUnits

ROWS = frozenset(
    {"rows", "cells", "children", "n_obs", "rows_read", "rows_kept", "read", "kept", "excluded"}
    | {"with_outcome"}
)
Unit = Level | str | None


def persons_in_each(source: Source, context: Context) -> int:
    """The fewest persons that one of the things counted surely holds; 1 for a person or a row.

    A count of units describes no person where each unit holds as many as the threshold: the
    number of counties, or of schools that take part.
    """
    counted, unit = _persons_without_values(source, context), unit_counted(source, context)
    if counted is not None or _are_persons(unit, context):
        return counted or 1
    return max(fewest_persons(unit, context), _persons_counted(source, context))


def name_of_unit(source: Source, context: Context) -> str:
    """Name of the level whose units are counted; that of persons for rows."""
    unit = unit_counted(source, context)
    name = unit.unit if isinstance(unit, Level) else unit
    return context.configuration.level_names[-1] if name in (None, context.lowest.unit) else name


def _persons_without_values(source: Source, context: Context) -> int | None:
    """Persons in each of the units in which an outcome is empty, on average; None elsewhere."""
    if not isinstance(source, str) or not source.endswith("/groups"):
        return None
    found = context.ways.values(source.rpartition("/")[0])[-1]
    if isinstance(found, EmptyInUnits):
        wave = context.survey.waves.find(wave=found.wave)
        same = {"variable": found.variable, "level": found.level}
        entry = None if wave is None else wave.empty_groups.find(**same)
        found = None if entry is None else entry.value
    if isinstance(found, EmptyUnits) and found.rows is not None and found.groups:
        return max(found.rows // found.groups, 1)
    return None


def _persons_counted(source: Source, context: Context) -> int:
    """Persons in each of the units counted, on average, where these were counted too; else 1."""
    if not isinstance(source, str) or not source.startswith("survey#/"):
        return 1
    place, __, field = source.rpartition("/")
    found = context.ways.values(place)[-1]
    counted = field_of(found, "persons") if isinstance(found, Record) else None
    persons = field_of(counted, field) if isinstance(counted, Record) else counted
    units = field_of(found, field) if persons else 0
    return max(persons // units, 1) if units else 1


def _are_persons(unit: Unit, context: Context) -> bool:
    """Whether what is counted are rows, or units that are persons."""
    if unit is None:
        return True
    configuration = context.configuration
    name = unit if isinstance(unit, str) else unit.unit
    return name in {configuration.level_names[-1], context.lowest.unit, *configuration.persons}


def unit_counted(source: Source, context: Context) -> Unit:
    """What a count counts: a level, units by their name, or None for rows."""
    if not isinstance(source, str):
        return unit_counted(source["of"][0], context) if source["of"] else None
    place, __, field = source.rpartition("/")
    if field in ROWS or source.partition("#")[0] not in context.inputs:
        return None
    if field == "clusters" or place == "results#/sample/clusters":
        return context.cluster_level
    steps = steps_of(place)[1]
    if steps and steps[-1] == "groups" and "waves" in steps:  # of a ledger: levels by name
        return steps_of(source)[1][-1]
    for value in reversed(context.ways.values(place)):
        found = _level_of(value, context) if isinstance(value, Record) else None
        if found is not None:
            return found
    return None


def _level_of(record: Record, context: Context) -> Unit:
    """The level that a record tells of; None where it tells of none."""
    if field_of(record, "level") is not None:
        return field_of(record, "level")
    name = field_of(record, "name")
    return name if name in context.configuration.level_names else None


def fewest_persons(unit: Unit, context: Context) -> int:
    """The fewest persons that a unit of a level surely holds.

    Of the rows of the smallest unit over all waves, where each of the pupils that are observed
    again has at most one row a wave, or of the pupils in it where they are counted.
    """
    if _are_persons(unit, context):
        return 1
    name = unit if isinstance(unit, str) else unit.unit
    found = [
        item
        for item in context.survey.hierarchy
        if item.level.value.unit == name and not item.rows.missing
    ]
    same = [item for item in found if item.level.value == unit]
    for item in same or found[:1]:
        waves = 1 if item.level.value.in_wave else context.rules.waves
        fewest = [1, math.ceil(item.rows.quantiles[0].value / waves)]
        if not item.child.missing and _are_persons(item.child.unit.value, context):
            fewest.append(math.floor(item.children.quantiles[0].value))
        return max(fewest)
    return 1
