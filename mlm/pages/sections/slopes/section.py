"""Question 3: whether effects differ between schools, counties and other groups."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, note, paragraph, raw, row, table
from mlm.pages.context import Context
from mlm.pages.labels import singular
from mlm.pages.language import _
from mlm.pages.sources import derive
from mlm.results.reading import At
from mlm.pages.numbers import decimals_for_size, fixed, number, p_value, tally
from mlm.pages.phrases import CONSERVATIVE, is_conservative, mixture, test
from mlm.pages.sections.section import Section
from mlm.pages.sections.slopes.cross_level import changing_words
from mlm.pages.sections.slopes.fan import fan_figure
from mlm.pages.terms import read_term
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.pages.told import tell

EMPTY = "–"


def slopes_question(context: Context) -> str:
    """The question, naming the groups of the survey."""
    tried = [item.level.value for item in context.results.slopes if _tested(item)]
    names = list(dict.fromkeys(tried)) or [level.name.value for level in context.levels[:1]]
    groups = [context.labels.plural(name) for name in names]
    words = plain_text(enumerate_words(groups, last=_("or"))) or _("groups")
    return _("Do effects differ between {groups}?").format(groups=words)


def slopes_section(context: Context) -> Section:
    """The section on random slopes."""
    blocks: list[Block] = [paragraph(slopes_answer(context), "answer")]
    slopes = list(context.results.slopes)
    if slopes:
        blocks.append(
            paragraph(
                _(
                    "Each slope was tried alone on top of the model with random intercepts that "
                    "the reduction left, and tested by REML. The range is where the effects of "
                    "about 95% of the groups lie: mean effect plus and minus two standard "
                    "deviations."
                )
            )
        )
        if any(_tested(item) and item.sd.value > 0 for item in slopes):
            blocks.append(slopes_figure(context))
        kept = [item for item in slopes if _tested(item) and item.kept.value]
        if kept:
            foremost = _foremost(context, kept)
            blocks.append(fan_figure(context, foremost, _name(context, foremost)))
        blocks.append(_slopes_table(context))
    if any(_tested(item) and item.level.value in context.changing for item in slopes):
        blocks.append(note("information", changing_words(context)))
    refused = [item for item in slopes if not _tested(item)]
    if refused:
        blocks.append(note("information", _refused_words(context, refused)))
    return Section(
        "slopes", _("Effects that differ between groups"), blocks, "3", slopes_question(context)
    )


def _tested(item: At) -> bool:
    return item.status.value == "tested" and not item.sd.missing


def slopes_answer(context: Context) -> list[Run]:
    """Slopes that vary, or that there is no evidence of any."""
    slopes = context.results.slopes
    tested = [item for item in slopes if _tested(item)]
    kept = [item for item in tested if item.kept.value]
    if not tested:
        return say(
            _("No effect could be tested for differences between groups: {reason}."),
            reason=_("none was tried")
            if slopes.empty
            else _("all were refused for the reasons below"),
        )
    if not kept:
        smallest = min(tested, key=lambda item: item.p_value.value)
        return say(
            _(
                "There is no evidence that any of the {number} effects tested differs between "
                "groups; the strongest sign is {name} between {groups} ({test})."
            ),
            number=tally(derive("items", *tested)),
            name=_name(context, smallest),
            groups=context.labels.plural(smallest.level.value),
            test=test(smallest),
        )
    foremost = _foremost(context, kept)
    return join(
        _kept_list(context, kept),
        _kept_words(context, foremost),
        _together_words(context, foremost),
    )


def _kept_list(context: Context, kept: list[At]) -> list[Run]:
    """Which variables have effects that differ, level by level."""
    by_level: dict[str, list[str]] = {}
    for item in kept:
        names = by_level.setdefault(item.level.value, [])
        label = context.labels.variable(item.variable.value)
        if label not in names:
            names.append(label)
    parts = [
        say(
            _("between {groups} for {names}"),
            groups=context.labels.plural(level),
            names=enumerate_words(names),
        )
        for level, names in by_level.items()
    ]
    return say(_("Effects differ {parts}."), parts=enumerate_words(parts))


def _foremost(context: Context, kept: list[At]) -> At:
    """The slope to put first: of a policy variable if there is one, then the widest spread.

    Spreads of several variables are for a standard deviation of each, so that units do not matter.
    """
    policies = {item.variable.value for item in context.results.policy}

    def place(item: At) -> tuple[bool, float]:
        is_policy = item.variable.value in policies
        plain_sd = is_policy or item.sd_effect.missing
        return is_policy, item["sd" if plain_sd else "sd_effect"].value

    return max(kept, key=place)


def _kept_words(context: Context, item: At) -> list[Run]:
    decimals = _decimals(item)
    if item.variable.value == context.time:
        template = _(
            "The change in {outcome} for one unit of {name} is {mean} {unit} on average; in about "
            "95% of {groups} it lies between {low} and {high} (standard deviation {sd})."
        )
    else:
        template = _(
            "The effect of {name} is {mean} {unit}{step} on average; in about 95% of {groups} it "
            "lies between {low} and {high} (standard deviation {sd})."
        )
    return say(
        template,
        name=_name(context, item),
        outcome=context.labels.outcome,
        step=_step(context, item),
        groups=context.labels.plural(item.level.value),
        mean=fixed(item.mean_effect, decimals).bold(),
        unit=context.labels.unit,
        low=fixed(item.range[0], decimals),
        high=fixed(item.range[1], decimals),
        sd=fixed(item.sd, decimals),
    )


def _together_words(context: Context, item: At) -> list[Run]:
    """The average in the model of all slopes, where it is another one and stands in one term."""
    if context.with_slopes is None:
        return []
    variable, decimals = item.variable.value, _decimals(item)
    terms = [t for t in context.settled_terms.value if variable in t.replace("^", ":").split(":")]
    found = context.with_slopes.fixed.find(term=item.column.value)
    if terms != [variable] or found is None:
        return []
    estimate = fixed(found.estimate, decimals)
    if estimate.text == fixed(item.mean_effect, decimals).text:
        return []
    return say(
        _(
            "This slope was tried alone; with all slopes that hold in one model the average is "
            "{mean}."
        ),
        mean=estimate,
    )


def _step(context: Context, item: At) -> str:
    """`` for each year more`` where the effect is that of a number."""
    name = read_term(item.column.text(item.variable.value), context.labels)
    if name.categories and name.categories[0] is not None:
        return ""
    unit = singular(context.labels.unit_of(item.variable.value)) or _("unit")
    return _(" for each {unit} more").format(unit=unit)


def _name(context: Context, item: At) -> str:
    name = read_term(item.column.text(item.variable.value), context.labels)
    if name.categories and name.categories[0] is not None:
        reference = context.labels.reference(name.variables[0])
        return _("{name} (against {reference})").format(name=name.label, reference=reference)
    return name.label


def _decimals(item: At) -> int:
    return decimals_for_size(item.sd.value, 2)


def _slopes_table(context: Context) -> Block:
    rows = [
        row(
            _name(context, item),
            context.title_of(item.level.value),
            *_number_cells(item),
        )
        for item in context.results.slopes
        if _tested(item)
    ]
    columns = [
        column(_("Effect of"), "text"),
        column(_("Differs between"), "text"),
        column(_("Mean effect")),
        column(_("SD")),
        column(_("Lower"), group=_("95% range")),
        column(_("Upper"), group=_("95% range")),
        column(_("Corr.")),
        column("χ²", group=_("Test")),
        column(_("Reference distribution"), "text", group=_("Test")),
        column("p", group=_("Test")),
        column(_("Kept"), "text"),
    ]
    caption = say(_("Random slopes, one at a time, in {unit} (REML)"), unit=context.labels.unit)
    notes: list = [
        _(
            "Mean effect: over all rows, where it changes with time or other variables too. SD: "
            "standard deviation of the effect between groups. 95% range: where the effects of "
            "about 95% of the groups lie. Corr.: correlation of a group's effect with its level "
            "where the variable is zero or at its reference. Kept: in the model of all slopes "
            "together, where each must improve on those before it."
        )
    ]
    if any(is_conservative(item) for item in context.results.slopes):
        notes.append(_(CONSERVATIVE))
    return table("slopes", caption, columns, rows, notes)


def _number_cells(item: At) -> list:
    decimals = _decimals(item)
    correlation = item.correlation
    return [
        fixed(item.mean_effect, decimals),
        fixed(item.sd, decimals),
        fixed(item.get("range", 0), decimals),
        fixed(item.get("range", 1), decimals),
        EMPTY if correlation.missing else fixed(correlation, 2),
        number(item.statistic, decimals=1),
        mixture(item.reference.text()),
        p_value(item.p_value),
        _("yes") if item.kept.value else _("no"),
    ]


def _refused_words(context: Context, refused: list[At]) -> list[Run]:
    """Slopes that could not be tried, gathered by level and reason."""
    gathered: dict[tuple[str, str], list[str]] = {}
    reasons: dict[tuple[str, str], list[Run]] = {}
    for item in refused:
        reason = tell(context, item.reason) or say(_("no reason given"))
        key = (item.level.value, plain_text(reason))
        reasons.setdefault(key, reason)
        gathered.setdefault(key, []).append(_name(context, item))
    parts = [
        say(
            _("{names} between {groups} ({reason})"),
            names=enumerate_words(names),
            groups=context.labels.plural(level),
            reason=reasons[level, reason],
        )
        for (level, reason), names in gathered.items()
    ]
    return say(_("Not tested: {parts}."), parts=enumerate_words(parts))


def slopes_figure(context: Context) -> Block:
    """Mean effects with the range of group effects."""
    tested = [i for i in context.results.slopes if _tested(i) and i.sd.value > 0]
    several = len({item.level.value for item in tested}) > 1
    data = {
        "label": [_chart_label(context, item, several) for item in tested],
        "level": [i.level.value for i in tested],
        "mean": [raw(i.mean_effect) for i in tested],
        "lower": [raw(i.get("range", 0)) for i in tested],
        "upper": [raw(i.get("range", 1)) for i in tested],
        "kept": [bool(i.kept.value) for i in tested],
    }
    return figure(
        "slopes",
        "slopes",
        _("How far effects spread over groups"),
        _(
            "The mark is the mean effect, the bar the range in which the effects of about 95% of "
            "the groups lie. Filled: the slope was kept in the model of all slopes together; "
            "hollow: it was not. A bar that crosses zero means that the effect has the opposite "
            "sign in some groups."
        ),
        _(
            "Mean effect and range of group effects for each slope tested; the numbers are in the "
            "table Random slopes."
        ),
        data,
        {
            "x": _("Effect on {outcome} ({unit})").format(
                outcome=context.labels.outcome, unit=context.labels.unit
            ),
            "levels": [level.name.value for level in context.levels],
        },
    )


def _chart_label(context: Context, item: At, several: bool) -> str:
    name, groups = _name(context, item), context.labels.plural(item.level.value)
    return _("{name}, between {groups}").format(name=name, groups=groups) if several else name
