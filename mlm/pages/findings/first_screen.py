"""The first screen: who was studied, and the room that is left for findings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlm.pages.context import Context
from mlm.pages.findings.publication import publication
from mlm.pages.language import _
from mlm.pages.rounding import COUNTS
from mlm.pages.text import Run, plain_text, say
from mlm.pages.words.units import counted_units

MOST_WORDS = 120  # of all that stands above the first chart
LEAST_ROOM = 45  # words that are left for findings below the longest of titles
WORD = re.compile(r"\S*\w\S*")
HIDDEN_WORDS = 3  # fewer than 10
SAID = ("day", "publisher", "contact", "licence")


def room_for_findings(context: Context) -> int:
    """Words that findings may have together, so that the first screen has at most `MOST_WORDS`.

    What stands above them takes its own: titles, publisher, and who was studied.
    """
    said = publication(context)
    above = [context.configuration.title, context.labels.analysis.title or context.labels.outcome]
    above += [said[name] for name in SAID]
    above += [_("Findings"), plain_text(who(context))]
    return max(MOST_WORDS - sum(map(words_in, above)), LEAST_ROOM)


def most_words_in(runs: Sequence[Run]) -> int:
    """Words of a sentence, with `HIDDEN_WORDS` for each count that may have to be hidden."""
    counts = [run for run in runs if run.get("style") in COUNTS]
    return words_in(runs) + (HIDDEN_WORDS - 1) * len(counts)


def words_in(text: str | Sequence[Run]) -> int:
    """Words of a text: signs that stand alone are none."""
    return len(WORD.findall(plain_text(text)))


def who(context: Context) -> list[Run]:
    """Who was studied, and when: ``10,615 pupils · 80 schools · Kindergarten to Grade 3``."""
    runs: list[Run] = []
    sizes = context.sizes
    if context.configuration.design.follows_lowest:
        sizes = sizes[:-1]  # occasions are no units
    for level, size in reversed(sizes):
        if not level.in_wave:
            told = counted_units(context.labels, level, size)
            runs = say("{before}{told} · ", before=runs, told=told)
    return say("{units}{when}", units=runs, when=when(context))


def when(context: Context) -> str:
    """When they were studied: ``Kindergarten to Grade 3``."""
    waves = [context.labels.wave(wave) for wave in context.results.time.waves.value]
    if len(waves) > 1:
        return _("{start} to {end}").format(start=waves[0], end=waves[-1])
    return waves[0] if waves else _("one wave")
