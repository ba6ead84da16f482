"""A report on rows that count alike."""

from __future__ import annotations

from collections.abc import Mapping

from mlm.pages.blocks import Block
from mlm.pages.contexts.analysis import AnalysisContext
from mlm.pages.findings.chosen import Chosen, chosen_findings
from mlm.pages.findings.lead import lead_figure, lead_table
from mlm.pages.findings.second_page import brief
from mlm.pages.kinds.kind import ReportKind
from mlm.pages.sections.data.section import data_section
from mlm.pages.sections.diagnostics.section import diagnostics_section
from mlm.pages.sections.imputed.section import imputed_section
from mlm.pages.sections.method.annex import annex_section
from mlm.pages.sections.method.glossary import glossary_section
from mlm.pages.sections.method.limitations import limitations_section
from mlm.pages.sections.method.model_card import model_card_section
from mlm.pages.sections.method.reproducibility import reproducibility_section
from mlm.pages.sections.method.section import methods_section
from mlm.pages.sections.models.section import models_section
from mlm.pages.sections.over_time.section import change_section
from mlm.pages.sections.policy.section import policy_section
from mlm.pages.sections.since_last.section import changes_section
from mlm.pages.sections.slopes.section import slopes_section
from mlm.pages.sections.studied import studied_table
from mlm.pages.sections.units.section import units_section
from mlm.pages.sections.variables.section import variables_section
from mlm.pages.sections.variation.chart import shares_overview
from mlm.pages.sections.variation.section import variation_section

SECTIONS = (
    variation_section,
    variables_section,
    slopes_section,
    units_section,
    change_section,
    policy_section,
    data_section,
    imputed_section,
    models_section,
    diagnostics_section,
    changes_section,
    model_card_section,
    methods_section,
    glossary_section,
    limitations_section,
    annex_section,
    reproducibility_section,
)


def _lead(context: AnalysisContext, chosen: Chosen) -> Mapping[str, Block | None]:
    figure = lead_figure(context, chosen)
    if figure is None and not context.results.null.shares.empty:
        figure = shares_overview(context)
    return {
        "figure": figure,
        "lead": lead_table(context, chosen),
        "table": studied_table(context),
    }


ANALYSIS = ReportKind(SECTIONS, chosen_findings, _lead, brief)
