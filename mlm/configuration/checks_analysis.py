"""Checks of the analyses: their terms, and what refers to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import TermText, close, nearest, parse_term
from mlm.configuration.parts import Analysis
from mlm.configuration.variable import UNIT_MEANS
from mlm.nouns.levels import ROW

Problem = tuple[KeyPath, str]


def analysis_problems(configuration: Configuration, name: str) -> Iterator[Problem]:
    """All problems of one analysis, with the key path of each."""
    analysis = configuration.analyses[name]
    path: KeyPath = ("analyses", name)
    yield from _outcome(configuration, path, analysis.outcome)
    terms, problems = _parsed(path, analysis)
    yield from problems
    yield from _terms(configuration, path, analysis, terms)
    main = [term.variables[0] for term in terms.values() if term.is_main_effect]
    yield from _time_interactions(configuration, path, analysis, main)
    yield from _mentions(configuration, path, "protected", analysis.protected, analysis.terms, main)
    yield from _mentions(configuration, path, "policy", analysis.policy, main, main)
    yield from _claims(configuration, path, analysis)
    yield from _slopes(configuration, path, analysis, main)
    yield from _split_variables(configuration, path, analysis, main)


def _outcome(configuration: Configuration, path: KeyPath, outcome: str) -> Iterator[Problem]:
    where = (*path, "outcome")
    variable = configuration.variables.get(outcome)
    if variable is None:
        yield where, f"{outcome!r} is not a variable; {nearest(outcome, configuration.variables)}"
    elif variable.is_category:
        yield where, f"{outcome!r} is a category; an outcome must be a number"
    elif variable.type == "time":
        yield (
            where,
            f"{outcome!r} is a date; an outcome must be a number: compute one from it, such as "
            "derive: tested - born",
        )
    elif variable.level != ROW:
        yield where, f"{outcome!r} is at level {variable.level}; an outcome must be at level row"


def _parsed(path: KeyPath, analysis: Analysis) -> tuple[dict[int, TermText], list[Problem]]:
    """Terms by position, and the problems of those that are no terms."""
    terms: dict[int, TermText] = {}
    problems: list[Problem] = []
    for i, text in enumerate(analysis.terms):
        try:
            terms[i] = parse_term(text)
        except ValueError as error:
            problems.append(((*path, "terms", i), str(error)))
    return terms, problems


def _terms(
    configuration: Configuration, path: KeyPath, analysis: Analysis, terms: dict[int, TermText]
) -> Iterator[Problem]:
    main = {term.variables[0] for term in terms.values() if term.is_main_effect}
    seen: set[tuple[frozenset, int]] = set()
    for i, term in terms.items():
        where, text = (*path, "terms", i), analysis.terms[i]
        identity = (frozenset(term.variables), term.power)
        if identity in seen:
            yield where, f"{text!r} is the same term as one before it; remove it"
            continue
        seen.add(identity)
        unknown = list(_unknown(configuration, analysis, term))
        yield from ((where, message) for message in unknown)
        absent = [name for name in term.variables if name not in main]
        absent = [name for name in absent if not _is_misspelt(configuration, name, main)]
        if absent and not unknown:
            yield where, f"{text!r} needs the main effect {' and '.join(absent)} in the terms too"


def _unknown(configuration: Configuration, analysis: Analysis, term: TermText) -> Iterator[str]:
    """Messages on the variables of a term that may not stand there."""
    time = configuration.time.name if configuration.time else None
    for name in term.variables:
        if name == time:
            yield (
                f"time ({name}) is always in the model; "
                "name the variables that change with it under time_interactions"
            )
        elif name == analysis.outcome:
            yield f"{name!r} is the outcome; it cannot explain itself"
        elif name not in configuration.variables:
            yield f"{name!r} is not a variable; {nearest(name, configuration.variables)}"
        elif term.power > 1 and configuration.variables[name].is_category:
            yield f"{name!r} is a category; a power needs a number"


def _time_interactions(
    configuration: Configuration, path: KeyPath, analysis: Analysis, main: list[str]
) -> Iterator[Problem]:
    wanted = analysis.time_interactions
    yield from _mentions(configuration, path, "time_interactions", wanted, main, main)
    if analysis.time_interactions and configuration.time is None:
        yield (*path, "time_interactions"), f"a {configuration.design} has no time; remove the key"


def _mentions(
    configuration: Configuration, path: KeyPath, key: str, names, known, main: Collection[str]
) -> Iterator[Problem]:
    """Names under a key that are not among the terms they must be among.

    A name that is right is not blamed for a term that is misspelt, nor is that term advised.
    """
    keyed = names.items() if isinstance(names, dict) else enumerate(names)
    right = [name for name in known if name not in main or name in configuration.variables]
    for i, item in keyed:
        name = i if isinstance(names, dict) else item
        if name in known or _is_misspelt(configuration, name, main):
            continue
        is_right = name in configuration.variables
        hint = "add it to terms, or remove it here" if is_right else nearest(name, right)
        yield (*path, key, i), f"{name!r} is not among the terms; {hint}"


def _claims(configuration: Configuration, path: KeyPath, analysis: Analysis) -> Iterator[Problem]:
    """Levels and waves of assignment that the survey does not have, and claims that lack them."""
    levels, waves = (*configuration.level_names, ROW), configuration.wave_names
    for name, claim in analysis.policy.items():
        where = (*path, "policy", name)
        for key, given, known in (("level", claim.level, levels), ("wave", claim.wave, waves)):
            if given is not None and given not in known:
                yield (*where, key), f"{given!r} is not a {key}; {nearest(given, known)}"
        if claim.groups == "assigned" and claim.wave is None:
            yield where, f"'as: assigned' needs the wave of assignment; add wave: {waves[0]}"


def _is_misspelt(configuration: Configuration, name: str, main: Collection[str]) -> bool:
    """Whether a variable seems to be among the terms under a name that no variable has."""
    if name not in configuration.variables:
        return False
    unknown = [term for term in main if term not in configuration.variables]
    return name in {likely for term in unknown for likely in close(term, configuration.variables)}


def _slopes(
    configuration: Configuration, path: KeyPath, analysis: Analysis, main: list[str]
) -> Iterator[Problem]:
    slopes = analysis.slopes or ()
    yield from _mentions(configuration, path, "slopes", slopes, main, main)
    top = configuration.level_names[0]
    for i, name in enumerate(slopes):
        variable = configuration.variables.get(name)
        if variable is not None and variable.level == top:
            yield (
                (*path, "slopes", i),
                f"{name!r} is at the top level {top}: it does not vary within any group; remove it",
            )


def _split_variables(
    configuration: Configuration, path: KeyPath, analysis: Analysis, main: list[str]
) -> Iterator[Problem]:
    yield from _mentions(configuration, path, "between", analysis.between, main, main)
    for i, name in enumerate(analysis.between):
        if name in main and name in configuration.variables:
            for problem in _lacking_means(configuration, main, name):
                yield (*path, "between", i), problem


def _lacking_means(configuration: Configuration, main: list[str], name: str) -> Iterator[str]:
    """What a variable that is split lacks: a mean over units, or the share of each category."""
    variable, lowest = configuration.variables[name], configuration.level_names[-1]
    found = [
        (term, entry)
        for term in main
        if term in configuration.variables
        if (entry := configuration.variables[term].aggregate) is not None
        if entry.of == name and entry.statistic in UNIT_MEANS
    ]
    for term, entry in found:
        is_followed = configuration.design.follows_lowest and entry.within == lowest
        if is_followed and entry.waves != "all":
            yield f"{term} is over the one row of each {lowest}; say 'waves: all' for it"
    if not variable.is_category:
        if not found:
            yield (
                f"no term is the mean of {name!r} over units; add a variable with "
                f"aggregate: {{of: {name}, within: <level>, statistic: mean}} and name it in terms"
            )
        return
    shares = {entry.categories for __, entry in found}
    categories = variable.categories or {}
    reference = variable.reference or next(iter(categories), None)
    for category in categories:
        if category != reference and (category,) not in shares:
            yield (
                f"no term is the share of the category {category!r} of {name!r} over units; add a "
                f"variable with aggregate: {{of: {name}, within: <level>, statistic: share, "
                f"categories: [{category}]}} and name it in terms"
            )
