"""What the rows can and cannot tell apart, found before any model was fitted."""

from __future__ import annotations

from mlm.pages.blocks import Block, heading, note, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.sections.method.fit_notes import aliased_notes
from mlm.pages.words.doubts import doubt_words
from mlm.results.reading import At


def separable_blocks(context: Context) -> list[Block]:
    """A remark for each finding; that there is none is said too."""
    found = context.survey.separability
    title = heading("separable", _("What the data can tell apart"))
    remarks = [_remark(context, doubt) for doubt in found] + aliased_notes(context)
    every = paragraph(_("Every level and every variable can be separated from the others."))
    return [title, *(remarks or [every])]


def _remark(context: Context, doubt: At) -> Block:
    kind = "caution" if doubt.severity.value == "warning" else "information"
    return note(kind, doubt_words(doubt, context.labels))
