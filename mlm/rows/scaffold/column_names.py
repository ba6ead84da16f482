"""What the name and the label of a column tell: weight, score, earlier measure, amount."""

from __future__ import annotations

import re
from functools import cache

from mlm.configuration.programmes.catalogue import PROGRAMMES

_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")

_WEIGHT = re.compile(
    r"weight|wgt|wght|poids|gewicht|(^|_)[a-z]{0,4}wts?(\d*$|_)|wt$|^wt[a-z]{2,}|^w_[a-z]"
)
_SAMPLED = re.compile(r"sampl|design|survey|final|student|pupil|school|expansion|inverse prob")
_OF_PUPILS = re.compile(r"stud|stuw|fstu|pupil|pers|totw|el[eè]ve|sch[uü]ler")
_BODY = re.compile(r"birth|body|\bkg|_kg|gram|pound|\blbs?\b|overweight|underweight|bmi|newt|growt")
_SCORE = re.compile(
    r"score|math|exam|test|achiev|reading|science|literacy|numeracy|spelling|proficien"
)
_SUBJECTS = re.compile(
    "read|lang|arit|engl|spell|vocab|writ|physic|chem|biol|histor|geogr|french|german|latin|marks?$|"
    "result|gcse|gpa|points|perf|skill|compet|outcome|post"
)
_EARLIER = re.compile(
    r"(^|[_ .])(pre|prior|prev|base|intake|init|entry|lag|old|iq|avg|mean)"
    r"|pre(test|score|math|read)|earlier|baseline|previous|intake|before|iq($|_)|(mean|avg)$"
)
_AMOUNT = re.compile(
    r"(^|[_ ])(age|year|years|yrs|size|count|number|num|nr|n|pct|percent|hours|hrs|minutes|income|"
    r"months|days|siblings|sibs|children|experience|rooms|books|distance|height)([_ ]|\d*$)"
    r"|number of|how many|percent"
)
_GROUPED = re.compile(r"group|grp|categ|(^|_)cat($|_)|band|bracket|level|type")
_VALUE = re.compile(r"^(?:pv_?(\d{1,2})_?([a-z]\w*)|([a-z]\w*?)_?pv_?(\d{1,2}))$")


def parts_of(name: str) -> list[str]:
    """Words and numbers of a name in lower case: ``W_FstuWt1`` is w, fstu, wt, 1."""
    return [part.lower() for part in _PART.findall(name)]


def is_weight(name: str, label: str | None) -> bool:
    """Whether a column seems to hold sampling weights, and not weights of bodies."""
    text = f"{name} {label or ''}".lower()
    if name.lower() in _weights_of_programmes():
        return True
    return _WEIGHT.search(name.lower()) is not None and _BODY.search(text) is None


@cache
def _weights_of_programmes() -> frozenset[str]:
    """Columns of weights that the programmes of samples name: ``wnrschbw`` is one of schools."""
    return frozenset(name.lower() for p in PROGRAMMES for name in p.weights.values())


def is_sampled(name: str, label: str | None) -> bool:
    """Whether the words say that a weight is one of sampling."""
    return _SAMPLED.search(f"{name} {label or ''}".lower()) is not None


def weighs_pupils(name: str, label: str | None) -> bool:
    """Whether the words say that a weight is one of pupils, though it be the same in a school."""
    return _OF_PUPILS.search(f"{name} {label or ''}".lower()) is not None


def is_score(name: str, label: str | None) -> bool:
    """Whether a column seems to hold the score of a test, of no earlier occasion."""
    if is_earlier(name, label):
        return False
    text = f"{name} {label or ''}".lower()
    parts = parts_of(f"{name} {label or ''}")
    return _SCORE.search(text) is not None or any(map(_SUBJECTS.match, parts))


def counts_points(name: str, label: str | None) -> bool:
    """Whether whole numbers seem to be points of a test: its name says more than a subject."""
    return _SCORE.search(f"{name} {label or ''}".lower()) is not None


def is_earlier(name: str, label: str | None) -> bool:
    """Whether a column seems to be known from before, or to be a mean or an ability."""
    return _EARLIER.search(f"{name} {label or ''}".lower()) is not None


def is_amount(name: str, label: str | None) -> bool:
    """Whether the words say that whole numbers count something, rather than code it."""
    text = f"{name} {label or ''}".lower()
    return _AMOUNT.search(text) is not None and _GROUPED.search(text) is None


def measures(name: str, label: str | None) -> bool:
    """Whether the words say that a column measures or weighs something, so that it is no id."""
    return any(says(name, label) for says in (is_score, is_earlier, is_amount, is_weight))


def plausible_value(name: str) -> tuple[str, int] | None:
    """Score and number of a plausible value, from its name: ``PV3READ`` is read, 3."""
    found = _VALUE.match(name.lower())
    if found is None:
        return None
    number, score = (found[1], found[2]) if found[1] else (found[4], found[3])
    return score, int(number)
