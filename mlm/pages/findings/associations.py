"""Findings on numbers: what goes together with the outcome, and effects that differ."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.derived import derive, field_of
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.measure import among_words, measure, named_sd, numbers_of, time_of_sd, when
from mlm.pages.findings.turn import since_words, turn_words
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, is_made, p_adjusted
from mlm.pages.rounding import decimals_for_size, fixed
from mlm.pages.sections.slopes.words import foremost_of, kept_slopes
from mlm.pages.sizes import sd_of_wave
from mlm.pages.text import say
from mlm.pages.words.same_persons import compared_by
from mlm.pages.words.standardised import Standardised, per_sd, standardised
from mlm.results.reading import At


def association_findings(context: Context) -> list[Finding]:
    """The outcome by one standard deviation of each number, the clearest first.

    A number whose effect changes over the waves is told by its effect in the last of them; one in
    products with categories by that among their references, which the sentence names.
    """
    policies = {item.variable.value for item in context.results.policy}
    found = [
        _association(context, item)
        for item in context.results.associations
        if item.variable.value not in policies and _is_told(context, item)
    ]
    return [*_curved(context), *(finding for finding in found if finding is not None)]


def _is_told(context: Context, item: At) -> bool:
    """Whether a variable is a number of which one difference tells, in one wave at least."""
    rows = item.latest
    are_groups = all(context.labels.reference_value(other) for other in _others(context, item))
    return len(rows) == 1 and rows[0].category.missing and are_groups


def _others(context: Context, item: At) -> list[str]:
    """The variables but time that a number stands in products with."""
    factors = (factor.variable for term in item.terms.value for factor in term)
    return [
        each for each in dict.fromkeys(factors) if each not in (item.variable.value, context.time)
    ]


@dataclass(frozen=True)
class _Effect:
    """What one standard deviation of a number does in the last wave, or in all of them.

    Attributes
    ----------
    row : At or Standardised
        The difference, with its error and interval.
    sd : At
        The standard deviation.
    wave : str or None
        The wave; None: it is the same in all.
    course : tuple of (str, At)
        The difference in each wave, where it clearly changed; else none.
    moved : At or None
        The change since the first wave.
    among : tuple of str
        Variables among whose references it is told; none where it is that of all.
    """

    row: At | Standardised
    sd: At
    wave: str | None
    course: tuple[tuple[str, At], ...] = ()
    moved: At | None = None
    among: tuple[str, ...] = ()


def _effect(context: Context, item: At) -> _Effect | None:
    """None where the standard deviation is not known."""
    latest = item.latest[0]
    by = None if latest.wave.missing else _by_wave(context, item.variable.value)
    if by is not None:
        low, high = by.groups
        rows = list(high.rows)
        last, wave = rows[-1], rows[-1].wave.value
        sd = derive("difference", high.value_, low.value_)
        if last.moved.missing or not excludes_zero(last.moved):
            return _Effect(last.difference, sd, wave)
        course = tuple((row.wave.value, row.difference) for row in rows)
        return _Effect(last.difference, sd, wave, course, last.moved)
    row = standardised(context, item.variable.value, latest)
    among = tuple(_others(context, item))
    return None if row is None else _Effect(row, row.sd, latest.wave.value, among=among)


def _by_wave(context: Context, name: str) -> At | None:
    """Means by wave of those half a standard deviation below and above the mean of a number."""
    by = context.results.over_time.by.find(variable=name)
    return None if by is None or field_of(by.value, "groups") is None else by


def _curved(context: Context) -> list[Finding]:
    """The clearest association of all where it is a curve, which no one number tells."""
    item = next(iter(context.results.associations), None)
    if item is None or not item.latest.empty or not is_made(item.test):
        return []
    is_curve = any(factor.power > 1 for term in item.terms.value for factor in term)
    if not is_curve or p_adjusted(item.test).value >= context.results.reduction.alpha.value:
        return []
    labels, name = context.labels, item.variable.value
    parts = {"outcome": labels.phrase(labels.analysis.outcome), "variable": labels.phrase(name)}
    finding = Finding(
        key=key_of("association", name),
        kind="association",
        runs=say(
            _("{outcome} is most clearly related to {variable}, by a curve and not a line."),
            **parts,
        ),
        short=say(_("{outcome} and {variable}"), **parts),
        section="variables",
        variable=name,
    )
    return [finding]


def _association(context: Context, item: At) -> Finding | None:
    labels, name = context.labels, item.variable.value
    effect = _effect(context, item)
    if effect is None or not excludes_zero(effect.row):
        return None
    row, wave, course = effect.row, effect.wave, effect.course
    found = measure(context, row, wave)
    template = (
        _(
            "{outcome} was {size} higher{when} per standard deviation{sd} of "
            "{variable}{among}{same}{before}{turn}."
        )
        if row.estimate.value > 0
        else _(
            "{outcome} was {size} lower{when} per standard deviation{sd} of "
            "{variable}{among}{same}{before}{turn}."
        )
    )
    parts = {
        "outcome": labels.phrase(labels.analysis.outcome),
        "sd": per_sd(context, name, effect.sd),
        "variable": labels.phrase(name),
        "same": _same(context, name),
        "among": among_words(context, effect.among),
        "size": found.runs(),
        "when": when(context, wave, name, (None,)),
        "before": since_words(context, course, effect.moved) if course else [],
        "turn": turn_words(context, course, has_moved=True) if course else [],
    }
    short = _("{outcome} and {variable}")
    return Finding(
        key=key_of("association", name),
        kind="association",
        runs=say(template, **parts),
        short=say(short, **parts),
        section="variables",
        variable=name,
        wave=wave,
        **numbers_of(row, found),
    )


def _same(context: Context, name: str) -> str:
    """Who is compared, of a number that changes for those who are followed."""
    persons = context.labels.plural(context.configuration.level_names[-1])
    return {
        "persons": "",
        "mixed": _(" (in part within the same {persons})").format(persons=persons),
        "same_persons": _(" within the same {persons}").format(persons=persons),
    }[compared_by(context, name)]


def slope_finding(context: Context) -> Finding | None:
    """How much the foremost effect that differs between units does; None where none does."""
    kept = kept_slopes(context)
    if not kept:
        return None
    item = foremost_of(context, kept)
    labels, name = context.labels, item.variable.value
    category, spread = item.column.category.value, sd_of_wave(context, None)
    template = (
        _(
            "How far {members} lie from {reference} differs between {units} (standard deviation "
            "{sd} {unit}{size})."
        )
        if category is not None
        else _(
            "{outcome} rises with {variable} more steeply in some {units} than in others (standard "
            "deviation {sd} {unit}{size})."
        )
        if item.mean_effect.value > 0
        else _(
            "{outcome} falls with {variable} more steeply in some {units} than in others (standard "
            "deviation {sd} {unit}{size})."
        )
    )
    size = None if spread is None else fixed(derive("quotient", item.sd, spread), 2)
    sd = fixed(item.sd, decimals_for_size(item.sd.value, 2))
    parts = {
        "variable": labels.phrase(name),
        "units": labels.plural(item.level.value),
        "sd": sd.bold(),
        "unit": labels.unit,
        "outcome": labels.phrase(labels.analysis.outcome),
        "size": ""
        if size is None
        else say("; {size}", size=named_sd(size, time_of_sd(context, None))),
    }
    if category is not None:
        reference = labels.reference_value(name)
        parts |= {"members": labels.members(name, category)}
        parts |= {"reference": labels.members(name, reference)}
    return Finding(
        key=key_of("slope", name, item.level.value.unit),
        kind="slope",
        runs=say(template, **parts),
        short=say(_("Differences between {units} in {variable}"), **parts),
        section="slopes",
        variable=name,
        category=category,
        unit=labels.unit,
        estimate=sd,
        size=size,
    )
