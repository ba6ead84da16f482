"""The finding on spread: how much of the differences lies between which units."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.findings.finding import Finding
from mlm.pages.language import _
from mlm.pages.rounding import percent
from mlm.pages.text import say


def spread_finding(context: Context) -> Finding | None:
    """The share of the outermost units that clearly differ, and the largest share of all."""
    shares = [item for item in context.results.null.shares if not item.lower.missing]
    clear = [item for item in shares if item.lower.value > 0]
    if len(clear) < 2:
        return None
    top = clear[0]
    most = max(clear[1:], key=lambda item: item.share.value)
    level = context.labels.plural(top.level.value)
    return Finding(
        key="spread",
        kind="spread",
        runs=say(
            _("{first} ({low} to {high}) of all differences lie {there}, {second} {elsewhere}."),
            first=percent(top.share, 0).bold(),
            low=percent(top.lower, 0),
            high=percent(top.upper, 0),
            there=context.between_units(top.level.value),
            second=percent(most.share, 0).bold(),
            elsewhere=context.between_units(most.level.value),
        ),
        short=say(_("How much {units} differ"), units=level),
        section="variation",
        estimate=percent(top.share, 0),
        lower=percent(top.lower, 0),
        upper=percent(top.upper, 0),
    )
