"""Which kind of report a context is for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mlm.pages.context import Context
from mlm.pages.contexts.analysis import AnalysisContext
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.kinds.analysis import ANALYSIS
from mlm.pages.kinds.kind import ReportKind
from mlm.pages.kinds.sampled import SAMPLED

KINDS: Mapping[type[Context], ReportKind] = MappingProxyType(
    {AnalysisContext: ANALYSIS, SampledContext: SAMPLED}
)


def kind_of(context: Context) -> ReportKind:
    """What the report of a context is made of."""
    return KINDS[type(context)]
