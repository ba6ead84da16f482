"""A gap: how far a group of persons lies from another, and the finding that tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlm.pages.context import Context
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.measure import Measure, among_words, numbers_of, others_of, when
from mlm.pages.findings.turn import turn_words
from mlm.pages.text import say
from mlm.pages.words.same_persons import Compared
from mlm.results.reading import At


@dataclass(frozen=True)
class Gap:
    """A group against the reference in the last wave.

    Attributes
    ----------
    variable, category, reference : str
        The groups.
    row : At
        Their difference in the last wave.
    wave : str or None
        That wave; None: the difference is the same in all.
    moved : At or None
        Change of the difference from the first wave to the last.
    course : tuple of (str, At)
        The difference in each wave, by its name; empty where it is the same in all.
    section : str
        Section of the report with the details.
    compared : Compared
        Who is compared: different persons, or the same ones in different waves.
    among : tuple of str
        Variables that the gap changes with: it is that among their references.
    """

    variable: str
    category: str
    reference: str
    row: At
    wave: str | None
    moved: At | None = None
    course: tuple[tuple[str, At], ...] = ()
    section: str = "variables"
    compared: Compared = "persons"
    among: tuple[str, ...] = ()

    @property
    def start(self) -> str:
        """The first wave."""
        return self.course[0][0]

    @property
    def first(self) -> At:
        """The difference in the first wave."""
        return self.course[0][1]


def finding_of(
    context: Context,
    gap: Gap,
    key: str,
    row: At,
    found: Measure,
    templates: tuple[str, str],
    parts: dict[str, Any],
    is_news: bool,
) -> Finding:
    """A finding on a gap.

    Parameters
    ----------
    key : str
        Beginning of its key.
    row : At
        The number it tells.
    found : Measure
        The same as printed.
    templates : (str, str)
        The sentence and its heading.
    parts : dict
        What stands in both.
    is_news : bool
        Whether it says something.
    """
    return Finding(
        key=key_of(key, gap.variable, gap.category),
        kind="gap",
        runs=say(templates[0], **parts),
        short=say(templates[1], **parts),
        section=gap.section,
        variable=gap.variable,
        category=gap.category,
        wave=gap.wave,
        **numbers_of(row, found),
        is_news=is_news,
    )


def parts_of(
    context: Context, gap: Gap, has_first: bool = False, has_moved: bool = False
) -> dict[str, Any]:
    """Who is compared, when, and a wave between that the outer ones would hide.

    Parameters
    ----------
    has_first : bool
        Whether the sentence tells of the first wave too.
    has_moved : bool
        Whether it tells that the gap clearly moved since.
    """
    labels = context.labels
    return {
        "members": labels.members(gap.variable, gap.category),
        "reference": _among(context, gap, labels.members(gap.variable, gap.reference)),
        "others": _among(context, gap, others_of(context, gap.variable, gap.reference)),
        "when": when(context, gap.wave, gap.variable, (gap.category, gap.reference)),
        "turn": turn_words(context, gap.course, has_first, has_moved),
    }


def _among(context: Context, gap: Gap, others: str) -> str:
    """Those compared with, and among whom: ``the others among girls``."""
    return others + among_words(context, gap.among)
