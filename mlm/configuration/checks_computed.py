"""Checks of variables that are computed from others: arithmetic and aggregates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlm.configuration.arithmetic import parse_arithmetic
from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest
from mlm.configuration.variable import Variable
from mlm.nouns.levels import ROW

Problem = tuple[KeyPath, str]

_OF_FILES = ("column", "names", "aliases", "missing", "recode", "rescale")


def inputs_of(variable: Variable) -> tuple[str, ...]:
    """Variables that a computed variable is made of; none where the arithmetic is malformed."""
    if variable.aggregate is not None:
        return (variable.aggregate.of,) if variable.aggregate.of else ()
    if variable.derive is None:
        return ()
    try:
        return parse_arithmetic(variable.derive).variables
    except ValueError:
        return ()


def made_of(configuration: Configuration, names: Iterable[str]) -> tuple[str, ...]:
    """Some variables and all that they are computed from, in the order of the codebook."""
    waiting, found = list(names), set()
    while waiting:
        name = waiting.pop()
        if name not in found and name in configuration.variables:
            found.add(name)
            waiting += inputs_of(configuration.variables[name])
    return tuple(name for name in configuration.variables if name in found)


def in_order(configuration: Configuration) -> list[str]:
    """Computed variables, each after those it is made of; without those in a circle."""
    known = configuration.variables
    computed = {name: i for i, (name, entry) in enumerate(known.items()) if not entry.is_read}
    users: dict[str, list[str]] = {name: [] for name in computed}
    n_missing = dict.fromkeys(computed, 0)
    for name in computed:
        for part in {*inputs_of(known[name])} & computed.keys():
            users[part].append(name)
            n_missing[name] += 1
    order: list[str] = []
    ready = [name for name, n in n_missing.items() if n == 0]
    while ready:
        order += ready
        made_next = []
        for user in (user for name in ready for user in users[name]):
            n_missing[user] -= 1
            if n_missing[user] == 0:
                made_next.append(user)
        ready = sorted(made_next, key=computed.__getitem__)
    return order


def cycle_problems(configuration: Configuration) -> Iterator[Problem]:
    """Computed variables that are made of one another in a circle."""
    done = set(in_order(configuration))
    for name, variable in configuration.variables.items():
        if not variable.is_read and name not in done:
            key = "derive" if variable.derive else "aggregate"
            yield ("variables", name, key), f"{name!r} is computed from itself, in a circle"


def computed_problems(configuration: Configuration, name: str) -> Iterator[Problem]:
    """All problems of one computed variable, with the key path of each."""
    variable = configuration.variables[name]
    path: KeyPath = ("variables", name)
    if variable.derive and variable.aggregate:
        yield (*path, "aggregate"), "a variable is derived or an aggregate, not both"
        return
    if variable.aggregate is not None and variable.aggregate.statistic == "first":
        yield from _as_its_source(configuration, path, variable)
    elif variable.type != "number":
        yield (*path, "type"), "a computed variable is a number, but for an aggregate that is first"
        return
    for key in _OF_FILES:
        if getattr(variable, key):
            yield (*path, key), f"{key} belongs to variables of the files; this one is computed"
    if variable.derive:
        yield from _derived(configuration, path, variable)
    else:
        yield from _aggregate(configuration, path, variable)


def _as_its_source(
    configuration: Configuration, path: KeyPath, variable: Variable
) -> Iterator[Problem]:
    """A value of another variable is of its type, and one of its categories."""
    source = configuration.variables.get(variable.aggregate.of or "")
    if source is None:
        return
    if variable.type != source.type:
        of = variable.aggregate.of
        yield (*path, "type"), f"a value of {of!r} is of its type, {source.type}"
    elif set(variable.categories or ()) != set(source.categories or ()):
        codes = ", ".join(map(repr, source.categories or ()))
        yield (
            (*path, "categories"),
            f"a value of {variable.aggregate.of!r} is one of its categories: {codes}",
        )
    elif variable.scores != source.scores:
        yield (*path, "scores"), f"a value of {variable.aggregate.of!r} has its scores"


def _derived(configuration: Configuration, path: KeyPath, variable: Variable) -> Iterator[Problem]:
    where = (*path, "derive")
    try:
        expression = parse_arithmetic(variable.derive)
    except ValueError as error:
        yield where, str(error)
        return
    known = configuration.variables
    for name in expression.numbers:
        if name not in known:
            yield where, f"{name!r} is not a variable; {nearest(name, known)}"
        elif known[name].is_category:
            yield where, f"{name!r} is a category; compare it with a code: {name} == 'code'"
    for name, code in expression.categories:
        if name not in known:
            yield where, f"{name!r} is not a variable; {nearest(name, known)}"
        elif not known[name].is_category:
            yield where, f"{name!r} is a number, it is not compared with {code!r}"
        elif code not in (known[name].categories or {}):
            hint = nearest(code, known[name].categories or ())
            yield where, f"{code!r} is not a category of {name}; {hint}"
    yield from _too_high(configuration, path, variable, expression.variables)


def _too_high(
    configuration: Configuration, path: KeyPath, variable: Variable, parts: tuple[str, ...]
) -> Iterator[Problem]:
    """A derived variable cannot describe a higher level than what it is made of."""
    levels = (*configuration.level_names, ROW)
    known = [
        configuration.variables[name].level for name in parts if name in configuration.variables
    ]
    if variable.level not in levels or any(level not in levels for level in known) or not known:
        return
    lowest = max(known, key=configuration.depth)
    if configuration.depth(variable.level) < configuration.depth(lowest):
        yield (
            (*path, "level"),
            f"it is made of a variable at level {lowest}, so it is at level {lowest} too; use "
            f"'aggregate' for a statistic of each {variable.level}",
        )


def _aggregate(
    configuration: Configuration, path: KeyPath, variable: Variable
) -> Iterator[Problem]:
    entry, where = variable.aggregate, (*path, "aggregate")
    if entry.within not in configuration.level_names:
        hint = nearest(entry.within, configuration.level_names)
        yield (*where, "within"), f"{entry.within!r} is not a level; {hint}"
    elif entry.within == configuration.level_names[-1] and not configuration.design.follows_lowest:
        yield (*where, "within"), f"each {entry.within} is one row; choose a higher level"
    elif entry.statistic != "leave_one_out" and variable.level != entry.within:
        yield (*path, "level"), f"a {entry.statistic} within {entry.within} is at that level"
    elif entry.statistic == "leave_one_out" and variable.level != ROW:
        yield (*path, "level"), "leave_one_out differs from row to row: its level is row"
    yield from _source(configuration, where, entry)
    if entry.statistic == "first":
        yield from _of_followed(configuration, where, entry)
    if entry.is_over_waves:
        yield from _over_waves(configuration, where, variable)


def _of_followed(configuration: Configuration, where: KeyPath, entry) -> Iterator[Problem]:
    """A first value is one of those who are followed, who have one row a wave."""
    lowest = configuration.level_names[-1]
    if not configuration.design.follows_lowest or entry.within != lowest:
        yield (
            (*where, "statistic"),
            "first is of those who are followed: it needs a design that follows the lowest level, "
            f"and within: {lowest}",
        )
    if entry.waves == "all":
        yield (
            (*where, "waves"),
            "first looks at the waves up to that of each row; leave 'waves' out",
        )


def _over_waves(
    configuration: Configuration, where: KeyPath, variable: Variable
) -> Iterator[Problem]:
    within, path = variable.aggregate.within, (*where, "waves")
    if variable.aggregate.statistic == "first" and not configuration.design.follows_lowest:
        return
    if configuration.time is None:
        yield path, f"a {configuration.design} has one wave; leave 'waves: all' out"
    elif within in configuration.levels_below_time:
        yield (
            path,
            f"in {configuration.design} each {within} belongs to one wave, there is nothing to "
            "put together; leave 'waves: all' out, or choose a level whose units recur",
        )
    for name in made_of(configuration, inputs_of(variable)):
        if configuration.variables[name].is_over_waves:
            yield (
                path,
                f"it is made of {name}, which is a statistic over several waves itself; make it of "
                f"what {name} is made of",
            )


def _source(configuration: Configuration, where: KeyPath, entry) -> Iterator[Problem]:
    source = configuration.variables.get(entry.of) if entry.of else None
    if entry.of is None:
        if entry.statistic != "count":
            yield where, f"say 'of' which variable the {entry.statistic} is"
        return
    if source is None:
        hint = nearest(entry.of, configuration.variables)
        yield (*where, "of"), f"{entry.of!r} is not a variable; {hint}"
        return
    if entry.statistic == "share":
        if not source.is_category:
            yield (*where, "of"), f"{entry.of!r} is a number; a share needs a category"
        elif not entry.categories:
            yield where, "say under 'categories' which categories the share is of"
        for i, code in enumerate(entry.categories):
            if code not in (source.categories or {}):
                hint = nearest(code, source.categories or ())
                yield (*where, "categories", i), f"{code!r} is not a category; {hint}"
    else:
        if source.is_category and entry.statistic not in ("count", "first"):
            yield (*where, "of"), f"{entry.of!r} is a category; use the statistic share"
        if entry.categories:
            yield (*where, "categories"), "categories belong to the statistic share"
