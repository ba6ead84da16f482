"""Counts that the texts of a configuration tell: "79 schools" in the description of a survey."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlm.configuration.models import Configuration

TOTALS = ("/groups", "/distinct", "/groups_total", "/n", "/rows_kept", "/rows_read", "/n_obs")
NUMBER = r"\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+|\d+"
BETWEEN = r"(?:\s+[^\W\d]+){0,2}?"  # as in "60 American primary schools"


def counts_told(configuration: Configuration, analysis: str) -> Iterator[tuple[str, int, str]]:
    """Level, number and words wherever a text of the configuration counts its units.

    Yields
    ------
    tuple of str, int, str
        The name of the level, the number, and the words: ``("school", 79, "79 schools")``.
    """
    texts = texts_of(configuration, analysis)
    for level in configuration.levels:
        names = {level.name, level.label or level.name, level.plural or f"{level.name}s"}
        nouns = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        pattern = re.compile(rf"\b({NUMBER}){BETWEEN}\s+(?:{nouns})\b", re.IGNORECASE)
        for text in texts:
            for match in pattern.finditer(text):
                yield level.name, int(re.sub(r"\D", "", match[1])), " ".join(match[0].split())


def texts_of(configuration: Configuration, analysis: str) -> list[str]:
    """The texts that a report takes over as they are."""
    found = [configuration.title, configuration.description, configuration.source]
    found.append(configuration.analyses[analysis].title)
    return [" ".join(text.split()) for text in found if text]


def told_keys(
    told: Iterator[tuple[str, int, str]], values: Mapping[str, int], units: Mapping[str, str]
) -> dict[str, str]:
    """The counts of all units of a level, or of those of a wave, that words may tell.

    Returns
    -------
    dict of str to str
        The words by the keys of the counts that have that value and are of these units.
    """
    found: dict[str, str] = {}
    for level, number, words in told:
        for key, value in values.items():
            if value == number and units.get(key) == level and key.endswith(TOTALS):
                found.setdefault(key, words)
    return found
