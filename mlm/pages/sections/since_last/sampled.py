"""What changed since the last results of a sample: all but single units."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.sections.section import Section
from mlm.pages.sections.since_last.section import SHARED, changes_section_of


def sampled_changes_section(context: SampledContext) -> Section:
    """The section that compares the results with the previous ones."""
    return changes_section_of(context, SHARED)
