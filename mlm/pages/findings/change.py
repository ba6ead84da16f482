"""The finding on change: growth of the same pupils, or the mean from the first wave to the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.measure import measure, numbers_of, told
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero
from mlm.pages.text import Run, say
from mlm.results.reading import At


def change_finding(
    context: Context, means: Iterable[At], section: str = "change"
) -> Finding | None:
    """Change from the first to the last wave; None with one wave.

    Parameters
    ----------
    means : iterable of At
        Means by wave, each with its change since the first.
    section : str
        Of the report, with the details.
    """
    means = list(means)
    if not context.is_longitudinal or len(means) < 2:
        return None
    last = means[-1]
    change, wave, clear = last.change, last.wave.value, excludes_zero(last.change)
    found = measure(context, change, wave, is_change=True)
    template = _template(context, clear, change.estimate.value > 0)
    parts = {
        "outcome": context.labels.phrase(context.labels.analysis.outcome),
        "units": context.labels.plural(context.configuration.level_names[-1]),
        "size": found.runs(),
        "most": found.excluded(),
        "start": context.labels.wave(means[0].wave.value),
        "end": context.labels.wave(wave),
        "turn": [*_link(change), *_turn(context, means)],
    }
    return Finding(
        key="change",
        kind="change",
        runs=say(template, **parts),
        short=_short(context, clear, change.estimate.value > 0, parts),
        section=section,
        variable=context.time,
        wave=wave,
        **numbers_of(change, found),
        is_news=clear,
    )


def _link(change: At) -> list[Run]:
    """That the error holds that of the link between the scales of the waves."""
    has_link = field_of(change.value, "linking_error") is not None
    return say(_(", the error of linking the scales included")) if has_link else []


def _turn(context: Context, means: Sequence[At]) -> list[Run]:
    """A wave between the first and the last whose mean lies clearly above, or below, both."""
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
    if not found:
        return []
    mean, change = max(found, key=lambda each: abs(each[1].estimate.value))
    return say(
        _(", after a rise of {value} by {wave}")
        if high
        else _(", after a fall of {value} by {wave}"),
        wave=context.labels.wave(mean.wave.value),
        value=told(context, change),
    )


def is_growth(context: Context) -> bool:
    """Whether the same pupils are measured again: change is their growth, and no standard."""
    return context.configuration.design.follows_lowest


def _template(context: Context, clear: bool, up: bool) -> str:
    if not clear:
        return _(
            "{outcome} did not clearly change from {start} to {end}: at most {most} either way."
        )
    if is_growth(context):
        return (
            _("Growing up, {units} gained {size} from {start} to {end}{turn}.")
            if up
            else _("{units} lost {size} from {start} to {end}{turn}.")
        )
    return (
        _("On average {outcome} rose by {size} from {start} to {end}{turn}.")
        if up
        else _("On average {outcome} fell by {size} from {start} to {end}{turn}.")
    )


def _short(context: Context, clear: bool, up: bool, parts: dict) -> list[Run]:
    template = (
        _("No clear change of {outcome}")
        if not clear
        else _("Growth from {start} to {end}")
        if is_growth(context)
        else _("{outcome} rose from {start} to {end}")
        if up
        else _("{outcome} fell from {start} to {end}")
    )
    return say(template, **parts)
