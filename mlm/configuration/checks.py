"""Checks of a configuration across its parts: what no single key can know.

Each check is a generator of pairs (key path, message); all of them run, so that every problem is
told at once.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterator, Sequence

from mlm.configuration.checks_analysis import analysis_problems
from mlm.configuration.checks_computed import computed_problems, cycle_problems
from mlm.configuration.checks_files import file_problems, grid_problems
from mlm.configuration.checks_roles import FOLLOWING, level_problems
from mlm.configuration.checks_types import foreign_keys
from mlm.configuration.document import KeyPath
from mlm.configuration.missing.checks import missing_problems
from mlm.configuration.models import Configuration
from mlm.configuration.names import RESERVED, RESERVED_ANALYSES, RESERVED_SURVEYS, nearest
from mlm.configuration.sampled.checks_analyses import sampled_analysis_problems
from mlm.configuration.sampled.checks_design import sampling_problems
from mlm.configuration.sampled.checks_scores import score_problems
from mlm.configuration.simulation.checks import simulation_problems
from mlm.configuration.style.checks import style_problems
from mlm.configuration.variable import Variable
from mlm.nouns.design import CROSS_SECTION, LONGITUDINAL, Design
from mlm.nouns.levels import ROW, WAVE

Problem = tuple[KeyPath, str]

OPEN = "?"
"""What a draft has in place of what the files do not tell."""

MOST_CATEGORIES = 30_000
"""Categories of a variable, whose places are stored in two bytes."""


def find_problems(configuration: Configuration) -> Iterator[Problem]:
    """All problems across the parts of a configuration, with the key path of each.

    A simulation is checked only when levels, time and waves are right: it is described by them.
    """
    few = [*_few_levels(configuration)]
    structure = [*few, *_design(configuration), *_levels(configuration), *_waves(configuration)]
    yield from structure
    yield from file_problems(configuration)
    yield from grid_problems(configuration)
    yield from style_problems(configuration)
    yield from _unit_pages(configuration)
    yield from _names(configuration)
    for name, variable in configuration.variables.items():
        yield from _variable(configuration, name, variable)
    yield from cycle_problems(configuration)
    yield from level_problems(configuration)
    if not few:
        yield from sampling_problems(configuration)
        yield from score_problems(configuration)
        yield from sampled_analysis_problems(configuration)
    yield from missing_problems(configuration)
    if configuration.survey.lower() in RESERVED_SURVEYS:
        yield (
            ("survey",),
            f"{configuration.survey!r} is the name of a results folder; choose another",
        )
    for name in configuration.analyses:
        if name.lower() in RESERVED_ANALYSES:
            yield ("analyses", name), f"{name!r} is the name of a results folder; choose another"
        yield from analysis_problems(configuration, name)
    if configuration.simulate is not None and not structure:
        yield from simulation_problems(configuration)


def _unit_pages(configuration: Configuration) -> Iterator[Problem]:
    """Whether pages of single units are asked for where they may be made, and of groups."""
    where, chosen = ("publication", "unit_pages"), configuration.publication.unit_pages
    if chosen and configuration.disclosure.mode != "controlled":
        yield (
            where,
            "pages of single units name them with their effects and are made in controlled mode "
            "only; write disclosure: {mode: controlled}, in a configuration for inside use, or "
            "remove the key",
        )
    *groups, lowest = configuration.level_names
    known = [name for name in groups if name not in configuration.crossing_levels]
    for place, name in enumerate(chosen):
        path = (*where, place) if len(chosen) > 1 else where
        if name in (lowest, ROW) or name in configuration.crossing_levels:
            expected = f"expected {' or '.join(known)}" if known else "remove the key"
            yield path, f"units of {name!r} are not compared, and get no pages; {expected}"
        elif name not in known:
            yield path, f"{name!r} is not a level; {nearest(name, known)}"
        elif name in chosen[:place]:
            yield path, f"{name!r} is listed twice; list a level once"


def _few_levels(configuration: Configuration) -> Iterator[Problem]:
    """Whether one level alone is given where it does not suffice."""
    (first, *others), path = configuration.level_names, ("levels",)
    if others:
        return
    if not configuration.design.follows_lowest:
        yield (
            path,
            f"at least 2 expected, 1 given: below {first} only its rows vary. Name the units that "
            f"each {first} is in, or one that is followed from wave to wave (design: {FOLLOWING})",
        )
    for key in ("sampling", "simulate", "plausible_values"):
        if getattr(configuration, key):
            yield path, f"at least 2 expected with the key {key!r}, 1 given"


def _design(configuration: Configuration) -> Iterator[Problem]:
    design, time, waves = configuration.design, configuration.time, configuration.waves
    if not design.is_longitudinal:
        if len(waves) > 1:
            yield (
                ("waves",),
                f"a {design} has one wave, {len(waves)} are given; choose {_either(LONGITUDINAL)}",
            )
        if time is not None:
            yield ("time",), f"a {design} has no time; remove the key"
        return
    if time is None:
        yield ("design",), f"{design} needs the key 'time' (name, label, coding)"
        return
    if len(waves) < 2:
        yield (
            ("waves",),
            f"{design} needs at least two waves to tell its levels apart; "
            f"use {CROSS_SECTION} until the second wave arrives",
        )
    yield from _degree(configuration)
    yield from _time_below(configuration)


def _degree(configuration: Configuration) -> Iterator[Problem]:
    """Whether a curve has its degree, and enough waves for it."""
    degree, waves = configuration.time.degree, len(configuration.waves)
    if configuration.time.coding != "polynomial":
        if degree is not None:
            yield ("time", "degree"), "only a polynomial has a degree; say coding: polynomial"
    elif degree is None:
        yield ("time",), "a polynomial needs its degree, the highest power of time: degree: 2"
    elif degree >= waves:
        yield (
            ("time", "degree"),
            f"a curve of degree {degree} needs {degree + 1} waves, {waves} are given; choose a "
            "lower degree, coding: trend (a straight line) or coding: categories",
        )


def _either(designs: Sequence[Design]) -> str:
    *names, last = (design.name for design in designs)
    return f"{', '.join(names)} or {last}"


def _time_below(configuration: Configuration) -> Iterator[Problem]:
    design, names = configuration.design, configuration.level_names
    below = configuration.time.below
    if below is None:
        if not design.is_clear(names):
            yield (
                ("time",),
                f"with {len(names)} levels, say which level time comes directly below: its units "
                "are the same in all waves, those inside it are new in each; "
                f"below: {' or '.join(design.above_time(names))}",
            )
        return
    allowed = design.above_time(names)
    if below not in allowed:
        yield (
            ("time", "below"),
            f"{below!r} cannot be above time in {design}; expected one of {', '.join(allowed)}",
        )


def _levels(configuration: Configuration) -> Iterator[Problem]:
    for key in ("name", "id"):
        before: set[str] = set()
        for i, level in enumerate(configuration.levels):
            value = getattr(level, key)
            if value in before and value != OPEN:
                yield ("levels", i, key), f"{value!r} is used by two levels; each needs its own"
            if value is not None:
                before.add(value)
    for i, level in enumerate(configuration.levels):
        yield from _wave_keys(configuration, ("levels", i, "names"), level.names)
        if level.id == OPEN:
            units, can_go = level.plural or f"{level.name}s", len(configuration.levels) > 2
            can_go = can_go or configuration.design.follows_lowest and i == 0
            without = f", or delete the level if there are no {units}" if can_go else ""
            yield (
                ("levels", i, "id"),
                f"{OPEN!r} is a question that the draft left to you: write the column that holds "
                f"the ids of {units}{without}",
            )


def _waves(configuration: Configuration) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for i, wave in enumerate(configuration.waves):
        other = seen.get(wave.name.lower())
        seen.setdefault(wave.name.lower(), wave.name)
        if other is not None:
            yield ("waves", i, "name"), f"{wave.name!r} and {other!r} are the same wave name"
    times = [wave.time for wave in configuration.waves]
    for i in range(1, len(times)):
        if times[i] <= times[i - 1]:
            yield (
                ("waves", i, "time"),
                f"time {times[i]:g} does not come after {times[i - 1]:g} of the wave before; "
                "list the waves in order of time",
            )
    for i, wave in enumerate(configuration.waves):
        if wave.thousands == wave.decimal:
            yield (
                ("waves", i, "thousands"),
                f"{wave.thousands!r} is the decimal mark too ('decimal'); one of them is another",
            )


def _names(configuration: Configuration) -> Iterator[Problem]:
    """Names that enter formulas must be distinct and free of other meanings."""
    places: list[tuple[KeyPath, str]] = [
        (("levels", i, "name"), level.name) for i, level in enumerate(configuration.levels)
    ]
    if configuration.time is not None:
        places.append((("time", "name"), configuration.time.name))
    places += [(("variables", name), name) for name in configuration.variables]
    seen: dict[str, KeyPath] = {}
    for path, name in places:
        if name in RESERVED or (path[0] != "levels" and keyword.iskeyword(name)):
            yield path, f"{name!r} has a meaning of its own in formulas; choose another name"
        elif name in seen and path[0] != seen[name][0]:
            yield path, f"{name!r} is already the name of a part of '{seen[name][0]}'"
        seen.setdefault(name, path)


def _wave_keys(configuration: Configuration, path: KeyPath, names: dict) -> Iterator[Problem]:
    known = configuration.wave_names if names else ()
    unknown = names.keys() - set(known)
    for wave in names:
        if wave in unknown:
            hint = nearest(wave, known)
            yield (*path, wave), f"{wave!r} is not a wave; {hint}"


def _variable(configuration: Configuration, name: str, variable: Variable) -> Iterator[Problem]:
    path: KeyPath = ("variables", name)
    known = (*configuration.level_names, ROW)
    if variable.level not in known:
        hint = nearest(variable.level, known)
        yield (*path, "level"), f"{variable.level!r} is not a level; {hint}"
    yield from _wave_keys(configuration, (*path, "names"), variable.names)
    yield from _wave_keys(configuration, (*path, "by_wave"), variable.by_wave)
    if not variable.is_read:
        yield from computed_problems(configuration, name)
    yield from foreign_keys(path, variable)
    yield from _centre(configuration, path, variable)
    if variable.has_categories:
        yield from _category(path, variable)
        return
    for wave, entry in variable.by_wave.items():
        if entry.range and entry.range[0] >= entry.range[1]:
            yield (*path, "by_wave", wave, "range"), "the lowest value must be below the highest"
    if variable.range and variable.range[0] >= variable.range[1]:
        yield (*path, "range"), "the lowest value must be below the highest: [lowest, highest]"


def _centre(configuration: Configuration, path: KeyPath, variable: Variable) -> Iterator[Problem]:
    centre, where = variable.centre, (*path, "centre")
    if centre is None or variable.level not in (*configuration.level_names, ROW):
        return
    if variable.standardise:
        yield where, "standardise centres too; keep one of the two"
    if centre == WAVE:
        return
    if centre not in configuration.level_names:
        hint = nearest(centre, (WAVE, *configuration.level_names))
        yield where, f"{centre!r} is not a level; {hint}"
    elif configuration.depth(centre) >= configuration.depth(variable.level):
        yield (
            where,
            f"a variable of level {variable.level} has one value in each {centre}, so all would "
            "become 0; choose a higher level, or wave",
        )


def _category(path: KeyPath, variable: Variable) -> Iterator[Problem]:
    categories = variable.categories or {}
    if len(categories) < 2:
        yield path, "a category needs 'categories' with at least two codes (code: label)"
        return
    if len(categories) > MOST_CATEGORIES:
        yield (
            (*path, "categories"),
            f"{len(categories):,} categories are given, {MOST_CATEGORIES:,} at most can be told "
            "apart; a column with so many codes is an id rather than a category",
        )
    if "" in categories:
        yield (*path, "categories"), "an empty cell is missing, it cannot be a category"
    for key in ("label", "phrase"):
        words = Counter(getattr(category, key) for category in categories.values())
        for text, count in words.items():
            if count > 1 and text is not None:
                yield (*path, "categories"), f"{count} categories have the same {key} {text!r}"
    if variable.reference is not None and variable.reference not in categories:
        hint = nearest(variable.reference, categories)
        yield (*path, "reference"), f"{variable.reference!r} is not a category; {hint}"
    yield from _codes(path, categories, variable.recode, variable.missing)
    for wave, entry in variable.by_wave.items():
        where = (*path, "by_wave", wave)
        seen = variable.in_wave(wave)
        if entry.recode is not None or entry.missing is not None:
            yield from _codes(where, categories, seen.recode, seen.missing)


def _codes(path: KeyPath, categories: dict, recode: dict, missing: dict) -> Iterator[Problem]:
    for code, target in recode.items():
        if target not in categories:
            hint = nearest(target, categories)
            yield (*path, "recode", code), f"{target!r} is not a category; {hint}"
        if code in categories and target != code:
            yield (*path, "recode", code), f"{code!r} is a category itself; remove one of the two"
    for code in missing:
        if code in categories or code in recode:
            yield (*path, "missing", code), f"{code!r} is also a category; remove one of the two"
