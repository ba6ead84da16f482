"""The chart of shares: null model above settled model; on the first screen the null model alone."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import percent
from mlm.pages.sections.variation.words import bars_words, variation_answer
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.levels import identifier
from mlm.results.reading import At


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


def _add(context: Context, data: dict[str, list], model: str, item: At, title: str) -> None:
    """One piece of a bar."""
    data["model"].append(context.model_title(model))
    data["level"].append(identifier(item.level.value))
    data["label"].append(title)
    for name in ("share", "lower", "upper"):
        data[name].append(percent(getattr(item, name)))


def shares_figure(context: Context) -> Block:
    """The chart of shares, null model above settled model."""
    data: dict[str, list] = {
        name: [] for name in ("model", "level", "label", "share", "lower", "upper")
    }
    results = context.results
    for item in results.null.shares:
        if not item.share.missing:
            _add(context, data, "null", item, context.title_of(item.level.value))
    for item in results.settled.variances:
        _add(context, data, "settled", item, context.title_with_held(item))
    alt = join(
        _("Stacked bars of the share of variation at each level."), variation_answer(context)
    )
    return figure(
        "shares",
        "shares",
        say(_("Share of the variation in {name} at each level"), name=context.labels.outcome),
        join(bars_words(context), *_held_words(context)),
        alt,
        data,
        {
            "x": _("Share of the variation (%)"),
            "levels": [identifier(level) for level in context.hierarchy],
            "compact": False,
        },
        unit=_("per cent of the variance"),
        title=_title(context),
    )


def _held_words(context: Context) -> list[list[Run]]:
    """Whose variation a piece of the settled model holds beside its own."""
    template = _("In the settled model the piece of {groups} holds that of {others} too.")
    plural = context.labels.plural
    told = {item.level.value for item in context.results.null.shares if not item.share.missing}
    return [
        say(
            template,
            groups=plural(item.level.value),
            others=enumerate_words([plural(level) for level in item.holds.value]),
        )
        for item in context.results.settled.variances
        if not item.holds.empty and item.level.value in told
    ]


def _title(context: Context) -> list[Run]:
    """Where most of the variation lies before any variable is known."""
    shares = [item for item in context.results.null.shares if not item.share.missing]
    if not shares:
        return []
    most = max(shares, key=lambda item: item.share.value)
    return say(
        _("{share} of the variation in {outcome} lies {between}"),
        share=percent(most.share),
        outcome=context.labels.outcome,
        between=context.between_units(most.level.value),
    )
