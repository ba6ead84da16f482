"""Whether units may be ranked: rarely where the sample was drawn to describe a population."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.ranking import OWN_UNITS, why_not
from mlm.pages.language import N_, _
from mlm.pages.text import Run, say
from mlm.results.level import Level
from mlm.results.reading import At

NOT_FOR_UNITS = N_("the plausible values were not made to describe single {units}")
REASONS = {
    "none_recur": OWN_UNITS,
    "scaling_not_for_units": N_("with weights scaled in this way single {units} are not reliable"),
}
NOT_TOLD = N_("nothing is known of single {units}")


def ranking_findings(context: SampledContext) -> list[Finding]:
    """Of each level whether its units may be ranked, and why not."""
    return [_finding(context, item) for item in context.results.units]


def _finding(context: SampledContext, item: At) -> Finding:
    level = item.level.value
    if item.kind.value == "refused":
        return _refused(context, level, _why_none(context, level, item.reason.kind.value))
    if not item.licence.granted.value:
        return _refused(context, level, why_not(item))
    units = context.labels.plural(level)
    runs = say(_("{units} may be ranked; the report shows each with its range."), units=units)
    return _made(level, runs, say(_("{units} may be ranked"), units=units))


def _why_none(context: SampledContext, level: Level, reason: str) -> list[Run]:
    """Why nothing is told of single units: first of all that scores are drawn."""
    is_drawn = not context.results.scores.empty
    template = _(NOT_FOR_UNITS if is_drawn else REASONS.get(reason, NOT_TOLD))
    return say(template, units=context.labels.plural(level))


def _refused(context: SampledContext, level: Level, why: list[Run]) -> Finding:
    units = context.labels.plural(level)
    runs = say(_("{units} are not ranked: {why}."), units=units, why=why)
    return _made(level, runs, say(_("{units} are not ranked"), units=units))


def _made(level: Level, runs: list[Run], short: list[Run]) -> Finding:
    key = key_of("ranking", level.unit)
    return Finding(key=key, kind="ranking", runs=runs, short=short, section="units")
