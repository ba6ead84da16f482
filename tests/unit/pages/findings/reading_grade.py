"""How hard an English text is to read, by a formula of words and syllables."""

from __future__ import annotations

import re

VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(sentences: list[str]) -> float:
    """School grade of sentences after Flesch and Kincaid; numbers count as one syllable.

    Kincaid, Fishburne, Rogers, Chissom (1975), Derivation of new readability formulas.
    """
    words = [word for text in sentences for word in re.findall(r"[A-Za-z0-9.,%]+", text)]
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    word = word.lower().strip(".,%")
    if not word.isalpha():
        return 1
    found = len(VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith("le") and found > 1
    return max(found - silent, 1)
