"""Relations of counts of results, chosen by their kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mlm.pages.context import Context
from mlm.pages.contexts.analysis import AnalysisContext
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.disclosure.check_relations import Terms
from mlm.pages.disclosure.result_relations.analysis import analysis_relations
from mlm.pages.disclosure.result_relations.sampled import sampled_relations

KINDS: Mapping[type[Context], Callable[..., Iterator[Terms]]] = MappingProxyType(
    {AnalysisContext: analysis_relations, SampledContext: sampled_relations}
)


def result_relations(context: Context) -> Iterator[Terms]:
    """Relations between counts that results of that kind alone have."""
    return KINDS[type(context)](context)
