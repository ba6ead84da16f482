"""Findings on policies: causal verbs for what the assignment caused, else a difference."""

from __future__ import annotations

from dataclasses import replace

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.measure import Measure, measure, numbers_of, others_of, when
from mlm.pages.findings.turn import clear_before, since_words, turn_words
from mlm.pages.labels import singular
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, is_clear
from mlm.pages.text import Run, say
from mlm.results.reading import At

CAUSED = "caused"


def is_caused(item: At, row: At) -> bool:
    """Whether a difference was caused by the assignment, and may be told by a causal verb."""
    return item.evidence.value == "randomised" and row.standing.value == CAUSED


def policy_findings(context: Context) -> list[Finding]:
    """For each policy and category: its effect, or how the groups differ; the clear ones first."""
    told = [(item, row) for item in context.results.policy for row in _told(item)]
    told.sort(key=lambda pair: not excludes_zero(pair[1]))
    later = [
        _finding(context, item, row, "later")
        for item, caused in told
        for row in _later(item, caused)
    ]
    return [*(_finding(context, item, row) for item, row in told), *later]


def _later(item: At, caused: At) -> list[At]:
    """The difference in the last wave, of those who attend then, beside an earlier effect."""
    if not is_caused(item, caused) or caused.wave.missing:
        return []
    last = [row for row in effects_by_wave(item) if _same(row, caused)][-1]
    if last.wave.missing or last.wave.value == caused.wave.value or is_caused(item, last):
        return []
    return [last]


def effects_by_wave(item: At) -> list[At]:
    """Effects of a policy by wave, where they were estimated; else the one for all waves."""
    if item.by_wave.value or field_of(item.value, "waves_apart") is None:
        return list(item.effects)
    return list(item.waves_apart.effects)


def _told(item: At) -> list[At]:
    """For each category what was caused, at the wave of assignment or the last one; else the last.

    Where the model has one difference for all waves, that is told if it was caused, and if no wave
    of it was.
    """
    rows, whole = effects_by_wave(item), list(item.effects)
    has_one = whole and not item.by_wave.value
    if has_one and (is_caused(item, whole[0]) or not any(is_caused(item, row) for row in rows)):
        rows = whole
    told: dict[str | None, At] = {}
    for row in rows:
        before = told.get(row.category.value)
        if before is None or _goes_before(item, row, before):
            told[row.category.value] = row
    return list(told.values())


def _goes_before(item: At, row: At, other: At) -> bool:
    """Whether an effect is told in place of another, of an earlier wave."""
    return is_caused(item, row) or not is_caused(item, other)


def _finding(context: Context, item: At, row: At, *names: str) -> Finding:
    caused, clear = is_caused(item, row), excludes_zero(row)
    found = measure(context, row, row.wave.value, context.spread_behind(row))
    if not clear:
        words = _no_difference(context, item, row, found, caused)
        short = _none(context, item, row, caused)
    else:
        told = _effect if caused else _difference
        words, short = (told(context, item, row, size) for size in (found, None))
    variable, category = item.variable.value, row.category.value
    made = Finding(
        key=key_of("policy", variable, category, *names),
        kind="policy",
        runs=words,
        short=short,
        section="policy",
        variable=variable,
        category=category,
        wave=row.wave.value,
        **numbers_of(row, found),
    )
    return made if clear or caused else replace(made, is_news=False)


def _parts(context: Context, item: At, row: At, is_sized: bool = False) -> dict[str, str]:
    labels, variable = context.labels, item.variable.value
    pair = (row.category.value, item.reference.value)
    members, others = _groups(context, variable, *pair)
    return {
        "members": _not_drawn(item, row, members) if is_sized else members,
        "others": others,
        "outcome": labels.phrase(labels.analysis.outcome),
        "when": when(context, row.wave.value, variable, pair),
    }


def _groups(
    context: Context, variable: str, category: str | None, reference: str | None
) -> tuple[str, str]:
    """Who is compared, in words; for a number one more of its unit, and no more."""
    labels = context.labels
    if category is None:
        more = _("one {step} more of {variable}").format(
            step=singular(labels.unit_of(variable)) or _("unit"), variable=labels.phrase(variable)
        )
        return more, _("no more")
    return labels.members(variable, category), others_of(context, variable, reference)


def _effect(context: Context, item: At, row: At, found: Measure | None) -> list[Run]:
    """An effect of the assignment."""
    up, parts = row.estimate.value > 0, _parts(context, item, row)
    if _is_of_persons(context, item) and not row.category.missing:
        name, labels = item.variable.value, context.labels
        parts |= {"category": labels.alone(name, row.category.value)}
        template = (
            _("{category}, drawn by lot, raised {outcome}{when}{by}.")
            if up
            else _("{category}, drawn by lot, lowered {outcome}{when}{by}.")
        )
    else:
        template = (
            _("{members} raised {outcome}{when}{by}.")
            if up
            else _("{members} lowered {outcome}{when}{by}.")
        )
    by = "" if found is None else say(_(" by {size}"), size=found.runs())
    return _say(template, parts | {"by": by}, is_short=found is None)


def _is_of_persons(context: Context, item: At) -> bool:
    """Whether the policy tells persons apart, and not units such as classes that it makes."""
    level = context.configuration.variables[item.variable.value].level
    names = [each.name for each in context.configuration.levels]
    return level not in names or level == names[-1]


def _difference(context: Context, item: At, row: At, found: Measure | None) -> list[Run]:
    """A difference that is no effect of the assignment."""
    parts = _parts(context, item, row, is_sized=found is not None)
    if row.category.missing:
        template = (
            _("With {members}, {outcome} was {size} higher{when}.")
            if row.estimate.value > 0
            else _("With {members}, {outcome} was {size} lower{when}.")
        )
        short = _("{outcome} with {members}")
        if found is None:
            return _say(short, parts, is_short=True)
        return _say(template, parts | {"size": found.runs()})
    if found is None:
        template = (
            _("{members} were above {others}{when}")
            if row.estimate.value > 0
            else _("{members} were below {others}{when}")
        )
        return _say(template, parts, is_short=True)
    template = (
        _("{members} were {size} above {others}{when}{before}{turn}.")
        if row.estimate.value > 0
        else _("{members} were {size} below {others}{when}{before}{turn}.")
    )
    more = {"before": [], "turn": []}
    if _has_course(context, item, row):
        course, moved = _course(item, row), _moved(context, item, row)
        before = since_words(context, course, moved)
        is_known = moved is not None and not moved.missing and excludes_zero(moved)
        turn = turn_words(context, course, has_first=is_known or not before, has_moved=True)
        before = before if is_known or not turn else []
        more = {"before": before, "turn": turn}
    return _say(template, parts | {"size": found.runs()} | more)


def _not_drawn(item: At, row: At, members: str) -> str:
    """Who is compared, and that no draw made them so: beside the number, before it is read."""
    if item.evidence.value != "randomised":
        return _("{members}, not drawn by lot,").format(members=members)
    if row.standing.value == "attended":
        return _("{members}, as attended by then,").format(members=members)
    return members


def _has_course(context: Context, item: At, row: At) -> bool:
    """Whether a difference is told beside those of earlier waves, from which it clearly differs."""
    if row.wave.missing or not is_clear(item.time_test, context.labels.analysis.alpha):
        return False
    return _course(item, row)[0][0] != row.wave.value


def _course(item: At, row: At) -> list[tuple[str, At]]:
    """The difference of a category in each wave."""
    return [(each.wave.value, each) for each in effects_by_wave(item) if _same(each, row)]


def _moved(context: Context, item: At, row: At) -> At | None:
    """The change of a difference since the first wave, where it was estimated."""
    by = context.results.over_time.by.find(variable=item.variable.value)
    if by is None or field_of(by.value, "groups") is None:
        return None
    group = by.groups.find(category=row.category.value)
    rows = [] if group is None else list(group.rows)
    return rows[-1].moved if rows and rows[-1].wave.value == row.wave.value else None


def _same(row: At, other: At) -> bool:
    return row.category.value == other.category.value


def _no_difference(context: Context, item: At, row: At, found: Measure, caused: bool) -> list[Run]:
    template = (
        _("{members} made no clear difference{when}: {most}.")
        if caused and (row.category.missing or not _is_of_persons(context, item))
        else _("No clear effect was found for {members}{when}: {most}.")
        if caused
        else _("No clear difference was found with {members}{when}: {most}.")
        if row.category.missing
        else _("{members} did not clearly differ from {others}{when}: {most}{before}.")
    )
    course = _course(item, row)
    is_last = not row.wave.missing and course[-1][0] == row.wave.value
    before = clear_before(context, course) if is_last else []
    parts = _parts(context, item, row) | {"most": found.excluded(), "before": before}
    return _say(template, parts)


def _none(context: Context, item: At, row: At, caused: bool) -> list[Run]:
    template = (
        _("{members} made no clear difference{when}.")
        if caused
        else _("No clear difference with {members}{when}")
        if row.category.missing
        else _("{members} did not clearly differ from {others}{when}.")
    )
    return _say(template, _parts(context, item, row), is_short=True)


def _say(template: str, parts: dict, is_short: bool = False) -> list[Run]:
    """The sentence with the parts that it names; without its full stop as a heading."""
    return say(template.rstrip(".") if is_short else template, **parts)
