"""Question 4: which groups are above or below expectation, and may they be ranked."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise, uncapitalise
from mlm.pages.language import N_, _
from mlm.pages.sources import derive
from mlm.results.reading import At
from mlm.pages.numbers import Number, count, fixed, p_equals, p_value, percent, plain, tally
from mlm.pages.sections.section import Section
from mlm.pages.sections.units.caterpillar import caterpillar_figure, shrinkage_figure, units_table
from mlm.pages.text import Run, enumerate_words, join, plain_text, say

CHECK_WORDS = {
    "variance": N_("Test that the groups differ at all (p)"),
    "reliability": N_("Mean reliability of the group effects"),
    "separable": N_("Share of pairs of groups that can be told apart"),
    "stability": N_("Correlation of the group effects between waves"),
}
FAILED_WORDS = {
    "variance": N_("there is no evidence that {groups} differ at all (p {value})"),
    "reliability": N_("the mean reliability of their effects is {value} ({threshold} is needed)"),
    "separable": N_("{value} of pairs of {groups} can be told apart ({threshold} is needed)"),
    "stability": N_(
        "the correlation of their effects between waves is {value} ({threshold} is needed)"
    ),
}
OTHER_FAILED = N_("{name} is {value} ({threshold} is needed)")


def units_question(context: Context) -> str:
    """The question, naming the groups of the survey."""
    effects = list(context.results.effects)
    groups = context.labels.plural(effects[-1].level.value) if effects else _("groups")
    return _("Which {groups} do better or worse than expected, and may they be ranked?").format(
        groups=groups
    )


def units_section(context: Context) -> Section:
    """The section on unit effects; an order is shown only where the licence is granted."""
    blocks: list[Block] = [paragraph(units_answer(context), "answer")]
    effects = list(context.results.effects)
    if effects:
        blocks.append(
            paragraph(
                _(
                    "The effect of a group is how far its mean lies above or below what the "
                    "variables of the final model lead one to expect, drawn towards zero the more, "
                    "the fewer observations it has. It says nothing about why. Before any order is "
                    "shown, the effects must pass the checks below."
                )
            )
        )
        if context.with_slopes is not None:
            words = _(
                "The model behind these effects gives every variable the same effect in every "
                "group. Where its effect differs between groups (section 3), the effect of a group "
                "is an average over its cases, and cases of one kind may fare otherwise."
            )
            blocks.append(paragraph(words))
    blocks += [note("information", text) for text in _crossed_notes(context) if effects]
    for item in effects:
        blocks += _level_blocks(context, item, len(effects) > 1)
    title = _("Groups above or below expectation")
    return Section("units", title, blocks, "4", units_question(context))


def _crossed_notes(context: Context) -> list[str]:
    """What an effect is where the units inside take part in several groups."""
    text = _(
        "{units} who change their group keep an effect of their own, which goes with them; the "
        "effect of a group is what is left for all its {units}, in the time they were there."
    )
    return [capitalise(text.format(units=units)) for units in context.crossed_units]


def units_answer(context: Context) -> list[Run]:
    """One sentence a level: how many stand out, or why no order is shown."""
    effects = list(context.results.effects)
    if not effects:
        return say(_("No effects of groups were estimated."))
    return join(*(level_answer(context, item) for item in effects))


def level_answer(context: Context, item: At) -> list[Run]:
    """The answer for one level."""
    groups = context.labels.plural(item.level.value)
    if not item.licence.granted.value:
        return say(
            _("{groups} are not ranked: {reasons}."),
            groups=capitalise(groups),
            reasons=enumerate_words(_failures(context, item)) or _("a check of the licence failed"),
        )
    above = [unit for unit in item.units if unit.lower.value > 0]
    below = [unit for unit in item.units if unit.upper.value < 0]
    return say(
        _(
            "Of {n} {groups}, {above} lie above expectation and {below} below it, with 95% "
            "intervals that exclude zero; the others cannot be told from the average. {separable} "
            "of all pairs can be told apart."
        ),
        n=count(derive("count", item.units)),
        groups=groups,
        above=tally(_number_of(above)).bold(),
        below=tally(_number_of(below)).bold(),
        separable=percent(item.separable_share, 0),
    )


def _number_of(units: list[At]) -> At:
    ends = [unit.unit for unit in units]
    return derive("items", *ends)


def _failures(context: Context, item: At) -> list[list[Run]]:
    failed = [check for check in item.licence.checks if not check.passed.value]
    groups = context.labels.plural(item.level.value)
    return [_failure(check, groups) for check in failed]


def _failure(check: At, groups: str) -> list[Run]:
    name = check.check.value
    if check.value.missing:
        words = _(CHECK_WORDS.get(name, name))
        return say(_("one check could not be made ({words})"), words=uncapitalise(words))
    shown = _failed_value(name, check.value)
    threshold = check.threshold
    needed = percent(threshold, 0) if name == "separable" else plain(threshold)
    template = _(FAILED_WORDS.get(name, OTHER_FAILED))
    return say(template, value=shown, threshold=needed, groups=groups, name=name)


def _failed_value(name: str, value: At) -> Number:
    if name == "variance":
        return p_equals(value)
    return percent(value, 0) if name == "separable" else fixed(value, 2)


def _level_blocks(context: Context, item: At, several: bool) -> list[Block]:
    level = item.level.value
    granted = item.licence.granted.value
    blocks: list[Block] = []
    if several:
        blocks.append(heading(f"units-{level}", context.title_of(level)))
    blocks.append(_licence_table(context, item))
    if not granted:
        return [*blocks, note("caution", _refusal(context, item))]
    return [
        *blocks,
        caterpillar_figure(context, item),
        shrinkage_figure(context, item),
        units_table(context, item),
        note("information", _ranking_caution(context, item)),
    ]


def _refusal(context: Context, item: At) -> list[Run]:
    groups = context.labels.plural(item.level.value)
    return say(
        _(
            "No effects of single {groups} are shown, in any order. An order would not be "
            "sound: {reasons}."
        ),
        groups=groups,
        reasons=enumerate_words(_failures(context, item)) or _("a check of the licence failed"),
    )


def _ranking_caution(context: Context, item: At) -> list[Run]:
    level = item.level.value
    return say(
        _(
            "Two {groups} whose comparative intervals overlap cannot be told apart. The comparison "
            "is pairwise: among many comparisons some will appear different by chance. An effect "
            "is not a measure of the quality of a {group}."
        ),
        groups=context.labels.plural(level),
        group=context.labels.level(level),
    )


def _licence_table(context: Context, item: At) -> Block:
    level = item.level.value
    rows = [row(*_check_cells(check)) for check in item.licence.checks]
    caption = say(
        _("Licence to rank: {groups} may be ranked")
        if item.licence.granted.value
        else _("Licence to rank: {groups} may not be ranked"),
        groups=context.labels.plural(level),
    )
    columns = [
        column(_("Check"), "text"),
        column(_("Value")),
        column(_("Needed"), "text"),
        column(_("Verdict"), "text"),
    ]
    notes = [
        say(
            _("Reliability: {mean} on average, {least} for the least reliable of the {groups}."),
            mean=fixed(item.reliability_mean, 2),
            least=fixed(item.reliability_min, 2),
            groups=context.labels.plural(level),
        )
    ]
    return table(f"licence-{level}", caption, columns, rows, notes)


def _check_cells(check: At) -> list:
    name = check.check.value
    value, threshold = check.value, check.threshold
    if name == "variance":
        shown, needed = p_value(value), say(_("below {alpha}"), alpha=plain(threshold))
    elif name == "separable":
        shown, needed = percent(value, 0), say(_("{share} or more"), share=percent(threshold, 0))
    else:
        shown, needed = fixed(value, 2), say(_("{value} or more"), value=plain(threshold))
    verdict = _("passed") if check.passed.value else _("not passed")
    return [_(CHECK_WORDS.get(name, capitalise(name))), shown, plain_text(needed), verdict]
