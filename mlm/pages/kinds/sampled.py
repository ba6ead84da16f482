"""A report on a sample with sampling weights or plausible values."""

from __future__ import annotations

from mlm.pages.findings.sampled.chosen import sampled_chosen
from mlm.pages.findings.sampled.lead import sampled_lead
from mlm.pages.findings.sampled.second_page import sampled_brief
from mlm.pages.kinds.kind import ReportKind
from mlm.pages.sections.data.sampled import sampled_data_section
from mlm.pages.sections.method.glossary import glossary_section
from mlm.pages.sections.method.reproducibility import reproducibility_section
from mlm.pages.sections.since_last.sampled import sampled_changes_section

SECTIONS = (
    sampled_data_section,
    sampled_changes_section,
    glossary_section,
    reproducibility_section,
)

SAMPLED = ReportKind(SECTIONS, sampled_chosen, sampled_lead, sampled_brief)
