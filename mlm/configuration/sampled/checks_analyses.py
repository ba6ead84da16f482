"""Checks of what is asked of the analyses of a sample, and has no form there."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.parts import Analysis

Problem = tuple[KeyPath, str]

_OF_UNITS = (
    "under sampling weights or plausible values a unit has one effect for all waves, compared with "
    "all others of its level; remove the key"
)


def sampled_analysis_problems(configuration: Configuration) -> Iterator[Problem]:
    """Keys that ask for what is not made of weighted rows or of draws."""
    if not configuration.is_sampled:
        return
    if configuration.publication.unit_pages:
        yield (
            ("publication", "unit_pages"),
            "a sample with weights or plausible values describes the population, not single units: "
            "no pages of these are made; remove the key",
        )
    for name, analysis in configuration.analyses.items():
        where = ("analyses", name)
        for key in ("compare", "against"):
            if getattr(analysis, key) != Analysis.model_fields[key].default:
                yield (*where, key), _OF_UNITS
