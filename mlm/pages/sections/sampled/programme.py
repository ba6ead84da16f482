"""What the programme of an assessment filled in the configuration, and where that is known from."""

from __future__ import annotations

from mlm.pages.blocks import Block, bullets, code, heading, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.text import say


def programme_blocks(context: Context) -> list[Block]:
    """Every key that was filled, with its entry, and the sources; nothing without a programme."""
    filled = context.configuration.filled
    if filled is None:
        return []
    words = say(
        _(
            "The configuration says that these are files of {programme}. What it does not say of "
            "the sample and of the scores was filled from what is published of that programme:"
        ),
        programme=filled.title,
    )
    blocks: list[Block] = [heading("methods-programme", _("What the programme filled"))]
    if not filled.entries:
        none = _(
            "The configuration says that these are files of {programme}, and says all of the "
            "sample and of the scores itself; nothing was filled."
        )
        return [*blocks, paragraph(say(none, programme=filled.title))]
    lines = [f"{key}: {entry}" for key, entry in filled.texts]
    blocks += [paragraph(words), code("\n".join(lines), _("Keys that were filled"))]
    blocks += [paragraph(_("Known from:")), bullets(list(filled.sources))]
    return blocks
