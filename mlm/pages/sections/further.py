"""What the sections on the five questions hold beside their answers, in the order it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mlm.pages.blocks import Block
from mlm.pages.context import Context
from mlm.pages.sections.over_time.next_wave import forward_blocks
from mlm.pages.sections.policy.balance import balance_blocks
from mlm.pages.sections.section import Section
from mlm.pages.sections.slopes.cross_level import slope_detail_blocks
from mlm.pages.sections.variables.inclusion import inclusion_blocks
from mlm.pages.sections.variables.pupil_level import between_blocks, pupil_level_blocks

FURTHER: dict[str, tuple[Callable[[Context], list[Block]], ...]] = {
    "variables": (pupil_level_blocks, between_blocks, inclusion_blocks),
    "slopes": (slope_detail_blocks,),
    "change": (forward_blocks,),
    "policy": (balance_blocks,),
}


def with_further(section: Section, context: Context) -> Section:
    """The section with its further parts at the end; parts without results are left out."""
    makers = FURTHER.get(section.id, ())
    extra = [block for make in makers for block in make(context)]
    return replace(section, blocks=[*section.blocks, *extra]) if extra else section
