"""Counts of units by their group of a policy: in two waves, and followed with their outcomes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mlm.pages.context import Context
from mlm.pages.disclosure.check_relations import Terms, units_in
from mlm.results.reading import At
from mlm.results.survey.account import CategorySummary


def group_relations(context: Context) -> Iterator[Terms]:
    """What numbers of units by group have to do with each other and with those of the waves."""
    yield from _in_two_waves(context)
    yield from _followed(context)
    for place, items in _by(context, "variable", "level", "wave", "other"):
        yield from _of_the_flow(context, *place[1:], items)
        yield from _with_outcomes(context, *place[1:], items)


def _in_two_waves(context: Context) -> Iterator[Terms]:
    """Units of a group in a wave are those of all groups of another wave, or of none there."""
    counted: dict[tuple, list[At]] = defaultdict(list)
    for item in context.survey.groups_in_waves:
        waves = item.wave.value, item.other.value
        for wave, category in zip(waves, (item.category, item.other_category), strict=True):
            if category.value is not None:
                place = (item.variable.value, item.level.value, waves, wave, category.value)
                counted[place].append(item)
    for (variable, level, __, wave, category), items in counted.items():
        for own in _in_ledger(context, variable, level, wave, category):
            yield [(1, own), *((-1, item.units) for item in items)]


def _in_ledger(
    context: Context, variable: str, level: str, wave: str, category: str
) -> Iterator[At]:
    """Rows of a category in a wave, where each is one of the units."""
    ledger = context.survey.waves.find(wave=wave)
    if level != context.configuration.level_names[-1] or ledger is None:
        return
    found = ledger.variables.find(variable=variable)
    if found is not None and isinstance(found.value, CategorySummary):
        own = found.counts.find(category=category)
        if own is not None:
            yield own.n


def _by(context: Context, *names: str) -> Iterable[tuple[tuple, list[At]]]:
    """Groups that are followed, gathered by some of their fields."""
    found: dict[tuple, list[At]] = defaultdict(list)
    for item in context.survey.groups_followed:
        found[tuple(getattr(item.value, name) for name in names)].append(item)
    return found.items()


def _followed(context: Context) -> Iterator[Terms]:
    """Units of a group are seen or gone, and those seen have a group and an outcome or not."""
    pairs: dict[tuple, list[At]] = defaultdict(list)
    for item in context.survey.groups_in_waves:
        place = (item.variable, item.level, item.wave, item.other, item.category)
        pairs[tuple(each.value for each in place)].append(item)
    for item in context.survey.groups_followed:
        variable, level, wave, other = (
            each.value for each in (item.variable, item.level, item.wave, item.other)
        )
        for each in item.outcomes:
            yield [(1, item.seen), (-1, each.known), (-1, each.missing_)]
        category = item.category.value
        if category is None:
            continue
        for own in _in_ledger(context, variable, level, wave, category):
            yield [(1, own), (-1, item.seen), (-1, item.gone)]
        if wave == other:
            continue
        there = pairs[variable, level, wave, other, category]
        grouped = [c.units for c in there if c.other_category.value is not None]
        without = [c.units for c in there if c.other_category.value is None]
        yield [(1, item.seen), (-1, item.ungrouped), *((-1, n) for n in grouped)]
        yield [(1, item.gone), (1, item.ungrouped), *((-1, n) for n in without)]


def _of_the_flow(
    context: Context, level: str, wave: str, other: str, items: list[At]
) -> Iterator[Terms]:
    """All groups together are the units of the wave, who stay or leave, and who come later."""
    survey = context.survey
    seen = [(-1, item.seen) for item in items if item.there.value]
    gone = [(-1, item.gone) for item in items if item.there.value]
    later = [(-1, item.seen) for item in items if not item.there.value]
    yield [(1, units_in(survey, level, wave)), *seen, *gone]
    yield [(1, units_in(survey, level, other)), *seen, *later]
    flow = survey.attrition.find(level=level, wave=wave, other=other)
    if flow is None:
        return
    yield [(1, flow.stay), *seen]
    yield [(1, flow.leave), *gone]
    yield [(1, flow.new), *later]
    for item in items:
        place = {"level": level, "wave": wave, "other": other, "variable": item.variable.value}
        told = survey.attrition_by.find(**place, category=item.category.value)
        if told is not None and item.there.value:
            yield [(1, told.stay), (-1, item.seen)]
            yield [(1, told.leave), (-1, item.gone)]


def _with_outcomes(
    context: Context, level: str, wave: str, other: str, items: list[At]
) -> Iterator[Terms]:
    """Those with an outcome in a wave are its rows with a value, those without its empty cells."""
    ledger = context.survey.waves.find(wave=other)
    if level != context.configuration.level_names[-1] or ledger is None:
        return
    for outcome in {each.outcome.value: None for item in items for each in item.outcomes}:
        own = [item.outcomes.find(outcome=outcome) for item in items]
        summary = ledger.variables.find(variable=outcome)
        if summary is not None:
            yield [(1, summary.n), *((-1, each.known) for each in own)]
        empty = [c.cells for c in ledger.missing_ if c.variable.value == outcome]
        yield [*((1, cells) for cells in empty), *((-1, each.missing_) for each in own)]
