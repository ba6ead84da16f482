"""The shape every section has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlm.pages.blocks import Block


@dataclass(frozen=True)
class Section:
    """A section of the document: identifier, title, an optional question, and its blocks.

    A ``number`` says that it is one of those that are numbered, and its place among all that a
    report may have; `in_order` numbers those that it has.
    """

    id: str
    title: str
    blocks: Sequence[Block]
    number: str = ""
    question: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The section as it stands in the document."""
        return {
            "id": self.id,
            "number": self.number,
            "title": self.title,
            "question": self.question,
            "blocks": list(self.blocks),
        }


def in_order(sections: Sequence[Section]) -> list[Section]:
    """The sections of a report, those with a number numbered without a gap."""
    numbered = [section for section in sections if section.number]
    place = {section.id: str(i) for i, section in enumerate(numbered, start=1)}
    return [replace(section, number=place.get(section.id, "")) for section in sections]
