"""The shape every section has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.blocks import Block


@dataclass(frozen=True)
class Section:
    """A section of the document: identifier, title, an optional question, and its blocks."""

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
