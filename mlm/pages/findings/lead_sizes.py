"""The lead chart of a gap that is the same in all waves: it first, other gaps below."""

from __future__ import annotations

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gap import Gap
from mlm.pages.findings.gaps import adjusted_gaps
from mlm.pages.findings.measure import among_words
from mlm.pages.labels import capitalise
from mlm.pages.language import _, joined_words
from mlm.pages.rounding import drawn
from mlm.pages.sizes import sd_of_wave
from mlm.pages.text import say, started

ENDS = ("estimate", "lower", "upper")
MOST_GAPS = 6  # gaps that the chart shows


def lead_sizes(context: Context, finding: Finding) -> Block | None:
    """Gaps in standard deviations of the last wave; None where that of the finding has no size."""
    sd = sd_of_wave(context, None)
    gaps = [gap for gap in adjusted_gaps(context) if gap.compared != "same_persons"]
    gaps.sort(key=lambda gap: gap.variable != finding.variable)
    if sd is None or not gaps or gaps[0].variable != finding.variable:
        return None
    shown = gaps[:MOST_GAPS]
    outcome = context.labels.outcome
    wave = context.labels.wave(context.results.time.waves.value[-1])
    labels = [gap_title(context, gap) for gap in shown]
    data = {"label": labels} | {
        end: [drawn(derive("quotient", getattr(gap.row, end), sd), decimals=2) for gap in shown]
        for end in ENDS
    }
    return figure(
        "lead",
        "effects",
        say(_("Gaps in {wave}, in standard deviations"), wave=wave),
        say(
            _(
                "One row a gap, in standard deviations of {outcome} in {wave}; the line is its 95% "
                "interval."
            ),
            outcome=context.labels.phrase(context.labels.analysis.outcome),
            wave=wave,
        ),
        say(
            _("Gaps in {wave} with 95% intervals; the first: {gap}, {size} standard deviations."),
            wave=wave,
            gap=labels[0],
            size=data["estimate"][0],
        ),
        data,
        {"x": _("Difference in {outcome} (standard deviations)").format(outcome=outcome)},
        unit=_("standard deviations"),
        title=started(finding.short),
    )


def gap_title(context: Context, gap: Gap) -> str:
    """``Black pupils against White pupils among girls``."""
    labels = context.labels
    title = _("{members} against {reference}").format(
        members=labels.members(gap.variable, gap.category),
        reference=labels.members(gap.variable, gap.reference),
    )
    return capitalise(joined_words(title + among_words(context, gap.among)))
