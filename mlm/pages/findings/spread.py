"""The finding on spread: how much of the differences lies between which units."""

from __future__ import annotations

from mlm.pages.context import Context, ToldShare
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding
from mlm.pages.language import _
from mlm.pages.rounding import percent
from mlm.pages.text import Run, enumerate_words, say

MOST_LEVELS = 4  # whose shares a sentence tells one by one


def spread_finding(context: Context) -> Finding | None:
    """Where the differences lie: the outermost units that clearly differ, then all the others."""
    shares = context.level_shares
    clear = [item for item in shares if not item.lower.missing and item.lower.value > 0]
    if len(clear) < 2:
        return None
    top = clear[0]
    level = context.labels.plural(top.level)
    return Finding(
        key="spread",
        kind="spread",
        runs=say(
            _("Of all differences {first} ({low} to {high}) lie {there}, {others}."),
            first=percent(top.share, 0).bold(),
            low=percent(top.lower, 0),
            high=percent(top.upper, 0),
            there=_there(context, top),
            others=_others(context, [item for item in shares if item is not top]),
        ),
        short=say(_("How much {units} differ"), units=level),
        section="variation",
        estimate=percent(top.share, 0),
        lower=percent(top.lower, 0),
        upper=percent(top.upper, 0),
    )


def _others(context: Context, shares: list[ToldShare]) -> list[Run]:
    """The shares of the other levels, so that all together are the whole."""
    if 1 + len(shares) <= MOST_LEVELS:
        return enumerate_words([_share(context, item) for item in shares])
    most = max(shares, key=lambda item: item.share.value)
    rest = derive("sum", *(item.share for item in shares if item is not most))
    return say(
        _("{most} and {rest} elsewhere"), most=_share(context, most), rest=percent(rest, 0).bold()
    )


def _share(context: Context, item: ToldShare) -> list[Run]:
    return say("{share} {there}", share=percent(item.share, 0).bold(), there=_there(context, item))


def _there(context: Context, item: ToldShare) -> str:
    """Where a share lies, in few words: the shares of a level leave out those above it."""
    level, labels = item.level, context.labels
    if level == context.lowest and context.configuration.design.follows_lowest:
        return _("over time")
    if level.in_wave and level not in labels.joint:
        return _("over time in the same {unit}").format(unit=labels.level(level.unit))
    return _("between {groups}").format(groups=labels.plural(level))
