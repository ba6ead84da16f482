"""Question 5: how standards, and the effects of schools, change over time."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, note, paragraph, raw, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.node import Node, derive
from mlm.pages.numbers import decimals_for_size, fixed, number, signed
from mlm.pages.phrases import estimate, test
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, say
from mlm.pages.told import tell

QUESTION = N_("How do standards, and the groups' effects, change over time?")


def change_section(context: Context) -> Section:
    """The section on standards by wave and the stability of group effects."""
    blocks: list[Block] = [paragraph(change_answer(context), "answer")]
    stability = context.results.get("stability")
    if len(stability.get("standards").value or []) > 1:
        blocks += [standards_figure(context), _standards_table(context)]
    for item in stability.get("levels"):
        blocks += _level_blocks(context, item)
    return Section("change", _("Change over time"), blocks, "5", _(QUESTION))


def change_answer(context: Context) -> list[Run]:
    """Standards from the first to the last wave, and the correlation of group effects."""
    standards = list(context.results.get("stability", "standards"))
    if not context.is_longitudinal or len(standards) < 2:
        return say(_("The survey has one wave: change over time cannot be studied yet."))
    levels = context.results.get("stability", "levels")
    stability = [_stability_words(context, item) for item in levels if _estimated(item)]
    return join(_standards_words(context, standards[0], standards[-1]), *stability)


def _standards_words(context: Context, first: Node, last: Node) -> list[Run]:
    apart = last["lower"].value > first["upper"].value or last["upper"].value < first["lower"].value
    rose = last["estimate"].value > first["estimate"].value
    template = (
        _(
            "There is no clear evidence that mean {outcome}, among cases alike in the other "
            "variables, changed: it was {first} in {a} and {last} in {b}."
        )
        if not apart
        else _(
            "Among cases alike in the other variables, mean {outcome} rose from {first} in {a} to "
            "{last} in {b}."
        )
        if rose
        else _(
            "Among cases alike in the other variables, mean {outcome} fell from {first} in {a} to "
            "{last} in {b}."
        )
    )
    return say(
        template,
        outcome=context.labels.outcome,
        first=estimate(first, context.labels.unit),
        last=estimate(last, context.labels.unit),
        a=context.labels.wave(first["wave"].value),
        b=context.labels.wave(last["wave"].value),
    )


def _estimated(item: Node) -> bool:
    return item["status"].value == "estimated" and not item.get("average_correlation").missing


def _stability_words(context: Context, item: Node) -> list[Run]:
    return say(
        _("The true effects of {groups} in two waves correlate {value} on average."),
        groups=context.labels.plural(item["level"].value),
        value=fixed(item["average_correlation"], 2).bold(),
    )


def standards_figure(context: Context) -> Block:
    """Adjusted means by wave with intervals."""
    standards = list(context.results["stability"]["standards"])
    data = {"wave": [context.labels.wave(i["wave"].value) for i in standards]}
    data |= {key: [raw(i[key]) for i in standards] for key in ("estimate", "lower", "upper")}
    return figure(
        "standards",
        "standards",
        say(_("Adjusted mean of {outcome} by wave"), outcome=context.labels.outcome),
        _(
            "Each mark is the mean that the final model expects in that wave for the same mix of "
            "cases; the line is its 95% interval. The vertical axis need not begin at zero."
        ),
        _(
            "Adjusted mean by wave with 95% intervals; the numbers are in the table Standards by "
            "wave."
        ),
        data,
        {"y": f"{context.labels.outcome} ({context.labels.unit})", "x": context.labels.time},
    )


def _standards_table(context: Context) -> Block:
    standards = list(context.results["stability"]["standards"])
    rows = []
    for item in standards:
        error = item["std_error"]
        change = derive("difference", item["estimate"], standards[0]["estimate"])
        rows.append(
            row(
                context.labels.wave(item["wave"].value),
                number(item["estimate"], error),
                number(error, error),
                number(item["lower"], error),
                number(item["upper"], error),
                signed(change, error) if item is not standards[0] else "–",
            )
        )
    columns = [
        column(context.labels.time, "text"),
        column(_("Adjusted mean")),
        column(_("SE")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column(_("Change since first wave")),
    ]
    caption = say(
        _("Standards by wave: adjusted mean of {outcome}, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    return table("standards", caption, columns, rows)


def _level_blocks(context: Context, item: Node) -> list[Block]:
    level = item["level"].value
    title = heading(
        f"stability-{level}",
        _("Stability of the effects of {groups}").format(groups=_groups(context, item)),
    )
    if item["status"].value != "estimated":
        words = say(
            _("The stability of the effects of {groups} was not estimated: {reason}."),
            groups=_groups(context, item),
            reason=tell(context, item["reason"]) or _("no reason given"),
        )
        return [title, note("information", words)]
    blocks = [title, paragraph(_model_words(context, item))]
    if item["model"].text() == "compound_symmetry":
        return [*blocks, paragraph(_common_words(context, item))]
    if not item.get("correlation").empty:
        blocks += [stability_figure(context, item), _correlation_table(context, item)]
    return blocks


def _common_words(context: Context, item: Node) -> list[Run]:
    reason = item.get("reason")
    first = say(
        _(
            "The effects have a standard deviation of {sd} {unit} in each wave and correlate "
            "{value} between any two waves."
        ),
        sd=number(item["sd"][0], decimals=decimals_for_size(item["sd"][0].value, 3)),
        unit=context.labels.unit,
        value=fixed(item["average_correlation"], 2),
    )
    if reason.empty:
        return first
    return join(
        first, say(_("No richer model was fitted: {reason}."), reason=tell(context, reason))
    )


def _groups(context: Context, item: Node) -> str:
    return context.labels.plural(item["level"].value)


def _model_words(context: Context, item: Node) -> list[Run]:
    model = {
        "unstructured": N_("each wave its own variance and each pair of waves its own correlation"),
        "compound_symmetry": N_("one variance for all waves and one correlation for all pairs"),
    }.get(item["model"].text(), item["model"].text(N_("one model")))
    first = say(
        _(
            "The correlation was estimated within the model, with {model}; correlating the "
            "estimated effects themselves would give a biased answer."
        ),
        model=_(model),
    )
    if item.get("statistic").missing:
        return first
    template = (
        _(
            "Against effects that are the same in every wave: {test}, so the effects do change "
            "over time."
        )
        if item["p_value"].value < context.labels.analysis.alpha
        else _(
            "Against effects that are the same in every wave: {test}, so there is no evidence "
            "that the effects change over time."
        )
    )
    return join(first, say(template, test=test(item)))


def _correlation_table(context: Context, item: Node) -> Block:
    waves = [context.labels.wave(wave) for wave in item["waves"].value]
    rows = []
    for position, wave in enumerate(waves):
        cells = [
            fixed(item["correlation"][position][other], 2) if other <= position else ""
            for other in range(len(waves))
        ]
        rows.append(row(wave, number(item.get("sd", position), decimals=2), *cells))
    columns = [column(context.labels.time, "text"), column(_("SD"))]
    columns += [column(wave, group=_("Correlation with")) for wave in waves]
    level = item["level"].value
    caption = say(
        _("Effects of {groups} by wave: SD and correlations"), groups=_groups(context, item)
    )
    return table(f"stability-{level}", caption, columns, rows)


def stability_figure(context: Context, item: Node) -> Block:
    """Correlation of true effects by pairs of waves."""
    waves = item["waves"].value
    matrix = item["correlation"].value
    pairs = [(i, j) for j in range(len(waves)) for i in range(j)]
    data = {
        "first": [context.labels.wave(waves[i]) for i, _ in pairs],
        "second": [context.labels.wave(waves[j]) for _, j in pairs],
        "apart": [j - i for i, j in pairs],
        "correlation": [matrix[i][j] for i, j in pairs],
    }
    groups = _groups(context, item)
    level = item["level"].value
    return figure(
        f"stability-{level}",
        "stability",
        say(_("Correlation of the effects of {groups} between waves"), groups=groups),
        _(
            "Each mark is a pair of waves. At 1 the groups keep their order exactly; at 0 one wave "
            "says nothing about the other."
        ),
        say(
            _(
                "Correlation of the effects of {groups} for every pair of waves; the numbers are "
                "in the table below the chart."
            ),
            groups=groups,
        ),
        data,
        {
            "x": _("Correlation between two waves of the effects of {groups}").format(
                groups=groups
            ),
            "level": level,
            "levels": [item["name"].value for item in context.levels],
        },
    )
