"""Whether units may be ranked: rarely where the sample was drawn to describe a population."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.ranking import why_not
from mlm.pages.language import N_, _
from mlm.pages.text import Run, say
from mlm.results.level import Level
from mlm.results.reading import At

NOT_FOR_UNITS = N_("the plausible values were not made to describe single {units}")
REASONS = {
    "not_for_single_units": NOT_FOR_UNITS,
    "scaling_not_for_units": N_("with weights scaled in this way single {units} are not reliable"),
}
NOT_TOLD = N_("nothing is known of single {units}")


def ranking_findings(context: SampledContext) -> list[Finding]:
    """Of each level whether its units may be ranked, and why not.

    Where units are of one wave each none is told, whatever the reason; where scores are drawn it is
    that they are.
    """
    found = [_finding(context, item) for item in context.results.units]
    if found or context.results.scores.empty:
        return found
    above = [level for level in context.hierarchy[:-1] if not level.in_wave]
    return [_refused(context, level, _(NOT_FOR_UNITS)) for level in above]


def _finding(context: SampledContext, item: At) -> Finding:
    level = item.level.value
    if item.kind.value == "refused":
        return _refused(context, level, _(REASONS.get(item.reason.kind.value, NOT_TOLD)))
    if not item.licence.granted.value:
        return _refused(context, level, why_not(item))
    units = context.labels.plural(level)
    runs = say(_("{units} may be ranked; the report shows each with its range."), units=units)
    return _made(level, runs, say(_("{units} may be ranked"), units=units))


def _refused(context: SampledContext, level: Level, why: str) -> Finding:
    units = context.labels.plural(level)
    runs = say(_("{units} are not ranked: {why}."), units=units, why=why.format(units=units))
    return _made(level, runs, say(_("{units} are not ranked"), units=units))


def _made(level: Level, runs: list[Run], short: list[Run]) -> Finding:
    key = key_of("ranking", level.unit)
    return Finding(key=key, kind="ranking", runs=runs, short=short, section="units")
