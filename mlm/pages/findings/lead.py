"""The lead chart and the lead table: what the first finding is of, wave by wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlm.pages.blocks import Block, column, figure, group_row, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gap import Gap
from mlm.pages.findings.gaps import adjusted_gaps
from mlm.pages.findings.lead_sizes import lead_sizes
from mlm.pages.findings.measure import among_words, when, with_unit
from mlm.pages.findings.policy import effects_by_wave
from mlm.pages.labels import capitalise
from mlm.pages.language import _, joined_words
from mlm.pages.phrases import error_of
from mlm.pages.rounding import NOT_AVAILABLE, decimals_for_spread, drawn, fixed, signed
from mlm.pages.sizes import sd_of_wave
from mlm.pages.text import Run, join, say, started
from mlm.pages.words.seen_groups import points_seen
from mlm.results.reading import At

SERIES = 3  # that a chart shows
GROUPS = 3  # that a table shows


@dataclass(frozen=True)
class Series:
    """Differences between a group and its reference, one a wave.

    Attributes
    ----------
    place : int
        Of the group among the categories of its variable, which gives it its colour.
    members, reference : str
        Both in words.
    waves : tuple of str or None
        Names of the waves; None: the difference is the same in all.
    differences : tuple of At
        With their intervals.
    sizes : tuple of At or None
        Standard deviations that sizes are told in: of a policy, that of the reference in each wave;
        else that of the last wave for all, so that sizes can be subtracted.
    compared : (str, (str, str))
        The variable, the category and the reference.
    is_policy : bool
        Whether the groups are those of a policy.
    """

    place: int
    members: str
    reference: str
    waves: tuple[str | None, ...]
    differences: tuple[At, ...]
    sizes: tuple[At | None, ...]
    compared: tuple[str, tuple[str, str]]
    is_policy: bool = False


def lead_figure(context: Context, chosen: Chosen) -> Block | None:
    """The chart of the foremost finding on groups, and of no other; its title says the finding."""
    findings = _of_groups(chosen)
    if not findings:
        return None
    shown = [each for each in _series(context, findings[0]) if len(each.waves) > 1][:SERIES]
    if shown:
        return _figure(context, findings[0], shown)
    return lead_sizes(context, findings[0]) if context.is_longitudinal else None


def lead_table(context: Context, chosen: Chosen) -> Block | None:
    """Differences between groups in each wave, those of the policies first."""
    shown: dict[str, list[Series]] = {}
    for finding in _of_groups(chosen):
        shown.setdefault(finding.variable, _series(context, finding))
    for gap in adjusted_gaps(context):
        if gap.wave is None and shown.get(gap.variable) == []:
            shown[gap.variable] = [_of_constant(context, gap)]
    series = [each for found in shown.values() for each in found][:GROUPS]
    if not series:
        return None
    has_sizes = any(sd is not None for each in series for sd in each.sizes)
    rows: list = []
    for each in series:
        title = _("{members} against {reference}")
        named = title.format(members=each.members, reference=each.reference)
        rows.append(group_row(capitalise(joined_words(named))))
        waves = zip(each.waves, each.differences, each.sizes, strict=True)
        rows += [_row(context, each, *wave, has_sizes) for wave in waves]
    ends = _("95% interval")
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Difference"), main=True),
        column(_("Lower"), group=ends, main=True),
        column(_("Upper"), group=ends, main=True),
        *([column(_("In SD"))] if has_sizes else []),
    ]
    caption = say(_("Differences between groups, in {unit}"), unit=context.labels.unit)
    notes = _sizes(context, series) if has_sizes else []
    return table("lead", caption, columns, rows, notes, alike=[(1, 2, 3)])


def _sizes(context: Context, series: Sequence[Series]) -> list[list[Run]]:
    """Whose standard deviations the sizes of a table are in."""
    gaps, own = (
        [each for each in series if each.is_policy is is_policy] for is_policy in (False, True)
    )
    notes = [
        say(
            _("In SD, against {reference}: each row in their standard deviation at that time."),
            reference=name,
        )
        for name in dict.fromkeys(each.reference for each in own)
    ]
    sd = next((sd for each in gaps for sd in each.sizes if sd is not None), None)
    if sd is not None:
        last = context.results.waves.find(wave=context.results.time.waves.value[-1])
        decimals = decimals_for_spread(sd.value, last.rows.value)  # as in the table of the waves
        one = with_unit(fixed(sd, decimals), context.labels.unit)
        others = _("In SD, other groups: all rows in that of {outcome} in {wave}, {one}.")
        alone = _("In SD: all rows in that of {outcome} in {wave}, {one}.")
        outcome = context.labels.phrase(context.labels.analysis.outcome)
        wave = context.labels.wave(last.wave.value)
        notes.append(say(others if own else alone, outcome=outcome, wave=wave, one=one))
    return [started(note) for note in notes]


def _of_groups(chosen: Chosen) -> list[Finding]:
    """Findings on policies and gaps, the foremost first."""
    found = (*chosen.told, *chosen.further, *chosen.untold)
    order = ("policy", "gap")
    kept = [each for each in found if each.kind in order and each.category is not None]
    return sorted(kept, key=lambda each: order.index(each.kind))


def _series(context: Context, finding: Finding) -> list[Series]:
    """The groups of the variable of a finding, wave by wave; none where they are not told so."""
    item = context.results.policy.find(variable=finding.variable)
    if item is not None:
        return series_of_policy(context, item)
    by = context.results.over_time.by.find(variable=finding.variable)
    return [] if by is None else _of_gap(context, by)


def series_of_policy(context: Context, item: At) -> list[Series]:
    """Differences of each group of a policy from its reference, wave by wave."""
    effects = [effect for effect in effects_by_wave(item) if not effect.wave.missing]
    found = []
    for category in dict.fromkeys(effect.category.value for effect in effects):
        own = [effect for effect in effects if effect.category.value == category]
        if category is None:
            continue
        sizes = tuple(context.spread_behind(effect) for effect in own)
        waves = tuple(effect.wave.value for effect in own)
        names = (item.variable.value, category, item.reference.value)
        found.append(replace(_named(context, names, waves, tuple(own), sizes), is_policy=True))
    return found


def _of_gap(context: Context, by: At) -> list[Series]:
    first, *others = list(by.groups)
    found = []
    for group in others:
        means = points_seen(context, by, group)
        waves = tuple(mean.wave.value for mean in means)
        sizes = (sd_of_wave(context, None),) * len(waves)
        names = (by.variable.value, group.category.value, first.category.value)
        own = tuple(mean.difference for mean in means)
        found.append(_named(context, names, waves, own, sizes))
    return found


def _of_constant(context: Context, gap: Gap) -> Series:
    """A gap that is the same in all waves: one row."""
    names = (gap.variable, gap.category, gap.reference)
    series = _named(context, names, (None,), (gap.row,), (sd_of_wave(context, None),))
    return replace(series, reference=series.reference + among_words(context, gap.among))


def _named(context: Context, names: tuple[str, str, str], waves, differences, sizes) -> Series:
    variable, category, reference = names
    labels = context.labels
    members = labels.members(variable, category), labels.members(variable, reference)
    place = labels.place_of(variable, category)
    compared = (variable, (category, reference))
    return Series(place, *members, waves, differences, sizes, compared)


def _figure(context: Context, finding: Finding, series: list[Series]) -> Block:
    points = [
        (each, wave, difference)
        for each in series
        for wave, difference in zip(each.waves, each.differences, strict=True)
    ]
    data = {
        "wave": [context.labels.wave(wave) for __, wave, __ in points],
        "category": [capitalise(each.members) for each, *__ in points],
        "told": [""] * len(points),
    }
    for name in ("estimate", "lower", "upper"):
        data[name] = [drawn(getattr(item, name), error_of(item)) for *__, item in points]
    return figure(
        "lead",
        "policy",
        started(say(_("Differences from {reference} over time"), reference=series[0].reference)),
        join(_("Upright lines are 95% intervals."), _as_assigned(context, finding)),
        say(
            _(
                "Differences from {reference} over time with 95% intervals; the numbers are in the "
                "table."
            ),
            reference=series[0].reference,
        ),
        data,
        {
            "y": _("Difference ({unit})").format(unit=context.labels.unit),
            "x": context.labels.below_waves,
            "places": {capitalise(each.members): each.place for each in series},
        },
        unit=context.labels.unit,
        title=started(finding.short),
    )


def _as_assigned(context: Context, finding: Finding) -> list[Run]:
    """That no draw made the groups of a policy, or that later ones are those attended."""
    item = context.results.policy.find(variable=finding.variable)
    if item is None:
        return []
    if item.evidence.value != "randomised":
        return say(_("The groups were not allocated at random: differences need not be effects."))
    if item.assignment.wave.missing:
        return []
    if all(row.standing.value != "attended" for row in effects_by_wave(item)):
        return []
    wave = context.labels.wave(item.assignment.wave.value)
    return say(
        _(
            "Only the groups in {wave} were drawn by lot: later differences compare the groups "
            "that were attended and need not be effects."
        ),
        wave=wave,
    )


def _row(
    context: Context,
    series: Series,
    wave: str | None,
    difference: At,
    sd: At | None,
    has_size: bool,
) -> dict:
    error = error_of(difference)
    size = NOT_AVAILABLE if sd is None else fixed(derive("quotient", difference.estimate, sd), 2)
    return row(
        capitalise(when(context, None, *series.compared).strip())
        if wave is None
        else context.labels.wave(wave),
        signed(difference.estimate, error),
        signed(difference.lower, error),
        signed(difference.upper, error),
        *([size] if has_size else []),
        indented=True,
    )
