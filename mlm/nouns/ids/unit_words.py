"""Words by which columns of ids are named, by the kind of their units. Layer: nouns."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AFFIX = r"(id|ids|nr|no|num|number|code|key)?"


@dataclass(frozen=True)
class Word:
    """Names of a kind of unit.

    Attributes
    ----------
    kind : str
        The kind, named as its first word.
    names : dict
        Words that become the level's name, with their plurals.
    short : str
        Further words, as alternatives of a regular expression.
    """

    kind: str
    names: dict[str, str]
    short: str

    def match(self, column: str) -> str | None:
        """Name of the level whose ids a column seems to hold by its name; None if it does not."""
        plain = re.sub(r"[^a-z]", "", column.lower())
        words = "|".join([*self.names, *self.names.values(), self.short])
        found = re.fullmatch(rf"{_AFFIX}({words}){_AFFIX}", plain)
        if found is None:
            return None
        singular = {plural: name for name, plural in self.names.items()}
        word = singular.get(found[2], found[2])
        return word if word in self.names else self.kind


def _with_plurals(words: str, **others: str) -> dict[str, str]:
    return {word: others.get(word, f"{word}s") for word in words.split()}


WORDS = (
    Word("country", _with_plurals("country nation", country="countries"), "cnt|cntry"),
    Word(
        "county",
        _with_plurals(
            "county region state district province canton municipality commune area lea",
            county="counties",
            municipality="municipalities",
        ),
        "reg|distr|prov",
    ),
    Word("school", _with_plurals("school institution"), "sch|cntsch|schl|inst|stidsch"),
    Word(
        "class",
        _with_plurals("class classroom teacher section group", **{"class": "classes"}),
        "tch|cls|tchr",
    ),
    Word(
        "pupil",
        _with_plurals(
            "pupil student respondent participant subject case individual member learner "
            "candidate examinee child person",
            child="children",
        ),
        "stu|cntstu|stud|stid|stidstd|pup|resp|pers|indiv|people|subj|usubj|p",
    ),
)


def seems_id(column: str) -> bool:
    """Whether a column is named as ids of some level are."""
    return any(words.match(column) for words in WORDS)


def names_class(column: str) -> str | None:
    """What units below schools are called whose ids a column seems to hold; None for others."""
    return next(words for words in WORDS if words.kind == "class").match(column)
