"""Sentences: a template filled with words and traced numbers becomes a list of runs.

A run is ``{"text": ...}``; a run that prints a number also carries value, source, decimals and
style. Templates never contain digits of a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter
from typing import Any

from mlm.pages.language import _, elided, joined_words
from mlm.pages.printed.rewording import INSTEAD, LEANS
from mlm.pages.rounding import Number

Run = dict[str, Any]
Part = str | Number | Sequence[Run]


def say(template: str, **parts: Part) -> list[Run]:
    """The runs of a sentence: `template` with each ``{name}`` replaced by the part of that name."""
    runs: list[Run] = []
    for literal, name, *__ in Formatter().parse(template):
        _append(runs, literal)
        if name is not None:
            _append(runs, parts[name])
    return runs


def or_else(runs: Sequence[Run], words: str) -> list[Run]:
    """The runs of a sentence with what is said instead where a number of them is hidden.

    Parameters
    ----------
    words : str
        Nothing where the sentence, or a part of one, is left out.
    """
    return [run | {INSTEAD: None if place else words} for place, run in enumerate(runs)]


def leaning(runs: Sequence[Run]) -> list[Run]:
    """The runs of a sentence on what the one before said: left out where that one is."""
    return [run if place else run | {LEANS: True} for place, run in enumerate(runs)]


def strong(text: str) -> list[Run]:
    """Words to be emphasised."""
    return [{"text": text, "strong": True}]


def enumerate_words(parts: Sequence[Part], last: str | None = None) -> list[Run]:
    """The parts as ``a, b and c``; `last` is the word before the last one."""
    last = last or _("and")
    runs: list[Run] = []
    for position, part in enumerate(parts):
        if position:
            _append(runs, f" {last} " if position == len(parts) - 1 else ", ")
        _append(runs, part)
    return runs


def join(*sentences: Part) -> list[Run]:
    """Sentences one after the other, separated by a space; empty ones are left out."""
    runs: list[Run] = []
    for sentence in sentences:
        if not sentence:
            continue
        if runs:
            _append(runs, " ")
        _append(runs, sentence)
    return runs


def started(runs: Sequence[Run]) -> list[Run]:
    """The runs of a sentence as printed: a capital at the start, articles and prepositions joined.

    In some languages a preposition before an article becomes one word with it (French ``de les
    écoles``: ``des écoles``).
    """
    joined = [run if "value" in run else run | {"text": joined_words(run["text"])} for run in runs]
    first, *rest = joined
    if "value" in first:
        return joined
    text = first["text"]
    return [first | {"text": text[:1].upper() + text[1:]}, *rest]


def plain_text(runs: Part) -> str:
    """The runs as plain text (for text alternatives and CSV)."""
    if isinstance(runs, str):
        return runs
    if isinstance(runs, Number):
        return runs.text
    return "".join(run["text"] for run in runs)


def _append(runs: list[Run], part: Part) -> None:
    if isinstance(part, Number):
        runs.append(part.run())
        return
    for run in [{"text": part}] if isinstance(part, str) else part:
        bare = set(run) == {"text"}
        if not run["text"]:
            continue
        if runs and "value" not in run:
            runs[-1] = runs[-1] | {"text": elided(runs[-1]["text"], run["text"])}
        if bare and runs and set(runs[-1]) == {"text"}:
            runs[-1] = {"text": runs[-1]["text"] + run["text"]}
        else:
            runs.append(dict(run))
