"""Checks of what the units of a level are declared to be: their ids and moves."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.parts import Level
from mlm.nouns.design import LONGITUDINAL

Problem = tuple[KeyPath, str]
_OF_IDS = [key for key in Level.model_fields if key not in ("name", "id", "label", "plural")]
"""Keys of a level that say something of its ids."""

FOLLOWING = " or ".join(design.name for design in LONGITUDINAL if design.follows_lowest)


def level_problems(configuration: Configuration) -> Iterator[Problem]:
    """Ids that a level must have, and policies that it cannot have."""
    yield from _without_ids(configuration)
    for i, level in enumerate(configuration.levels):
        path: KeyPath = ("levels", i, "moves")
        if level.crossed is not None:
            yield from _crossing(configuration, i)
            continue
        if level.moves == "episode":
            continue
        if level.moves == "crossed":
            yield from _crossed(configuration, i, path)
            continue
        if i == 0:
            yield path, f"{level.name} is the top level: it has no parent to move from"
        elif level.ids == "local":
            yield path, "local ids mean nothing in another parent; declare 'ids: global'"
        elif configuration.time is not None and level.name not in configuration.levels_above_time:
            yield (
                path,
                f"{configuration.design} takes each {level.name} as new in each wave: nothing "
                "moves; remove the key",
            )


def _without_ids(configuration: Configuration) -> Iterator[Problem]:
    """Levels without ``id``: only rows that are units of one wave can do without."""
    for i, level in enumerate(configuration.levels):
        if level.id is not None:
            continue
        path: KeyPath = ("levels", i)
        if i < len(configuration.levels) - 1:
            yield (
                path,
                f"the key 'id' is required but not given: only the lowest level, here "
                f"{configuration.level_names[-1]}, may be without, each row being a unit then",
            )
            continue
        if configuration.design.follows_lowest:
            others = " or ".join(d.name for d in LONGITUDINAL if not d.follows_lowest)
            yield (
                path,
                f"the key 'id' is required but not given: {configuration.design} follows each "
                f"{level.name} over the waves by its id; give its column, or choose {others}",
            )
        for key in _OF_IDS:
            if getattr(level, key) != Level.model_fields[key].get_default(
                call_default_factory=True
            ):
                yield (
                    (*path, key),
                    f"{level.name} has no 'id', each row is one: {key} means nothing; remove it",
                )


def _crossed(configuration: Configuration, i: int, path: KeyPath) -> Iterator[Problem]:
    level = configuration.levels[i]
    others = "choose episode (another unit in each parent), first, drop or error"
    is_lowest = 0 < i == len(configuration.levels) - 1
    if not (configuration.design.follows_lowest and is_lowest):
        yield (
            path,
            f"only the lowest level of {FOLLOWING}, whose units are followed, can be crossed with "
            f"the levels above it; {others}",
        )
    elif level.ids != "global":
        yield path, "crossed units are known by their id alone; declare 'ids: global'"
    if configuration.simulate is not None:
        yield path, f"units of a simulated survey do not move; {others}"


def _crossing(configuration: Configuration, i: int) -> Iterator[Problem]:
    """Problems of a level whose units are crossed with those that are followed."""
    level, path = configuration.levels[i], ("levels", i, "crossed")
    lowest, below = configuration.level_names[-1], configuration.levels[i + 1 : -1]
    inside = [other.name for other in below if other.crossed is None]
    if not configuration.design.follows_lowest:
        yield (
            path,
            f"only a level of {FOLLOWING} is crossed with others: in {configuration.design} each "
            f"{lowest} has one {level.name}; remove the key",
        )
    elif i == len(configuration.levels) - 1:
        yield path, f"each {level.name} is followed itself; remove the key"
    elif level.crossed != lowest:
        yield path, f"each {lowest} is followed and may have several; expected {lowest}"
    elif i == 0:
        yield path, f"each {level.name} must lie in a unit of a level above it, such as a school"
    elif inside:
        yield (
            path,
            f"{', '.join(inside)} cannot lie in a {level.name}, which is crossed with {lowest}; "
            f"put {level.name} directly above {lowest}",
        )
    if level.moves != "episode":
        yield (
            ("levels", i, "moves"),
            f"a {level.name} is no unit that is followed: it does not move; remove the key (with "
            "'ids: global' an id is one unit wherever it is found)",
        )
    if configuration.simulate is not None:
        yield path, f"units of a simulated survey are not crossed; leave {level.name} out"
