"""Gaps between groups of persons in weighted means, as they are."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.gap import Gap
from mlm.pages.findings.gaps import is_of_persons
from mlm.pages.findings.measure import outer
from mlm.pages.phrases import excludes_zero
from mlm.results.reading import At


def gaps_of_means(context: SampledContext) -> list[Gap]:
    """The largest gap of each variable of persons in the last wave, the clearest first."""
    policies = {item.variable.value for item in context.results.policy}
    found = []
    for item in context.results.means.by:
        name = item.variable.value
        if name not in policies and is_of_persons(context, name):
            gap = _gap(context, item)
            if gap is not None:
                found.append(gap)
    return sorted(found, key=lambda gap: -_clearness(gap.row))


def _gap(context: SampledContext, item: At) -> Gap | None:
    """The largest clear gap of the last wave that may be shown, else the largest; None: none."""
    last, name = context.results.time.waves.value[-1], item.variable.value
    told = {}
    for category in item.categories:
        group = category.waves.find(wave=last)
        if group is not None and not group.gap.missing and not context.is_hidden(group.gap):
            told[group.gap.source] = (category, group)
    if not told:
        return None
    rows = [group.gap for __, group in told.values()]
    row = outer([row for row in rows if excludes_zero(row)] or rows)
    category, group = told[row.source]
    course = tuple(
        (each.wave.value, each.gap)
        for each in category.waves
        if not each.gap.missing and not context.is_hidden(each.gap)
    )
    moved = None if group.moved.missing or context.is_hidden(group.moved) else group.moved
    reference = item.categories[0].category.value
    return Gap(name, category.category.value, reference, row, last, moved, course, "standards")


def _clearness(row: At) -> float:
    """How many of its standard errors a gap is."""
    error = row.std_error.value
    return abs(row.estimate.value) / error if error else 0.0
