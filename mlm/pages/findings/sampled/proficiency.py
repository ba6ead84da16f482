"""Findings on cuts: how many reach a level, such as the minimum proficiency."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, negate, unsigned
from mlm.pages.rounding import percent, points
from mlm.pages.text import Run, say
from mlm.pages.words.cuts import cut_words
from mlm.results.reading import At


def proficiency_findings(context: SampledContext) -> list[Finding]:
    """For each cut the share of the last wave at or above it, and whether it changed."""
    return [
        _finding(context, item)
        for item in context.results.shares_at
        if not context.is_hidden(item.waves[-1])
    ]


def _finding(context: SampledContext, item: At) -> Finding:
    last, first = item.waves[-1], item.waves[0]
    parts = {
        "wave": context.labels.wave(last.wave.value),
        "start": context.labels.wave(first.wave.value),
        "units": context.rows_word,
        "cut": cut_words(item.name.value),
        "share": percent(last.estimate).bold(),
        "low": percent(last.lower),
        "high": percent(last.upper),
        "first": percent(first.estimate),
        "since": _since(context, item, first, last.change),
    }
    sentence, short = _templates(context, first, last.change)
    return Finding(
        key=key_of("proficiency", item.name.value),
        kind="proficiency",
        runs=say(sentence, **parts),
        short=say(short, **parts),
        section="standards",
        wave=last.wave.value,
        **{name: percent(getattr(last, name)) for name in ("estimate", "lower", "upper")},
    )


def _templates(context: SampledContext, first: At, change: At) -> tuple[str, str]:
    """The sentence and what heads it; the first wave is told where it may be shown."""
    if change.missing or context.is_hidden(first):
        return (
            _("In {wave}, {share} of {units} reached {cut} ({low} to {high})."),
            _("{units} who reached {cut}"),
        )
    if not excludes_zero(change):
        return (
            _(
                "In {wave}, {share} of {units} reached {cut} ({low} to {high}), not clearly "
                "different from {start} ({first})."
            ),
            _("No clear change in how many reached {cut}"),
        )
    sentence = _("In {wave}, {share} of {units} reached {cut} ({low} to {high}){since}.")
    if change.estimate.value > 0:
        return sentence, _("More {units} reached {cut} than in {start}")
    return sentence, _("Fewer {units} reached {cut} than in {start}")


def _since(context: SampledContext, item: At, first: At, change: At) -> list[Run]:
    """How far the share moved, with its interval; from which share, where that lacks an error."""
    if change.missing:
        return []
    up, wave = change.estimate.value > 0, context.labels.wave(first.wave.value)
    if context.is_hidden(change) or not item.linking.missing:
        template = _(", up from {first} in {start}") if up else _(", down from {first} in {start}")
        return say(template, first=percent(first.estimate), start=wave)
    ends = (change.lower, change.upper) if up else (negate(change.upper), negate(change.lower))
    low, high = (points(end) for end in ends)
    size = say(
        _("{value} percentage points ({low} to {high})"),
        value=points(unsigned(change.estimate)),
        low=low,
        high=high,
    )
    template = _(", up {size} since {wave}") if up else _(", down {size} since {wave}")
    return say(template, size=size, wave=wave)
