"""Question 1: how much variation there is at each level."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, note, paragraph, raw, row, table
from mlm.pages.context import Context
from mlm.pages.labels import IN_WAVE
from mlm.pages.language import N_, _
from mlm.pages.node import Node
from mlm.pages.numbers import decimals_for_size, fixed, p_value, percent
from mlm.pages.phrases import mixture, share
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, join, plain_text, say

QUESTION = N_("How much variation is there at each level?")


def variation_section(context: Context) -> Section:
    """The section on the null model: shares, correlations, tests."""
    blocks = [paragraph(variation_answer(context), "answer"), *_body(context)]
    return Section("variation", _("Variation at each level"), blocks, "1", _(QUESTION))


def variation_answer(context: Context) -> list[Run]:
    """The answer in a sentence or two."""
    shares = list(context.results.get("null", "shares"))
    present = [item for item in shares if item["variance"].value > 0]
    empty = [item for item in shares if item["variance"].value <= 0]
    if not shares:
        return say(_("The variation could not be divided over levels."))
    parts = [
        say(_("{share} lies {where}"), share=share(i), where=_where(context, i)) for i in present
    ]
    sentences = [
        say(
            _("Of the variation in {outcome} {beside}, {parts}."),
            outcome=context.labels.outcome,
            beside=_beside(context),
            parts=enumerate_words(parts),
        )
    ]
    sentences += [
        say(
            _("No variation {where} was found: its estimate is zero."),
            where=_where(context, item),
        )
        for item in empty
    ]
    return join(*sentences)


def _beside(context: Context) -> str:
    if not context.is_longitudinal:
        return _("around the overall mean")
    is_trend = context.results.get("time", "coding").value == "trend"
    return _("around its trend over the waves") if is_trend else _("around the mean of each wave")


def _where(context: Context, item: Node) -> str:
    return context.between(item["level"].value)


def _body(context: Context) -> list[Block]:
    null = context.results.get("null")
    if null.get("shares").empty:
        return []
    blocks = [shares_figure(context), _shares_table(context)]
    if not null.get("correlations").empty:
        blocks += [_correlations_paragraph(), _correlations_table(context)]
    known = [item for item in null.get("unit_correlations") if not item["value"].missing]
    if known:
        blocks += [_unit_correlations_table(context, known)]
    if not null.get("tests").empty:
        blocks += [_tests_table(context)]
    if any(item["variance"].value <= 0 for item in null["shares"]):
        blocks += [_empty_note()]
    return blocks


def shares_overview(context: Context) -> Block:
    """The chart of the first screen: the shares of the null model alone."""
    whole = shares_figure(context)
    null = context.model_title("null")
    keep = [i for i, model in enumerate(whole["data"]["model"]) if model == null]
    return whole | {
        "id": "shares-overview-chart",
        "caption": say(_("Where the variation in {name} lies"), name=context.labels.outcome),
        "how": say(_("The bar is the whole variation; its pieces are the levels.")),
        "data": {name: [values[i] for i in keep] for name, values in whole["data"].items()},
        "options": whole["options"] | {"compact": True},
    }


def shares_figure(context: Context) -> Block:
    """The chart of shares, null model above final model."""
    data: dict[str, list] = {
        name: [] for name in ("model", "level", "label", "share", "lower", "upper")
    }
    for model in ("null", "final"):
        for item in context.results.get(model, "shares"):
            data["model"].append(context.model_title(model))
            data["level"].append(item["level"].value)
            data["label"].append(context.title_of(item["level"].value))
            for key in ("share", "lower", "upper"):
                data[key].append(raw(item.get(key)))
    alt = join(
        _("Stacked bars of the share of variation at each level."), variation_answer(context)
    )
    return figure(
        "shares",
        "shares",
        say(_("Share of the variation in {name} at each level"), name=context.labels.outcome),
        _(
            "Each bar is the whole variation that a model leaves; its pieces are the levels, from "
            "the highest at the left. The null model knows time alone; the final model also knows "
            "the variables that were kept. The figures give the share in per cent."
        ),
        plain_text(alt),
        data,
        {
            "x": _("Share of the variation (%)"),
            "levels": [level["name"].value for level in context.levels],
            "compact": False,
        },
    )


def _shares_table(context: Context) -> Block:
    shares = list(context.results["null"]["shares"])
    decimals = decimals_for_size(max(item["variance"].value for item in shares), 5)
    rows = [
        row(
            context.title_of(item["level"].value),
            fixed(item["variance"], decimals),
            fixed(item["sd"], decimals),
            percent(item["share"]),
            percent(item.get("lower")),
            percent(item.get("upper")),
            fixed(item.get("variance_ml"), decimals),
            percent(item.get("share_ml")),
        )
        for item in shares
    ]
    return table(
        "shares",
        _("Variance components of the null model, by REML and by ML"),
        [
            column(_("Level"), "text"),
            column(_("Variance"), group=_("REML")),
            column(_("SD"), group=_("REML")),
            column(_("Share"), group=_("REML")),
            column(_("Lower"), group=_("95% interval")),
            column(_("Upper"), group=_("95% interval")),
            column(_("Variance"), group=_("ML")),
            column(_("Share"), group=_("ML")),
        ],
        rows,
        [
            say(
                _(
                    "SD: standard deviation, in {unit}. The interval is that of the share. ML "
                    "takes the fixed effects as known and gives smaller variances where groups "
                    "are few; the shares of this report are those by REML."
                ),
                unit=context.labels.unit,
            )
        ],
    )


def _correlations_paragraph() -> Block:
    return paragraph(
        _(
            "The same shares, read as correlations: how alike two rows are that have a group in "
            "common."
        )
    )


def _correlations_table(context: Context) -> Block:
    rows = [
        row(
            _pair(context, item["level"].value),
            *(fixed(item.get(key), 3) for key in ("value", "lower", "upper")),
        )
        for item in context.results["null"]["correlations"]
    ]
    columns = [
        column(_("Two rows of"), "text"),
        column(_("Correlation")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
    ]
    return table("correlations", _("Correlations implied by the null model"), columns, rows)


def _pair(context: Context, name: str) -> str:
    """What two rows have in common, and in which units of the next level they differ."""
    names = [level["name"].value for level in context.levels]
    inner = names[names.index(name) + 1]
    group = context.labels.level(name)
    if context.is_crossed(inner) or inner == names[-1]:
        return _("The same {group}").format(group=group)
    if inner.endswith(IN_WAVE):
        return _("The same {group}, in different waves").format(group=group)
    groups = context.labels.plural(inner)
    return _("The same {group}, different {groups}").format(group=group, groups=groups)


def _unit_correlations_table(context: Context, items: list[Node]) -> Block:
    """Correlations of the true means of units, such as two schools of one county."""
    rows = []
    for item in items:
        inner, group = item["level"].value, context.labels.level(item["within"].value)
        if inner.endswith(IN_WAVE):
            name = _("One {group} in two waves").format(group=group)
        elif context.is_crossed(inner):
            name = _("Two {groups} who stay in one {group}").format(
                groups=context.labels.plural(inner), group=group
            )
        else:
            name = _("Two {groups} of one {group}").format(
                groups=context.labels.plural(inner), group=group
            )
        rows.append(row(name, fixed(item["value"], 3)))
    columns = [column(_("True means of"), "text"), column(_("Correlation"))]
    caption = _("Correlations of the true means of groups, null model")
    words = _(
        "The true mean of a group is the one that observations without end would give: chance "
        "within the group plays no part in it."
    )
    return table("unit-correlations", caption, columns, rows, [words])


def _tests_table(context: Context) -> Block:
    rows = [
        row(
            context.title_of(item["level"].value),
            fixed(item["statistic"], 1),
            mixture(item["reference"].text()),
            p_value(item["p_value"]),
        )
        for item in context.results["null"]["tests"]
    ]
    return table(
        "level-tests",
        _("Likelihood-ratio tests of the variation at each level"),
        [
            column(_("Level"), "text"),
            column("χ²"),
            column(_("Reference distribution"), "text"),
            column("p"),
        ],
        rows,
        [
            _(
                "A variance cannot be negative, so the reference distribution is an equal mixture "
                "of chi-squared distributions."
            )
        ],
    )


def _empty_note() -> Block:
    return note(
        "information",
        _(
            "A level with an estimate of zero is called empty: the survey holds no sign that its "
            "groups differ beyond what the levels below explain. It stays in the model, because "
            "the design says it is there."
        ),
    )
