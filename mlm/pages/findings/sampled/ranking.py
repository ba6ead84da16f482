"""Whether units may be ranked: rarely where the sample was drawn to describe a population."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.ranking import why_not
from mlm.pages.language import N_, _
from mlm.pages.text import say
from mlm.results.reading import At

REASONS = {
    "not_for_single_units": N_("the plausible values were not made to describe single {units}"),
    "scaling_not_for_units": N_("with weights scaled in this way single {units} are not reliable"),
}
NOT_TOLD = N_("nothing is known of single {units}")


def ranking_findings(context: SampledContext) -> list[Finding]:
    """Of each level whether its units may be ranked, and why not."""
    return [_finding(context, item) for item in context.results.units]


def _finding(context: SampledContext, item: At) -> Finding:
    level = item.level.value
    units = context.labels.plural(level)
    is_granted = item.kind.value == "estimated" and item.licence.granted.value
    if is_granted:
        runs = say(_("{units} may be ranked; the report shows each with its range."), units=units)
        short = say(_("{units} may be ranked"), units=units)
    else:
        why = _why(item).format(units=units)
        runs = say(_("{units} are not ranked: {why}."), units=units, why=why)
        short = say(_("{units} are not ranked"), units=units)
    return Finding(
        key=key_of("ranking", level.unit), kind="ranking", runs=runs, short=short, section="units"
    )


def _why(item: At) -> str:
    if item.kind.value == "estimated":
        return why_not(item)
    return _(REASONS.get(item.reason.kind.value, NOT_TOLD))
