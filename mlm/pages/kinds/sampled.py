"""A report on a sample with sampling weights or plausible values."""

from __future__ import annotations

from mlm.pages.findings.sampled.chosen import sampled_chosen
from mlm.pages.findings.sampled.lead import sampled_lead
from mlm.pages.findings.sampled.second_page import sampled_brief
from mlm.pages.kinds.kind import ReportKind
from mlm.pages.sections.data.sampled import sampled_data_section
from mlm.pages.sections.method.reproducibility import reproducibility_section
from mlm.pages.sections.method.sampled_glossary import sampled_glossary_section
from mlm.pages.sections.sampled.errors import errors_section
from mlm.pages.sections.sampled.methods import methods_section
from mlm.pages.sections.sampled.policy import policy_section
from mlm.pages.sections.sampled.robustness.sensitivity import sensitivity_section
from mlm.pages.sections.sampled.sample import sample_section
from mlm.pages.sections.sampled.standards import standards_section
from mlm.pages.sections.sampled.units import units_section
from mlm.pages.sections.sampled.variables import variables_section
from mlm.pages.sections.sampled.variation import variation_section
from mlm.pages.sections.since_last.sampled import sampled_changes_section

SECTIONS = (
    standards_section,
    variation_section,
    variables_section,
    policy_section,
    units_section,
    sample_section,
    errors_section,
    sensitivity_section,
    sampled_data_section,
    sampled_changes_section,
    methods_section,
    sampled_glossary_section,
    reproducibility_section,
)

SAMPLED = ReportKind(SECTIONS, sampled_chosen, sampled_lead, sampled_brief)
