"""Words that no finding says: idioms of the house, and the nouns of a file or a model."""

from __future__ import annotations

import re

BANNED = re.compile(
    r"\b(held against|is told|are told|told from|goes with|go with|as shipped|cannot be told from|"
    r"no evidence|singly|instead of|rather too|pull the estimates|rows?|terms?|units? of the level|"
    r"level|occasions?|covariates?|cases?|p-values?|significant\w*|licen[cs]e to rank|null model|"
    r"standards)\b",
    re.IGNORECASE,
)
CAUSAL = re.compile(r"\b(raised|lowered|made no|effect was found)\b", re.IGNORECASE)


def idioms_in(text: str) -> list[str]:
    """The banned idioms of a text."""
    return [found[0] for found in BANNED.finditer(text)]
