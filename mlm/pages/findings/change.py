"""The finding on change: growth of the same pupils, or the mean from the first wave to the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlm.pages.context import Context
from mlm.pages.derived import derive, field_of
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.measure import measure, numbers_of, told, with_unit
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, unsigned
from mlm.pages.rounding import decimals_for_mean, fixed
from mlm.pages.text import Run, say
from mlm.results.reading import At


def change_findings(
    context: Context, means: Iterable[At], section: str = "change"
) -> list[Finding]:
    """Change from the first to the last wave, after a rise and fall where that is none.

    None with one wave.

    Parameters
    ----------
    means : iterable of At
        Means by wave, each with its change since the first.
    section : str
        Of the report, with the details.
    """
    means = list(means)
    if not context.is_longitudinal or len(means) < 2:
        return []
    last = means[-1]
    change, wave, clear = last.change, last.wave.value, excludes_zero(last.change)
    found, up = measure(context, change, wave, is_change=True), change.estimate.value > 0
    peak = _peak(means)
    mix = section == "change" and not is_growth(context) and _is_adjusted(context)
    raw = _raw(context, means[0], last) if mix else None
    template = _template(context, clear, up, raw, mix)
    parts = {
        "outcome": context.labels.phrase(context.labels.analysis.outcome),
        "units": context.labels.plural(context.configuration.level_names[-1]),
        "size": found.runs(),
        "most": found.excluded(),
        "raw": [] if raw is None else _raw_words(context, raw, found.value.decimals),
        "start": context.labels.wave(means[0].wave.value),
        "end": context.labels.wave(wave),
        "turn": [*_link(change), *(_turn(context, peak) if clear else [])],
    }
    whole = Finding(
        key="change",
        kind="change",
        runs=say(template, **parts),
        short=_short(context, clear, up, mix, parts),
        section=section,
        variable=context.time,
        wave=wave,
        **numbers_of(change, found),
        is_news=clear,
    )
    has_turned = not clear and peak is not None
    return [*([_turned(context, means[0], peak, mix, section)] if has_turned else []), whole]


def _is_adjusted(context: Context) -> bool:
    """Whether the means are those of the same mix: the model has another variable than time."""
    factors = (factor for term in context.results.settled.terms.value for factor in term)
    return any(factor.variable != context.time for factor in factors)


def _raw(context: Context, first: At, last: At) -> At | None:
    """The change of the means of the rows; None where one of them may not be shown."""
    names = [mean.wave.value for mean in (first, last)]
    waves = [context.results.waves.find(wave=name) for name in names]
    is_hidden = context.rules.is_public and context.dominated_waves.intersection(names)
    if is_hidden or any(wave is None or wave.mean.missing for wave in waves):
        return None
    return derive("difference", waves[1].mean, waves[0].mean)


def _raw_words(context: Context, raw: At, decimals: int) -> list[Run]:
    """Its size, with no more decimals than the means themselves are printed with."""
    waves = list(context.results.waves)
    least = min(decimals_for_mean(wave.sd.value, wave.rows.value) for wave in waves)
    return with_unit(fixed(unsigned(raw), min(decimals, least)), context.labels.unit)


def _link(change: At) -> list[Run]:
    """That the error holds that of the link between the scales of the waves."""
    has_link = field_of(change.value, "linking_error") is not None
    return say(_(", the error of linking the scales included")) if has_link else []


def _peak(means: Sequence[At]) -> At | None:
    """The wave between the first and the last whose mean lies clearly above, or below, both."""
    last = means[-1].change
    moves = [(mean, mean.change) for mean in means[1:-1]]
    high = [
        each
        for each in moves
        if each[1].lower.value > 0 and each[1].estimate.value > last.upper.value
    ]
    low = [
        each
        for each in moves
        if each[1].upper.value < 0 and each[1].estimate.value < last.lower.value
    ]
    found = high or low
    return max(found, key=lambda each: abs(each[1].estimate.value))[0] if found else None


def _turn(context: Context, peak: At | None) -> list[Run]:
    """``, after a rise of 12.1 points by Grade 2``: what the outer waves would hide."""
    if peak is None:
        return []
    return say(
        _(", after a rise of {value} by {wave}")
        if peak.change.estimate.value > 0
        else _(", after a fall of {value} by {wave}"),
        wave=context.labels.wave(peak.wave.value),
        value=told(context, peak.change),
    )


def is_growth(context: Context) -> bool:
    """Whether the same pupils are measured again: change is their growth, and no standard."""
    return context.configuration.design.follows_lowest


def _template(context: Context, clear: bool, up: bool, raw: At | None, mix: bool) -> str:
    if raw is not None:
        return _raw_template(clear, up, raw.value >= 0)
    if mix:
        return _mix_template(clear, up)
    if not clear:
        return _("{outcome} did not clearly change from {start} to {end}: {most}.")
    if is_growth(context):
        return (
            _("Over time, {units} gained {size} from {start} to {end}{turn}.")
            if up
            else _("Over time, {units} lost {size} from {start} to {end}{turn}.")
        )
    return (
        _("On average {outcome} rose by {size} from {start} to {end}{turn}.")
        if up
        else _("On average {outcome} fell by {size} from {start} to {end}{turn}.")
    )


def _mix_template(clear: bool, up: bool) -> str:
    """Words for the change of the same mix, where that of the rows may not be told."""
    if not clear:
        return _(
            "For the same mix of {units}, {outcome} did not clearly change from {start} to {end}"
            ": {most}."
        )
    return (
        _("For the same mix of {units}, {outcome} rose by {size} from {start} to {end}{turn}.")
        if up
        else _("For the same mix of {units}, {outcome} fell by {size} from {start} to {end}{turn}.")
    )


def _raw_template(clear: bool, up: bool, raw_up: bool) -> str:
    """Words for the change of the rows, then that of the same mix."""
    return {
        (True, True, True): _(
            "On average {outcome} rose by {raw} from {start} to {end}; for the same mix of "
            "{units}, by {size}{turn}."
        ),
        (True, False, False): _(
            "On average {outcome} fell by {raw} from {start} to {end}; for the same mix of "
            "{units}, by {size}{turn}."
        ),
        (True, True, False): _(
            "On average {outcome} fell by {raw} from {start} to {end}; for the same mix of {units} "
            "it rose by {size}{turn}."
        ),
        (True, False, True): _(
            "On average {outcome} rose by {raw} from {start} to {end}; for the same mix of {units} "
            "it fell by {size}{turn}."
        ),
        (False, True, True): _(
            "On average {outcome} rose by {raw} from {start} to {end}; for the same mix of {units} "
            "it did not clearly change: {most}."
        ),
        (False, False, False): _(
            "On average {outcome} fell by {raw} from {start} to {end}; for the same mix of {units} "
            "it did not clearly change: {most}."
        ),
    }[clear, up if clear else raw_up, raw_up]


def _short(context: Context, clear: bool, up: bool, mix: bool, parts: dict) -> list[Run]:
    template = (
        _("No clear change of {outcome}")
        if not clear and not mix
        else _("No clear change of {outcome} for the same mix of {units}")
        if not clear
        else _("Growth from {start} to {end}")
        if is_growth(context)
        else _("{outcome} rose from {start} to {end} for the same mix of {units}")
        if up and mix
        else _("{outcome} fell from {start} to {end} for the same mix of {units}")
        if mix
        else _("{outcome} rose from {start} to {end}")
        if up
        else _("{outcome} fell from {start} to {end}")
    )
    return say(template, **parts)


def _turned(context: Context, first: At, peak: At, mix: bool, section: str) -> Finding:
    """The way to a mean between the outer ones, where these do not clearly differ."""
    change, wave, up = peak.change, peak.wave.value, peak.change.estimate.value > 0
    found = measure(context, change, wave, is_change=True)
    template = (
        _("{mix}{outcome} rose by {size} from {start} to {end} and fell again.")
        if up
        else _("{mix}{outcome} fell by {size} from {start} to {end} and rose again.")
    )
    short = (
        _("{outcome} rose by {end} and fell again")
        if up
        else _("{outcome} fell by {end} and rose again")
    )
    units = context.labels.plural(context.configuration.level_names[-1])
    parts = {
        "mix": _("For the same mix of {units}, ").format(units=units) if mix else "",
        "outcome": context.labels.phrase(context.labels.analysis.outcome),
        "size": [*found.runs(), *_link(change)],
        "start": context.labels.wave(first.wave.value),
        "end": context.labels.wave(wave),
    }
    return Finding(
        key="change-turn",
        kind="change",
        runs=say(template, **parts),
        short=say(short, **parts),
        section=section,
        variable=context.time,
        wave=wave,
        **numbers_of(change, found),
    )
