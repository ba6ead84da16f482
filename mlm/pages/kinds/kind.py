"""What a report of one kind of results is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlm.pages.blocks import Block
from mlm.pages.context import Context
from mlm.pages.findings.chosen import Chosen
from mlm.pages.sections.section import Section

Lead = Callable[[Context, Chosen], Mapping[str, Block | None]]


@dataclass(frozen=True)
class ReportKind:
    """The parts of a report, each a function of its context.

    Attributes
    ----------
    sections : tuple of functions
        The sections in their order; one that returns None is left out.
    chosen : function
        The findings.
    lead : function
        ``figure``, ``lead`` and ``table`` of the first screen: the chart, the table of the
        foremost findings, and that of what was studied.
    brief : function
        The second page of a brief.
    """

    sections: tuple[Callable[[Any], Section | None], ...]
    chosen: Callable[[Any], Chosen]
    lead: Lead
    brief: Callable[[Any, Chosen], dict[str, Any]]
