"""Checks of the keys that belong to some types of variables only, and of what they hold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime

from mlm.configuration.document import KeyPath
from mlm.configuration.variable import Variable

Problem = tuple[KeyPath, str]

# key -> the types that it belongs to
_TYPES = {
    "range": ("number", "time"),
    "unit": ("number", "time"),
    "rescale": ("number",),
    "centre": ("number", "time"),
    "standardise": ("number",),
    "categories": ("category", "ordered"),
    "recode": ("category", "ordered"),
    "reference": ("category", "ordered"),
    "scores": ("ordered",),
    "format": ("time",),
    "century": ("time",),
    "origin": ("time",),
}
_LOCAL = {"x", "c", "D"}  # directives of dates whose order and century are not told
_SHOWN = {"number": "a number", "category": "a category", "ordered": "ordered", "time": "a time"}


def foreign_keys(path: KeyPath, variable: Variable) -> Iterator[Problem]:
    """Keys that do not belong to the type of a variable, and what is wrong with some that do."""
    places = [(path, variable)]
    places += [((*path, "by_wave", wave), entry) for wave, entry in variable.by_wave.items()]
    for where, entry in places:
        for key, kinds in _TYPES.items():
            if variable.type not in kinds and getattr(entry, key, None):
                yield (
                    (*where, key),
                    f"{key} belongs to type: {' or '.join(kinds)}; this variable is "
                    f"{_SHOWN[variable.type]}",
                )
        if getattr(entry, "rescale", None) and entry.rescale[0] == 0:
            yield (
                (*where, "rescale"),
                "all numbers would become the same: multiply by another number",
            )
    if variable.scores is not None and variable.type == "ordered":
        yield from _scores(path, variable)
    if variable.type == "time":
        yield from _time(path, variable)


def _scores(path: KeyPath, variable: Variable) -> Iterator[Problem]:
    scores, n_categories = variable.scores, len(variable.categories or ())
    if len(scores) != n_categories:
        yield (*path, "scores"), f"{len(scores)} scores are given for {n_categories} categories"
    if any(one >= next_one for one, next_one in itertools.pairwise(scores)):
        yield (*path, "scores"), "the scores must increase, as the categories do"
    if variable.reference is not None:
        yield (
            (*path, "reference"),
            "with scores the variable is a number in the models and has no reference category",
        )


def _time(path: KeyPath, variable: Variable) -> Iterator[Problem]:
    if variable.unit not in (None, "years", "days"):
        yield (*path, "unit"), f"{variable.unit!r}: a time is counted in years or days"
    directives = re.findall(r"%-?(.)", variable.format or "")
    has_short_years = "y" in directives
    if has_short_years and variable.century is None:
        yield (
            (*path, "format"),
            f"{variable.format!r} has years of two digits (%y), which do not tell their century; "
            "say with 'century' the first of the hundred years that they stand for: 1930 means "
            "1930 to 2029",
        )
    if variable.century is not None and not has_short_years:
        yield (*path, "century"), "it belongs to a 'format' with years of two digits (%y)"
    if variable.format is None:
        return
    if found := sorted(_LOCAL.intersection(directives)):
        yield (
            (*path, "format"),
            f"what %{found[0]} means depends on the computer; write out day, month and year, as "
            "%d.%m.%Y",
        )
        return
    try:
        moment = datetime(2024, 5, 31)
        is_date = datetime.strptime(moment.strftime(variable.format), variable.format) == moment
    except ValueError:
        is_date = False
    if not is_date:
        yield (
            (*path, "format"),
            f"{variable.format!r} does not tell day, month and year; write as %d.%m.%Y",
        )
