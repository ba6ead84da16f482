"""Findings on gaps: how far groups of persons lie apart, and whether the gap changed over waves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mlm.pages.context import Context
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gap import Gap, finding_of, parts_of
from mlm.pages.findings.measure import in_words, measure, outer
from mlm.pages.findings.same_persons import of_same_persons
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, unsigned
from mlm.pages.words.same_persons import compared_by
from mlm.pages.words.seen_groups import points_seen
from mlm.results.reading import At


def gap_findings(context: Context, gaps: Sequence[Gap]) -> list[Finding]:
    """Gaps between groups of persons, each with how it moved.

    Parameters
    ----------
    gaps : sequence of Gap
        The clearest first.
    """
    found: list[Finding] = []
    for gap in gaps:
        if gap.compared == "same_persons":
            found.append(of_same_persons(context, gap))
        elif gap.moved is None:
            found.append(_level(context, gap))
        elif _is_told_as_change(gap):
            found.append(_change(context, gap))
        else:
            found += [_level(context, gap), _no_change(context, gap)]
    return found


def adjusted_gaps(context: Context) -> list[Gap]:
    """The largest difference within each variable of persons, the clearest variable first."""
    policies = {item.variable.value for item in context.results.policy}
    found = []
    for item in context.results.associations:
        name = item.variable.value
        if name not in policies and is_of_persons(context, name):
            gap = _by_wave(context, name) or _constant(context, item)
            if gap is not None:
                found.append(replace(gap, compared=compared_by(context, name)))
    return found


def is_of_persons(context: Context, name: str) -> bool:
    """Whether a variable tells groups of persons apart, and not of schools."""
    variable = context.configuration.variables.get(name)
    names = context.configuration.level_names
    return (
        variable is not None
        and variable.is_category
        and (variable.level not in names or variable.level == names[-1])
    )


def _by_wave(context: Context, name: str) -> Gap | None:
    """The gap of the last wave, where the differences are told by wave."""
    by = context.results.over_time.by.find(variable=name)
    if by is None or by.groups[0].category.missing:
        return None
    reference = by.groups[0].category.value
    seen = {
        group.category.value: points_seen(context, by, group)
        for group in by.groups
        if group.category.value != reference
    }
    last, first = context.results.time.waves.value[-1], context.results.time.waves.value[0]
    ends = {c: points[-1] for c, points in seen.items() if points and points[-1].wave.value == last}
    if not ends:
        return None
    widest = outer([end.difference for end in ends.values()])
    category = next(c for c, end in ends.items() if end.difference.source == widest.source)
    points, end = seen[category], ends[category]
    is_moved = points[0].wave.value == first and not end.moved.missing
    course = tuple((point.wave.value, point.difference) for point in points)
    moved = end.moved if is_moved else None
    return Gap(name, category, reference, widest, last, moved, course, "change")


def _constant(context: Context, item: At) -> Gap | None:
    """The gap that does not change with time, among the reference of what else it changes with."""
    rows, name = [row for row in item.latest if not row.category.missing], item.variable.value
    factors = (factor.variable for term in item.terms.value for factor in term)
    among = tuple(dict.fromkeys(other for other in factors if other not in (name, context.time)))
    are_groups = all(context.labels.reference_value(other) is not None for other in among)
    if not rows or not are_groups or not all(row.wave.missing for row in rows):
        return None
    row = outer(rows)
    reference = context.labels.reference_value(name)
    return Gap(name, row.category.value, reference, row, None, among=among)


def _is_told_as_change(gap: Gap) -> bool:
    """Whether a gap clearly moved, with the same group ahead in both waves."""
    signs = gap.first.estimate.value * gap.row.estimate.value
    return excludes_zero(gap.moved) and signs > 0


def _told(context: Context, gap: Gap) -> dict[str, Any]:
    return parts_of(context, gap, gap.moved is not None and _is_told_as_change(gap))


def _level(context: Context, gap: Gap) -> Finding:
    found, clear = measure(context, gap.row, gap.wave), excludes_zero(gap.row)
    up = gap.row.estimate.value > 0
    template = (
        _(
            "{members} did not clearly differ from {others}{when}: differences beyond {most} are "
            "ruled out."
        )
        if not clear
        else _("{members} were {size} above {others}{when}{turn}.")
        if up
        else _("{members} were {size} below {others}{when}{turn}.")
    )
    parts = _told(context, gap) | {"size": found.runs(), "most": found.excluded()}
    short = (
        _("No clear gap between {members} and {reference}")
        if not clear
        else _("{members} were above {others}{when}")
        if up
        else _("{members} were below {others}{when}")
    )
    return finding_of(context, gap, "gap", gap.row, found, (template, short), parts, clear)


def _change(context: Context, gap: Gap) -> Finding:
    grew = abs(gap.row.estimate.value) > abs(gap.first.estimate.value)
    found = measure(context, gap.moved, gap.wave)
    template = (
        _("The gap between {members} and {reference} grew by {size} to {last} in {end}{turn}.")
        if grew
        else _(
            "The gap between {members} and {reference} narrowed by {size} to {last} in {end}{turn}."
        )
    )
    short = (
        _("The gap between {members} and {reference} grew")
        if grew
        else _("The gap between {members} and {reference} narrowed")
    )
    parts = _told(context, gap) | {
        "size": found.runs(),
        "last": _number(gap.row),
        "end": context.labels.wave(gap.wave),
    }
    return finding_of(context, gap, "gap", gap.moved, found, (template, short), parts, True)


def _no_change(context: Context, gap: Gap) -> Finding:
    """What is excluded of a change that is not clear."""
    found = measure(context, gap.moved, gap.wave)
    template = _(
        "The gap between {members} and {reference} did not clearly change from {start} to {end}: "
        "changes beyond {most} are ruled out."
    )
    short = _("No clear change of the gap between {members} and {reference}")
    parts = _told(context, gap) | {
        "start": context.labels.wave(gap.start),
        "end": context.labels.wave(gap.wave),
        "most": found.excluded(),
    }
    return finding_of(context, gap, "gap-change", gap.moved, found, (template, short), parts, False)


def _number(row: At):
    return in_words(unsigned(row.estimate), row)
