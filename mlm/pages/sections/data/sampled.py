"""Data quality and the flow of rows of a sample: rows are counted, and described, as they are."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.language import _
from mlm.pages.sections.data.descriptives import describe_blocks
from mlm.pages.sections.data.section import data_section_of
from mlm.pages.sections.section import Section


def sampled_data_section(context: SampledContext) -> Section:
    """The section on rows, exclusions, missing values and units that change."""
    apart, notes = context.levels_apart, []
    if not context.results.sample.missing:
        notes.append(_("Without weights: these are the rows of the sample, not the population."))
    return data_section_of(apart, describe_blocks(apart, notes))
