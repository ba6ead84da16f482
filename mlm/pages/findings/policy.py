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

    Where the model has one difference for all waves, and no wave of it was caused, that is told.
    """
    rows = effects_by_wave(item)
    if not item.by_wave.value and not any(is_caused(item, row) for row in rows):
        rows = list(item.effects)
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
    found = measure(context, row, row.wave.value, context.spread_behind(row))
    caused, clear = is_caused(item, row), excludes_zero(row)
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


def _parts(context: Context, item: At, row: At) -> dict[str, str]:
    labels, variable = context.labels, item.variable.value
    return {
        **_groups(context, variable, row.category.value, item.reference.value),
        "outcome": labels.phrase(labels.analysis.outcome),
        "when": when(context, row.wave.value),
    }


def _groups(
    context: Context, variable: str, category: str | None, reference: str | None
) -> dict[str, str]:
    """Who is compared, in words; for a number one more of its unit, and no more."""
    labels = context.labels
    if category is None:
        more = _("one {step} more of {variable}").format(
            step=singular(labels.unit_of(variable)) or _("unit"), variable=labels.phrase(variable)
        )
        return {"members": more, "others": _("no more")}
    members = labels.members(variable, category)
    return {"members": members, "others": others_of(context, variable, reference)}


def _effect(context: Context, item: At, row: At, found: Measure | None) -> list[Run]:
    """An effect of the assignment."""
    up, parts = row.estimate.value > 0, _parts(context, item, row)
    if _is_of_persons(context, item) and not row.category.missing:
        template = (
            _("A random draw raised {outcome}{when}{by} for {members}.")
            if up
            else _("A random draw lowered {outcome}{when}{by} for {members}.")
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
    parts = _parts(context, item, row)
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
    more = {"before": _before(context, item, row), "turn": _turn(context, item, row)}
    return _say(template, parts | {"size": found.runs()} | more)


def _turn(context: Context, item: At, row: At) -> list[Run]:
    """A wave between in which the groups were farther apart, or nearer, than in both outer ones."""
    if row.wave.missing or not is_clear(item.time_test, context.labels.analysis.alpha):
        return []
    own = [each for each in effects_by_wave(item) if _same(each, row)]
    return turn_words(context, [each.wave.value for each in own], own)


def _before(context: Context, item: At, row: At) -> list[Run]:
    """``, up from 10 in 2001``: the first wave, where the differences are not the same in all."""
    first = next(each for each in effects_by_wave(item) if _same(each, row))
    if first.wave.value == row.wave.value or row.wave.missing:
        return []
    if not is_clear(item.time_test, context.labels.analysis.alpha):
        return []
    return since_words(context, first.wave.value, first, row)


def _same(row: At, other: At) -> bool:
    return row.category.value == other.category.value


def _no_difference(context: Context, item: At, row: At, found: Measure, caused: bool) -> list[Run]:
    template = (
        _("{members} made no clear difference{when}: more than {most} is ruled out.")
        if caused and (row.category.missing or not _is_of_persons(context, item))
        else _(
            "No clear effect was found for {members}{when}: effects beyond {most} are ruled out."
        )
        if caused
        else _(
            "No clear difference was found with {members}{when}: differences beyond {most} are "
            "ruled out."
        )
        if row.category.missing
        else _(
            "{members} did not clearly differ from {others}{when}: differences beyond {most} are "
            "ruled out{before}."
        )
    )
    course = [(e.wave.value, e) for e in effects_by_wave(item) if _same(e, row)]
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
