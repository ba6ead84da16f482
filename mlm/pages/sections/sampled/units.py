"""Effects of single units where they may be told, why not where they may not, and stability."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, figure, heading, note, paragraph, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import (
    count,
    decimals_for_error,
    decimals_for_mean,
    fixed,
    number,
    percent,
    signed,
    tally,
)
from mlm.pages.sections.sampled.stability import stability_blocks
from mlm.pages.sections.section import Section
from mlm.pages.sections.units.licence import failures, licence_table
from mlm.pages.sections.units.table import TABLE_LIMIT, rows_title
from mlm.pages.sections.units.words import names_groups, told_units
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.pages.words.units import unit_name
from mlm.results.reading import At


def units_section(context: SampledContext) -> Section:
    """The section on single units; an order is shown only where the licence is granted."""
    items = list(context.results.units)
    names = [context.labels.plural(item.level.value) for item in items] or [_("groups")]
    blocks: list[Block] = [paragraph(units_answer(context), "answer")]
    for item in items:
        if item.kind.value == "estimated":
            blocks += _level_blocks(context, item)
    for item in context.results.over_time.levels:
        blocks += stability_blocks(context, item)
    question = _("Which {groups} do better or worse than expected, and may they be ranked?")
    asked = question.format(groups=plain_text(enumerate_words(names, _("or"))))
    return Section("units", _("Groups above or below expectation"), blocks, "5", asked)


def units_answer(context: SampledContext) -> list[Run]:
    """What is told of each level's units, or why nothing is."""
    found = [
        refused_words(context, item) if item.kind.value == "refused" else _answer(context, item)
        for item in context.results.units
    ]
    return join(*found) if found else say(_("No effects of groups were estimated."))


def refused_words(context: SampledContext, item: At) -> list[Run]:
    """Why the units of a level are neither ranked nor told one by one."""
    groups = context.labels.plural(item.level.value)
    return say(
        _("{names} are not ranked, and no effects of single {groups} are reported: {reason}."),
        names=capitalise(groups),
        groups=groups,
        reason=_why_none(context, item),
    )


def _why_none(context: SampledContext, item: At) -> list[Run]:
    """Why nothing is told of single units: first of all that scores are drawn."""
    scores = context.results.scores
    if scores.empty:
        return sampled_reason_words(item.reason, context.labels)
    return say(
        _("the {draws} plausible values were not made to describe single units"),
        draws=tally(derive("count", scores[0].columns)),
    )


def _answer(context: SampledContext, item: At) -> list[Run]:
    groups = context.labels.plural(item.level.value)
    words = say(
        _(
            "Of {n} {groups}, each judged by its own 95% interval: {above} above what the "
            "settled model expects, {below} below it; {share} of all pairs can be told apart."
        ),
        n=tally(derive("items", *(unit.unit for unit in told_units(context, item)))),
        groups=groups,
        above=tally(derive("items", *_on(context, item, "above"))).bold(),
        below=tally(derive("items", *_on(context, item, "below"))).bold(),
        share=percent(item.separable_share, 0),
    )
    if item.licence.granted.value:
        return words
    reasons = enumerate_words(failures(context, item)) or _("a check before ranking failed")
    refused = say(
        _("{groups} are not ranked: {reasons}."), groups=capitalise(groups), reasons=reasons
    )
    return join(words, refused)


def side_of(unit: At) -> str:
    """Where the interval of a unit lies."""
    return "above" if unit.lower.value > 0 else "below" if unit.upper.value < 0 else "expected"


def _on(context: SampledContext, item: At, side: str) -> list[At]:
    return [unit.unit for unit in told_units(context, item) if side_of(unit) == side]


def _level_blocks(context: SampledContext, item: At) -> list[Block]:
    level = item.level.value
    blocks: list[Block] = [
        heading(f"units-{identifier(level)}", context.title_of(level)),
        paragraph(_spread_words(context, item)),
        licence_table(context, item),
    ]
    named = context.rules.named(item.units)
    if not item.licence.granted.value or not named:
        words = say(
            _("No effects of single {groups} are shown, in any order, and none of them is named."),
            groups=context.labels.plural(level),
        )
        return blocks if names_groups(item) and named else [*blocks, note("caution", words)]
    return [*blocks, _figure(context, item, named), _table(context, item, named)]


def _spread_words(context: SampledContext, item: At) -> list[Run]:
    return say(
        _(
            "The effect of a {group} is how far its {rows} lie from what the settled model expects "
            "of them, shrunk towards zero by the effective number of its {rows}. Over the {groups} "
            "these effects have a variance of {variance} (squared {unit})."
        ),
        group=context.labels.level(item.level.value),
        groups=context.labels.plural(item.level.value),
        rows=context.rows_word,
        variance=number(item.variance),
        unit=context.labels.unit,
    )


def _decimals(unit: At) -> int:
    """Decimals of a mean over the rows of a unit that is shrunken by its reliability."""
    error, known, n = unit.comparative_se.value, unit.reliability.value, unit.n.value
    if not known or not n:
        return decimals_for_error(error)
    spread = error * (n / known) ** 0.5
    return min(decimals_for_error(error), decimals_for_mean(spread, n, known))


def _figure(context: SampledContext, item: At, named: list[At]) -> Block:
    level = item.level.value
    groups = context.labels.plural(level)
    units = sorted(named, key=lambda unit: unit.estimate.value)
    data: dict[str, list[Any]] = {"unit": [unit_name(unit.unit.value) for unit in units]}
    for end in ("estimate", "lower", "upper"):
        data[end] = [signed(getattr(unit, end), decimals=_decimals(unit)) for unit in units]
    data["side"] = [side_of(unit) for unit in units]
    return figure(
        f"units-{identifier(level)}",
        "caterpillar",
        say(_("Effects of {groups} with 95% intervals"), groups=groups),
        say(
            _(
                "One mark per {group}, the highest effect first; zero is what the model expects. "
                "The lines are 95% intervals of single effects; filled marks are those whose "
                "interval excludes zero."
            ),
            group=context.labels.level(level),
        ),
        say(
            _(
                "Effects of {groups} from the highest to the lowest with 95% intervals; the "
                "numbers are in the table below the chart."
            ),
            groups=groups,
        ),
        data,
        {
            "y": _("Effect on {outcome} ({unit})").format(
                outcome=context.labels.outcome, unit=context.labels.unit
            ),
            "x": _("{groups} in order of their effect").format(groups=capitalise(groups)),
            "level": identifier(level),
            "levels": [identifier(each) for each in context.hierarchy],
            "words": {
                "apart": _("above or below expectation"),
                "expected": _("cannot be distinguished from what is expected"),
                "interval": _("95% interval"),
            },
        },
        unit=context.labels.unit,
    )


def _table(context: SampledContext, item: At, named: list[At]) -> Block:
    level = item.level.value
    units = sorted(named, key=lambda unit: -unit.estimate.value)
    notes: list[Any] = [
        _(
            "SE: of the true effect given the model; of comparisons: with the error of the fixed "
            "effects by the design of the sample. Reliability: share of the variance of the "
            "estimate that is true."
        )
    ]
    if len(named) < len(item.units):
        words = _("Units that may have fewer than {least} people are not listed.")
        notes.append(say(words, least=str(context.rules.threshold)))
    if len(units) > TABLE_LIMIT:
        units = [*units[: TABLE_LIMIT // 2], *units[-TABLE_LIMIT // 2 :]]
        notes.append(_("The table holds the largest and the smallest effects only."))
    rows = [row(unit_name(unit.unit.value), *_cells(unit)) for unit in units]
    group = _("95% interval")
    columns = [
        column(capitalise(context.labels.level(level)), "text"),
        column(rows_title(context)),
        column(_("Effect"), main=True),
        column(_("SE")),
        column(_("SE of comparisons")),
        column(_("Lower"), group=group, main=True),
        column(_("Upper"), group=group, main=True),
        column(_("Reliability")),
    ]
    caption = say(
        _("Effects of {groups}, in {unit}"),
        groups=context.labels.plural(level),
        unit=context.labels.unit,
    )
    name = f"units-{identifier(level)}"
    return table(name, caption, columns, rows, notes, alike=[(2, 5, 6)])


def _cells(unit: At) -> list[Any]:
    decimals = _decimals(unit)
    return [
        count(unit.n),
        signed(unit.estimate, decimals=decimals),
        number(unit.std_error, decimals=decimals),
        number(unit.comparative_se, decimals=decimals),
        signed(unit.lower, decimals=decimals),
        signed(unit.upper, decimals=decimals),
        fixed(unit.reliability, 2),
    ]
