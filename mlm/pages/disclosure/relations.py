"""What is known of the counts of a survey: which of them add up to which.

A reader knows these relations as well as we do. They are taken from two places: from the sums and
differences that the report prints, and from the shape of the linked survey (rows read are rows
kept and rows excluded, units of a wave stay or leave). One that does not hold is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from mlm.pages.context import Context
from mlm.pages.disclosure.check_relations import check_relations, units_in
from mlm.pages.disclosure.result_relations.by_kind import result_relations
from mlm.pages.disclosure.survey_relations.groups import group_relations
from mlm.pages.disclosure.survey_relations.lacking import lacking_relations
from mlm.pages.disclosure.unit_relations import unit_relations
from mlm.results.reading import At, Source
from mlm.results.survey.account import CategorySummary

Terms = list[tuple[int, At]]


def key_of(source: Source) -> str:
    """A source as text: the same for every place that prints the same count."""
    return source if isinstance(source, str) else json.dumps(source, sort_keys=True)


def printed_relations(sources: Iterable[Source]) -> Iterator[list[tuple[int, Source]]]:
    """A relation for each sum or difference among the sources, and within them."""
    for source in sources:
        if isinstance(source, str):
            continue
        parts = source["of"]
        if source["op"] == "sum":
            yield [(1, source), *((-1, part) for part in parts)]
        elif source["op"] == "difference":
            yield [(1, source), (-1, parts[0]), (1, parts[1])]
        yield from printed_relations(parts)


def survey_relations(context: Context) -> Iterator[Terms]:
    """What the shape of the survey and of the results says."""
    yield from _rows(context)
    yield from attrition_relations(context)
    yield from _missing(context)
    yield from lacking_relations(context)
    yield from group_relations(context)
    yield from _recorded(context)
    yield from _nested(context)
    yield from check_relations(context.survey)
    results = context.results
    yield [(1, results.n_obs), *((-1, wave.rows) for wave in results.waves)]
    yield [(1, results.n_obs), (-1, context.levels[-1].n)]
    yield from unit_relations(context)
    yield from _of_units_told(context)
    yield from result_relations(context)


def _of_units_told(context: Context) -> Iterator[Terms]:
    """Units whose effects are told are those of their level."""
    sizes = {item.level.value: item.n for item in context.levels}
    for item in context.unit_effects:
        if item.level.value in sizes:
            yield [(1, item.n), (-1, sizes[item.level.value])]


def _rows(context: Context) -> Iterator[Terms]:
    """Rows read are kept or excluded; each stands for a unit of the lowest level."""
    for wave in context.survey.waves:
        read, kept = wave.rows_read, wave.rows_kept
        yield [(1, read), (-1, kept), *((-1, item.rows) for item in wave.excluded)]
        yield [(1, read), *((-1, item.rows_read) for item in wave.files)]
        for level in context.configuration.levels[-1:]:
            groups = wave.groups.find(level=level.name)
            if groups is not None:
                yield [(1, kept), (-1, groups.n)]
        used = context.results.waves.find(wave=wave.wave.value)
        for groups in used.groups if used is not None else ():
            yield [(1, used.rows), (-1, groups.n)]


def attrition_relations(context: Context) -> Iterator[Terms]:
    """Units of a wave stay or leave; those of the next one stayed or were not there."""
    totals: dict[tuple, At] = {}
    members: dict[tuple, list[At]] = {}
    for item in context.survey.attrition:
        level, start, end = item.level.value, item.wave.value, item.other.value
        totals[level, start, end] = item
        before, after = units_in(context.survey, level, start), units_in(context.survey, level, end)
        yield [(1, before), (-1, item.stay), (-1, item.leave)]
        yield [(1, after), (-1, item.stay), (-1, item.new)]
    for item in context.survey.attrition_by:
        place = (item.level.value, item.wave.value, item.other.value, item.variable.value)
        members.setdefault(place, []).append(item)
    for place, items in members.items():
        total = totals.get(place[:3])
        if total is not None:
            yield [(1, total.stay), *((-1, item.stay) for item in items)]
            yield [(1, total.leave), *((-1, item.leave) for item in items)]


def _missing(context: Context) -> Iterator[Terms]:
    """Where one variable alone is missing, its missing cells are the rows that are not used."""
    used = context.incomplete
    for wave in context.survey.waves:
        cells = [item.cells for item in wave.missing_ if item.variable.value in used]
        model = context.results.waves.find(wave=wave.wave.value)
        if cells and model is not None:
            yield [(1, wave.rows_kept), (-1, model.rows), *((-1, cell) for cell in cells)]


def _recorded(context: Context) -> Iterator[Terms]:
    """Categories of a variable and its missing cells add up to the rows kept."""
    for wave in context.survey.waves:
        for item in wave.variables:
            name = item.variable.value
            gone = [(-1, i.cells) for i in wave.missing_ if i.variable.value == name]
            yield [(1, wave.rows_kept), (-1, item.n), *gone]
            if isinstance(item.value, CategorySummary) and not item.counts.empty:
                yield [(1, item.n), *((-1, count.n) for count in item.counts)]
        for item in wave.roles.weights:
            yield [(1, wave.rows_kept), (-1, item.n), (-1, item.missing_)]
        for item in wave.roles.plausible_values:
            yield [(1, wave.rows_kept), (-1, item.all), (-1, item.some), (-1, item.none)]


def _nested(context: Context) -> Iterator[Terms]:
    """Units of the levels, told with the sizes of what they hold."""
    for item in context.survey.children:
        for sizes in item.by_wave:
            units = units_in(context.survey, item.level.value, sizes.wave.value)
            yield [(1, units), (-1, sizes.groups)]
