"""Checks of the sample: weights by level, plausible values."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest, parse_term
from mlm.nouns.levels import ROW

Problem = tuple[KeyPath, str]


def sampling_problems(configuration: Configuration) -> Iterator[Problem]:
    """Weights and plausible values that are no numbers, or that are used as something else."""
    yield from _weights(configuration)
    yield from _plausible_values(configuration)


def _weights(configuration: Configuration) -> Iterator[Problem]:
    known, weights = configuration.variables, configuration.sampling.weights
    levels = (*configuration.level_names, ROW)
    level_of: dict[str, str] = {}
    for level, name in weights.items():
        where = ("sampling", "weights", level)
        other = level_of.setdefault(name, level)
        if level not in levels:
            yield where, f"{level!r} is not a level; {nearest(level, levels)}"
        elif other != level:
            yield where, f"{name!r} is the weight of {other} too; each level has its own"
        elif name not in known:
            yield where, f"{name!r} is not a variable; {nearest(name, known)}"
        elif known[name].has_categories:
            yield where, f"{name!r} is a category; a weight is a number"
        elif _is_below(configuration, known[name].level, level):
            yield (
                where,
                f"{name!r} is at level {known[name].level}; the weight of {level} has one value in "
                f"each {level}: correct its level, or name the level that it is the weight of",
            )
    for analysis, entry in configuration.analyses.items():
        for name in level_of:
            if name == entry.outcome or name in _mentioned(entry.terms):
                yield (
                    ("analyses", analysis),
                    f"{name!r} is a sampling weight; it is neither an outcome nor a term",
                )


def _is_below(configuration: Configuration, level: str, weighted: str) -> bool:
    """Whether a variable of a level may differ within the units of another one."""
    if level not in (*configuration.level_names, ROW):
        return False
    lowest = len(configuration.levels) - 1
    bottom = lowest + 1 if configuration.design.follows_lowest else lowest
    return min(configuration.depth(level), bottom) > min(configuration.depth(weighted), bottom)


def _plausible_values(configuration: Configuration) -> Iterator[Problem]:
    known = configuration.variables
    for title, names in configuration.sampling.plausible_values.items():
        path: KeyPath = ("sampling", "plausible_values", title)
        if len(names) < 2:
            yield path, "at least two plausible values are expected"
        for i, name in enumerate(names):
            where = (*path, i)
            if name not in known:
                yield where, f"{name!r} is not a variable; {nearest(name, known)}"
            elif known[name].is_category or known[name].level != ROW:
                yield where, f"{name!r} must be a number at level row"


def _mentioned(terms: tuple[str, ...]) -> set[str]:
    names: set[str] = set()
    for text in terms:
        try:
            names.update(parse_term(text).variables)
        except ValueError:
            continue
    return names
