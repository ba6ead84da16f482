"""Checks of the grids of levels: which level may have one, and its file."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration


def grid_problems(configuration: Configuration) -> Iterator[tuple[KeyPath, str]]:
    """All problems of the grids, with the key path of each."""
    for place, level in enumerate(configuration.levels):
        if level.grid is None:
            continue
        where = ("levels", place, "grid")
        if place > 0:
            yield (
                where,
                f"only the first level, {configuration.level_names[0]}, has ids that mean one unit "
                "by themselves and can have a grid; move the key there",
            )
            continue
        for problem in configuration.grid(level.name).problems:
            yield where, problem
