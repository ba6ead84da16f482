"""How hard a text is to read, by a formula of words and syllables for its language."""

from __future__ import annotations

import re

VOWELS = re.compile(r"[aeiouy]+")
EASY = 60.0  # reading ease from which a text is plain
FRENCH_VOWELS = re.compile(r"[aeiouyàâéèêëîïôöùûüœæ]+")


def reading_grade(sentences: list[str]) -> float:
    """School grade of sentences after Flesch and Kincaid; numbers count as one syllable.

    Kincaid, Fishburne, Rogers, Chissom (1975), Derivation of new readability formulas.
    """
    words = [word for text in sentences for word in re.findall(r"[A-Za-z0-9.,%]+", text)]
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def reading_ease(sentences: list[str]) -> float:
    """Reading ease of French sentences, 100 for the easiest; numbers count as one syllable.

    Kandel, Moles (1958), Application de l'indice de Flesch à la langue française. Cahiers d'études
    de radio-télévision 19, 253-274; constants as in Flesch's formula turned to French.
    """
    words = [word for text in sentences for word in re.findall(r"[A-Za-zÀ-ÿ0-9.,%]+", text)]
    syllables = sum(map(_french_syllables, words))
    return 207 - 1.015 * len(words) / len(sentences) - 73.6 * syllables / len(words)


def _french_syllables(word: str) -> int:
    word = word.lower().strip(".,%")
    if not word.isalpha():
        return 1
    found = len(FRENCH_VOWELS.findall(word))
    silent = word.endswith(("e", "es", "ent")) and found > 1
    return max(found - silent, 1)


def _syllables(word: str) -> int:
    word = word.lower().strip(".,%")
    if not word.isalpha():
        return 1
    found = len(VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith("le") and found > 1
    return max(found - silent, 1)
