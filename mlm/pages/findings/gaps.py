"""Findings on gaps: how far groups of persons lie apart, and whether the gap changed over waves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mlm.pages.context import Context
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gap import Gap, finding_of, parts_of
from mlm.pages.findings.measure import Measure, measure, outer, told
from mlm.pages.findings.same_persons import of_same_persons
from mlm.pages.findings.turn import clear_before
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero
from mlm.pages.text import Run, say
from mlm.pages.words.same_persons import compared_by, is_blended
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
            found.append((_change if excludes_zero(gap.row) else _closed)(context, gap))
        else:
            found.append(_level(context, gap))
            found += [_no_change(context, gap)] if excludes_zero(gap.row) else []
    return found


def adjusted_gaps(context: Context) -> list[Gap]:
    """The largest difference within each variable, the clearest variable first; persons first.

    None of a category that changes for the persons, unless the model splits its effect.
    """
    found = []
    for item in context.results.associations:
        name = item.variable.value
        if _has_gap(context, name) and not is_blended(context, name):
            gap = _by_wave(context, name) or _constant(context, item)
            if gap is not None:
                found.append(replace(gap, compared=compared_by(context, name)))
    return sorted(found, key=lambda gap: not is_of_persons(context, gap.variable))


def blended_words(context: Context) -> list[list[Run]]:
    """Of which groups it is not told how far they lie apart, as persons change between them."""
    names = [item.variable.value for item in context.results.associations]
    blends = [name for name in names if _has_gap(context, name) and is_blended(context, name)]
    persons = context.labels.plural(context.configuration.level_names[-1])
    template = _(
        "How far groups by {variable} lie apart: the same {persons} change from one to the other."
    )
    phrase = context.labels.phrase
    return [say(template, variable=phrase(name), persons=persons) for name in blends]


def _has_gap(context: Context, name: str) -> bool:
    """Whether a variable has groups, and is no policy."""
    policies = {item.variable.value for item in context.results.policy}
    variable = context.configuration.variables.get(name)
    return name not in policies and variable is not None and variable.is_category


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
    is_change = gap.moved is not None and _is_told_as_change(gap)
    return parts_of(context, gap, is_change, has_moved=is_change)


def _level(context: Context, gap: Gap) -> Finding:
    found, clear = measure(context, gap.row, gap.wave), excludes_zero(gap.row)
    up = gap.row.estimate.value > 0
    template = (
        _("{members} did not clearly differ from {others}{when}: {most}{before}.")
        if not clear
        else _("{members} were {size} above {others}{when}{turn}.")
        if up
        else _("{members} were {size} below {others}{when}{turn}.")
    )
    parts = _told(context, gap) | {"size": found.runs(), "most": found.excluded()}
    parts |= {"before": clear_before(context, gap.course)}
    short = (
        _("No clear gap between {members} and {reference}")
        if not clear
        else _("{members} were above {others}{when}")
        if up
        else _("{members} were below {others}{when}")
    )
    return finding_of(context, gap, "gap", gap.row, found, (template, short), parts, clear)


def _change(context: Context, gap: Gap) -> Finding:
    """Who is ahead in the last wave, and how the gap moved since the first."""
    up = gap.row.estimate.value > 0
    grew = abs(gap.row.estimate.value) > abs(gap.first.estimate.value)
    found = measure(context, gap.moved, gap.wave, is_change=True)
    template = {
        (True, True): _(
            "{members} were {last} above {others} in {end}, {size} more than in {start}{turn}."
        ),
        (True, False): _(
            "{members} were {last} above {others} in {end}, {size} less than in {start}{turn}."
        ),
        (False, True): _(
            "{members} were {last} below {others} in {end}, {size} more than in {start}{turn}."
        ),
        (False, False): _(
            "{members} were {last} below {others} in {end}, {size} less than in {start}{turn}."
        ),
    }[up, grew]
    short = (
        _("The gap between {members} and {reference} grew")
        if grew
        else _("The gap between {members} and {reference} narrowed")
    )
    last = replace(measure(context, gap.row, gap.wave), size=None)
    parts = _told(context, gap) | _outer_waves(context, gap)
    parts |= {"size": found.runs(), "last": last.runs()}
    return finding_of(context, gap, "gap", gap.moved, found, (template, short), parts, True)


def _closed(context: Context, gap: Gap) -> Finding:
    """How far a gap narrowed of which the last wave shows none that is clear."""
    found = measure(context, gap.moved, gap.wave, is_change=True)
    template = (
        _(
            "The gap between {members} and {reference} narrowed by {size} from {start} to "
            "{end}{turn}."
        )
        if not excludes_zero(gap.first)
        else _(
            "{members} were {first} above {others} in {start} but did not clearly differ from them "
            "in {end}: the gap narrowed by {size}{turn}."
        )
        if gap.first.estimate.value > 0
        else _(
            "{members} were {first} below {others} in {start} but did not clearly differ from them "
            "in {end}: the gap narrowed by {size}{turn}."
        )
    )
    short = _("The gap between {members} and {reference} narrowed")
    parts = _told(context, gap) | _outer_waves(context, gap)
    parts |= {"size": found.runs(), "first": told(context, gap.first)}
    return finding_of(context, gap, "gap", gap.moved, found, (template, short), parts, True)


def _no_change(context: Context, gap: Gap) -> Finding:
    """What is excluded of a change that is not clear."""
    found, signs = (
        measure(context, gap.moved, gap.wave, is_change=True),
        gap.first.estimate.value * gap.row.estimate.value,
    )
    is_one_sided = signs > 0 and excludes_zero(gap.row)
    template = (
        _(
            "The gap between {members} and {reference} did not clearly differ between {start} and "
            "{end}: {most}{turn}."
        )
        if not is_one_sided
        else _(
            "How far {members} were above {others} did not clearly differ between {start} and "
            "{end}: {most}{turn}."
        )
        if gap.row.estimate.value > 0
        else _(
            "How far {members} were below {others} did not clearly differ between {start} and "
            "{end}: {most}{turn}."
        )
    )
    short = _("No clear change of the gap between {members} and {reference}")
    parts = parts_of(context, gap, has_first=True) | _outer_waves(context, gap)
    parts |= {"most": _moved_words(context, gap, found, is_one_sided)}
    return finding_of(context, gap, "gap-change", gap.moved, found, (template, short), parts, False)


def _moved_words(context: Context, gap: Gap, found: Measure, is_one_sided: bool) -> list[Run]:
    """How far a gap may have moved, each way where the two are not about alike."""
    members = context.labels.members(gap.variable, gap.category)
    even = _("it moved by at most {most} either way")
    if not is_one_sided:
        uneven = _("{members} moved between {low} down and {high} up")
    elif gap.row.estimate.value > 0:
        uneven = _("it moved between {low} less and {high} more")
    else:
        uneven = _("it moved between {high} less and {low} more")
    return found.excluded(even, uneven, members=members)


def _outer_waves(context: Context, gap: Gap) -> dict[str, str]:
    return {"start": context.labels.wave(gap.start), "end": context.labels.wave(gap.wave)}
