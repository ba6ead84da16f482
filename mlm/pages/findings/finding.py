"""A finding: one sentence with its keys, its estimate, its interval and its size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from mlm.pages.rounding import Number
from mlm.pages.text import Run, started

Kind = Literal[
    "proficiency",
    "policy",
    "change",
    "gap",
    "spread",
    "ranking",
    "slope",
    "association",
    "caveat",
]
IMPORTANCE: tuple[Kind, ...] = (
    "proficiency",
    "policy",
    "change",
    "gap",
    "spread",
    "ranking",
    "association",
    "slope",
    "caveat",
)
NUMBERS = ("estimate", "lower", "upper", "size", "size_lower", "size_upper")


@dataclass(frozen=True)
class Finding:
    """One message.

    Attributes
    ----------
    key : str
        Unique within an analysis, and the same when it is made again.
    kind : str
        What it is about, in ``IMPORTANCE``.
    runs, short : list of runs
        The sentence; the message without its numbers, which heads a chart or a slide.
    section : str
        Section of the report that holds the details.
    variable, category, wave : str or None
        What it is of, by the names of the configuration.
    unit : str
        Of the estimate; empty where it has none.
    estimate, lower, upper : Number or None
        As printed in the sentence.
    size : Number or None
        The estimate in standard deviations of the outcome in that wave, without its sign.
    size_lower, size_upper : Number or None
        The ends of the interval in the same.
    is_news : bool
        Whether it says something; otherwise what it cannot tell.
    """

    key: str
    kind: Kind
    runs: list[Run]
    short: list[Run]
    section: str
    variable: str | None = None
    category: str | None = None
    wave: str | None = None
    unit: str = ""
    estimate: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    size: Number | None = None
    size_lower: Number | None = None
    size_upper: Number | None = None
    is_news: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The finding as it stands in the document."""
        numbers = {name: getattr(self, name) for name in NUMBERS}
        return {
            "key": self.key,
            "kind": self.kind,
            "variable": self.variable,
            "category": self.category,
            "wave": self.wave,
            "unit": self.unit,
            **{name: None if n is None else n.run() for name, n in numbers.items()},
            "section": self.section,
            "short": started(self.short),
            "runs": started(self.runs),
        }


def key_of(kind: str, *names: str | None) -> str:
    """A key of names; letters that an identifier may not have are written by their number."""
    parts = [kind, *(name for name in names if name is not None)]
    return "-".join(re.sub(r"[^A-Za-z0-9_]", lambda m: f"-{ord(m[0]):x}-", part) for part in parts)
