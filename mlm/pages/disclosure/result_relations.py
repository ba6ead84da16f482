"""What counts of results have to do with each other, by the kind of the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mlm.pages.analysis_context import AnalysisContext
from mlm.pages.context import Context
from mlm.pages.disclosure.analysis_relations import analysis_relations
from mlm.pages.disclosure.check_relations import Terms
from mlm.pages.disclosure.sampled_relations import sampled_relations
from mlm.pages.sampled_context import SampledContext

KINDS: Mapping[type[Context], Callable[..., Iterator[Terms]]] = MappingProxyType(
    {AnalysisContext: analysis_relations, SampledContext: sampled_relations}
)


def result_relations(context: Context) -> Iterator[Terms]:
    """Relations between counts that results of that kind alone have."""
    return KINDS[type(context)](context)
