"""Checks of what the units of a level are declared to be: their ids and moves."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.nouns.design import LONGITUDINAL

Problem = tuple[KeyPath, str]
FOLLOWING = " or ".join(design.name for design in LONGITUDINAL if design.follows_lowest)


def level_problems(configuration: Configuration) -> Iterator[Problem]:
    """Policies that a level cannot have."""
    for i, level in enumerate(configuration.levels):
        path: KeyPath = ("levels", i, "moves")
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
