"""The findings on a sample, and which of them are told first."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.findings.associations import association_findings, slope_finding
from mlm.pages.findings.caveats import caveats, remarks
from mlm.pages.findings.change import change_findings
from mlm.pages.findings.chosen import Chosen, chosen_among
from mlm.pages.findings.finding import Finding
from mlm.pages.findings.gaps import gap_findings
from mlm.pages.findings.policy import policy_findings
from mlm.pages.findings.sampled.caveats import sampled_remarks
from mlm.pages.findings.sampled.gaps import gaps_of_means
from mlm.pages.findings.sampled.proficiency import proficiency_findings
from mlm.pages.findings.sampled.ranking import ranking_findings
from mlm.pages.findings.spread import spread_finding


def sampled_chosen(context: SampledContext) -> Chosen:
    """The findings on a sample: standards first, as they are in the population."""
    found: list[Finding | None] = [
        *proficiency_findings(context),
        *policy_findings(context),
        *change_findings(context, context.results.means.waves, "standards"),
        *gap_findings(context, gaps_of_means(context)),
        spread_finding(context),
        *ranking_findings(context),
        *association_findings(context),
        slope_finding(context),
        *caveats(context),
    ]
    also = [*sampled_remarks(context), *remarks(context)]
    return chosen_among(context, found, also)
