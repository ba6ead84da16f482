"""Counts that checks and doubts of a survey repeat from its account: each equals the one there."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.results.level import Level
from mlm.results.reading import At

Terms = list[tuple[int, At]]


def check_relations(survey: At) -> Iterator[Terms]:
    """What the numbers of checks and doubts are in the account.

    Parameters
    ----------
    survey : At
        View of a SurveyAccount.
    """
    for check in survey.checks:
        found = CHECKED.get(check.kind.value)
        if found is not None:
            yield from found(survey, check)
    for doubt in survey.separability:
        yield from _doubted(survey, doubt)


def units_in(survey: At, level: str, wave: str) -> At:
    """Units of a level in a wave; missing where they are not told."""
    found = survey.levels.find(name=level)
    units = found.groups_by_wave.find(wave=wave) if found is not None else None
    return At(None, f"survey#/levels/{level}/{wave}") if units is None else units.groups


def _same(one: At, other: At) -> Terms:
    return [(1, one), (-1, other)]


def _recurs(survey: At, check: At) -> Iterator[Terms]:
    level, wave, other = check.level.value, check.wave.value, check.other.value
    flow = survey.attrition.find(level=level, wave=wave, other=other)
    if flow is not None:
        yield _same(check.stay, flow.stay)
    yield _same(check.before, units_in(survey, level, wave))
    yield _same(check.after, units_in(survey, level, other))


def _rows(survey: At, check: At) -> Iterator[Terms]:
    yield [(1, check.read), (-1, check.kept), (-1, check.excluded)]
    wave = survey.waves.find(wave=check.wave.value)
    yield _same(check.read, wave.rows_read)
    yield _same(check.kept, wave.rows_kept)


def _cells(survey: At, check: At) -> Iterator[Terms]:
    wave = survey.waves.find(wave=check.wave.value)
    yield [(1, check.cells), *((-1, item.cells) for item in wave.missing_)]


def _empty(survey: At, check: At) -> Iterator[Terms]:
    wave, level = survey.waves.find(wave=check.wave.value), check.level.value
    units = wave.empty_groups.find(variable=check.variable.value, level=level)
    yield _same(check.groups, units.groups)
    yield _same(check.of, wave.groups.find(level=level).n)


def _weight(survey: At, check: At) -> Iterator[Terms]:
    wave = survey.waves.find(wave=check.wave.value)
    weight = wave.roles.weights.find(variable=check.variable.value)
    yield _same(check.n, weight.n)
    yield _same(check.missing_, weight.missing_)
    yield _same(check.zero, weight.zero)


def _plausible_values(survey: At, check: At) -> Iterator[Terms]:
    wave = survey.waves.find(wave=check.wave.value)
    found = wave.roles.plausible_values.find(outcome=check.outcome.value)
    yield _same(check.all, found.all)
    yield _same(check.some, found.some)


def _share(survey: At, check: At) -> Iterator[Terms]:
    for name, share in ((check.wave, check.before), (check.other, check.after)):
        found = survey.waves.find(wave=name.value).variables.find(variable=check.variable.value)
        yield _same(share.n, found.counts.find(category=check.category.value).n)
        yield _same(share.of, found.n)


def _moments(survey: At, check: At) -> Iterator[Terms]:
    for name, moments in ((check.wave, check.before), (check.other, check.after)):
        found = survey.waves.find(wave=name.value).variables.find(variable=check.variable.value)
        yield _same(moments.n, found.n)


def _stable(survey: At, check: At) -> Iterator[Terms]:
    """Units that are compared over waves are those found in several, where all have the fact."""
    level = survey.levels.find(name=check.level.value)
    once = level.in_waves.find(waves=1)
    yield [(1, level.distinct), (-1, check.compared), *([] if once is None else [(-1, once.units)])]


CHECKED = {
    "recurs": _recurs,
    "stable": _stable,
    "rows_add_up": _rows,
    "cells_add_up": _cells,
    "empty_in_units": _empty,
    "weight_complete": _weight,
    "plausible_values_complete": _plausible_values,
    "share_moves": _share,
    "mean_moves": _moments,
    "spread_moves": _moments,
}


def _doubted(survey: At, doubt: At) -> Iterator[Terms]:
    kind = doubt.kind.value
    if kind in ("one_child", "few_groups"):
        yield _same(doubt.groups, _groups(survey, doubt.level.value))
    if kind == "one_child":
        yield _same(doubt.children, _groups(survey, doubt.child.value))
    if kind == "codes_reused":
        yield _same(doubt.units, survey.levels.find(name=doubt.level.value).groups_total)
    if kind == "saturated":
        level = survey.levels.find(name=doubt.level.value)
        yield _same(doubt.groups, level.groups_total)


def _groups(survey: At, level: Level) -> At:
    return survey.hierarchy.find(level=level).groups
