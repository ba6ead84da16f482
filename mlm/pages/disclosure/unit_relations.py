"""Counts of units: those of the waves, of the models, and by the number of waves they are in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.disclosure.check_relations import Terms, units_in
from mlm.results.reading import At


def unit_relations(context: Context) -> Iterator[Terms]:
    """What numbers of units have to do with each other, told in one place or in several."""
    yield from _told_twice(context)
    yield from _of_all_waves(context)
    yield from relations_by_number_of_waves(context)
    yield from _of_the_models(context)
    yield from _without_outcome(context)


def _without_outcome(context: Context) -> Iterator[Terms]:
    """Units of a wave are in the models, have no value of the outcome, or lack covariates."""
    for wave in context.survey.waves:
        used = context.results.waves.find(wave=wave.wave.value)
        for item in wave.empty_groups if used is not None else ():
            whole = wave.groups.find(level=item.level.value)
            if whole is None or item.variable.value != context.labels.analysis.outcome:
                continue
            for same in used.groups:
                some = derive("difference", whole.n, item.groups)
                rest = derive("difference", some, same.n)
                if same.level.value.unit == item.level.value and rest.value >= 0:
                    yield [(1, whole.n), (-1, item.groups), (-1, same.n), (-1, rest)]


def _told_twice(context: Context) -> Iterator[Terms]:
    """The units of a wave, told by its ledger, by the survey and by the models.

    Within one wave a school and a school in that wave are the same unit.
    """
    for wave in context.survey.waves:
        for item in wave.groups:
            units = units_in(context.survey, item.level.value, wave.wave.value)
            yield [(1, item.n), (-1, units)]
    for level in context.survey.levels:
        for units in level.groups_by_wave:
            used = context.results.waves.find(wave=units.wave.value)
            for same in used.groups if used is not None else ():
                if same.level.value.unit == level.name.value:
                    yield [(1, units.groups), (-1, same.n)]
    for used in context.results.waves:
        groups = list(used.groups)
        for one in groups:
            for other in groups:
                if one.level.value.in_wave and other.level.value.unit == one.level.value.unit:
                    yield [(1, one.n), (-1, other.n)]


def _of_all_waves(context: Context) -> Iterator[Terms]:
    """Units that do not recur, and units in waves, are those of all waves added up."""
    for level in context.survey.levels:
        waves = [(-1, units.groups) for units in level.groups_by_wave]
        yield [(1, level.groups_total), *waves]
        yield [(1, level.groups_total), (-1, level.distinct)]
        for item in context.survey.hierarchy:
            if item.level.value.unit == level.name.value:
                yield [(1, item.groups), *waves]
                yield [(1, item.groups), (-1, level.groups_total)]
        yield from _none_left_out(context, level, waves)
    for item in context.levels:
        found = [used.groups.find(level=item.level.value) for used in context.results.waves]
        if all(each is not None for each in found):
            yield [(1, item.n), *((-1, each.n) for each in found)]


def _none_left_out(context: Context, level: At, waves: Terms) -> Iterator[Terms]:
    """The units of the models are all of the survey's, in all or in waves, if none is left out.

    Where some are, they are the others.
    """
    for item in context.levels:
        if item.level.value.unit != level.name.value:
            continue
        if item.level.value.in_wave:
            yield [(1, item.n), *waves]
        else:
            used = item.n if item.distinct.missing else item.distinct
            yield [(1, used), (-1, level.distinct)]
            never = derive("difference", level.distinct, used)
            yield [(1, level.distinct), (-1, used), (-1, never)]


def relations_by_number_of_waves(context: Context) -> Iterator[Terms]:
    """Units in one wave, two waves, ... are all; each counts in as many waves as it is in."""
    for level in context.survey.levels:
        if level.in_waves.empty:
            continue
        yield [(1, level.distinct), *((-1, item.units) for item in level.in_waves)]
        times = [(item.waves.value, item.units) for item in level.in_waves]
        yield [*times, *((-1, units.groups) for units in level.groups_by_wave)]
        once = level.in_waves.find(waves=1)
        for item in context.survey.hierarchy if once is not None else ():
            is_in_waves = not item.child.missing and item.child.unit.value == level.name.value
            if item.level.value.unit == level.name.value and is_in_waves:
                yield [(1, item.children.one), (-1, once.units)]
        steps = [item for item in context.survey.attrition if item.level.value == level.name.value]
        if steps and not level.groups_by_wave.empty:
            first = level.groups_by_wave[0].groups
            new = [((-1, item.new), (1, item.back)) for item in steps]
            yield [(1, level.distinct), (-1, first), *itertools.chain(*new)]


def _of_the_models(context: Context) -> Iterator[Terms]:
    """Rows of all waves are those of the models' lowest level before any is left out."""
    entries = list(context.survey.hierarchy)
    if entries:
        kept: list[At] = [wave.rows_kept for wave in context.survey.waves]
        yield [(1, entries[-1].groups), *((-1, each) for each in kept)]
    for item in context.survey.unit_changes:
        level = context.survey.levels.find(name=item.level.value)
        if level is not None:
            yield [(1, item.of), (-1, level.distinct)]
