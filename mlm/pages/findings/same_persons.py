"""The finding on a category that changes for the same persons: them against their other waves."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gap import Gap, finding_of, parts_of
from mlm.pages.findings.measure import measure
from mlm.pages.findings.turn import clear_before, since_words
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero


def of_same_persons(context: Context, gap: Gap) -> Finding:
    """What a group differs by from what the same persons' other waves lead one to expect."""
    moved = gap.moved is not None and excludes_zero(gap.moved)
    found, clear = measure(context, gap.row, gap.wave), excludes_zero(gap.row)
    categories = context.configuration.variables[gap.variable].categories or {}
    up, is_one_of_two = gap.row.estimate.value > 0, len(categories) == 2
    template = (
        _(
            "{members} did not clearly differ from what their own results at other "
            "times lead one to expect{when}: {most}{before}."
        )
        if not clear
        else _(
            "{members} were {size} above what their own results at other times lead one to expect"
            "{when}{before}{turn}."
        )
        if up and is_one_of_two
        else _(
            "{members} were {size} below what their own results at other times lead one to expect"
            "{when}{before}{turn}."
        )
        if is_one_of_two
        else _(
            "{members} were {size} above what is expected of the same {persons} at times as "
            "{reference}{when}{before}{turn}."
        )
        if up
        else _(
            "{members} were {size} below what is expected of the same {persons} at times as "
            "{reference}{when}{before}{turn}."
        )
    )
    short = (
        _("{members} did not clearly differ from their own results at other times")
        if not clear
        else _("{members} were above their own results at other times{when}")
        if up
        else _("{members} were below their own results at other times{when}")
    )
    before = since_words(context, gap.course, gap.moved) if moved else []
    before = before if clear else clear_before(context, gap.course)
    parts = parts_of(context, gap, has_first=moved, has_moved=moved) | {
        "size": found.runs(),
        "most": found.excluded(),
    }
    parts |= {"persons": context.labels.plural(context.configuration.level_names[-1])}
    parts |= {"before": before}
    return finding_of(context, gap, "gap", gap.row, found, (template, short), parts, clear)
