"""Names inside a sentence, drafted from labels: a variable with its article, a category's members.

They are English, and guesses: only labels of a few English words have one.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Za-z][A-Za-z'-]*( [A-Za-z'-]+){0,6}")
"""A label that may stand inside a sentence: a few English words."""

_NOUNS = {"girl": "girls", "boy": "boys", "woman": "women", "man": "men"}
_PERSONS = {"student": "students", "pupil": "pupils", "child": "children", "learner": "learners"}
_ANSWERS = {"yes": "with", "no": "without"}
_OFTEN = {"always", "never", "sometimes", "often", "rarely", "seldom", "usually", "daily", "weekly"}
_AGREES = {"agree", "disagree", "true", "false"}
"""Answers that are no property of those who gave them: no phrase is drafted."""


def readable_label(label: str | None) -> str | None:
    """A label without the signs of a codebook, as files of the IEA have them.

    ``*SEX OF STUDENTS*`` is ``Sex of students``, ``GEN\\LIKE READING/SCL`` ``Like reading``.
    """
    if not label:
        return None
    text = re.sub(r"^(GEN|COM)\\+", "", label.strip().strip("*").strip())
    text = re.sub(r"/(SCL|IDX)$", "", text)
    text = re.sub(r"\s*\\+\s*", ": ", text)
    return text.capitalize() if text.isupper() and " " in text else text or None


def variable_phrase(label: str | None) -> str | None:
    """A variable inside a sentence: ``the books at home``; None where its label has other signs."""
    if not label or not _WORDS.fullmatch(label):
        return None
    words = _small(label)
    return words if words.split()[0] in ("the", "a", "an") else f"the {words}"


def members_phrase(text: str, label: str | None, units: str) -> str | None:
    """Those of a category, in the plural: ``rural schools``, ``pupils without free lunch``.

    Parameters
    ----------
    text : str
        Label of the category.
    label : str or None
        Label of its variable, which an answer such as ``yes`` needs.
    units : str
        What the variable describes, in the plural.

    Returns
    -------
    str or None
        None where the label is no English words.
    """
    if not _WORDS.fullmatch(text) or not {*text.lower().split()}.isdisjoint(_OFTEN | _AGREES):
        return None
    word, _, rest = text.partition(" ")
    plain, (before, _, last) = word.lower(), text.rpartition(" ")
    if rest and plain not in (*_ANSWERS, "not", "non", "without") and last.lower() in _PERSONS:
        return f"{_small(before)} {_PERSONS[last.lower()]}"
    if not rest and plain in _ANSWERS:
        of = _small(label) if label and _WORDS.fullmatch(label) else None
        return of and f"{units} {_ANSWERS[plain]} {of}"
    if not rest:
        nouns = {*_NOUNS.values()}
        return _NOUNS.get(plain) or (plain if plain in nouns else f"{_small(text)} {units}")
    if plain in ("no", "without"):
        return f"{units} without {rest}"
    if plain in ("not", "non"):
        return f"{units} who are {_small(text)}"
    return f"{units} with {_small(text)}"


def _small(label: str) -> str:
    """A label with a small first letter, but in a name of capitals."""
    first, _, rest = label.partition(" ")
    first = first if first[1:2].isupper() else first.lower()
    return f"{first} {rest}".strip()
