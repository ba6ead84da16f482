"""Checks of files: names that no file of a wave can have, or that occur twice; grids of levels.

Whether a file is there is not asked here: a configuration is also read where its data are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from mlm.configuration.document import KeyPath
from mlm.configuration.file_patterns import is_pattern
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest
from mlm.errors import quoted
from mlm.nouns.file_formats import FORMATS, format_of

Problem = tuple[KeyPath, str]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:/")


def file_problems(configuration: Configuration) -> Iterator[Problem]:
    """All problems of the names of files, with the key path of each."""
    before: set[str] = set()
    for i, wave in enumerate(configuration.waves):
        for j, name in enumerate(wave.files):
            where = ("waves", i, "files", j)
            if name in before:
                yield where, f"{quoted(name)} is listed before; list a file once"
            before.add(name)
            is_given = configuration.simulate is None and is_pattern(name)
            if reason := None if is_given else not_a_file(name):
                yield where, f"{quoted(name)}: {reason}"
            elif configuration.simulate is not None and _is_outside(name):
                yield (
                    where,
                    f"{quoted(name)}: files of a simulated survey are written, and only inside a "
                    "folder that is given; use a relative path without '..'",
                )
        known = set(wave.files)
        announced = wave.rows if isinstance(wave.rows, dict) else {}
        for key, names in (("rows", announced), ("sha256", wave.sha256)):
            for name in names:
                if name not in known:
                    hint = nearest(name, wave.files)
                    yield (
                        ("waves", i, key, name),
                        f"{quoted(name)} is not a file of the wave; {hint}",
                    )


def not_a_file(name: str) -> str | None:
    """Why a name can be no file that is read, if so."""
    if _ADDRESS.match(name):
        return "an address is not read; download the file and give its path"
    if "*" in name or "?" in name:
        return "patterns name only the files of waves that were delivered; list each by its name"
    if name.startswith("~"):
        return "~ is not expanded; write the path out"
    if "\n" in name or "\t" in name:
        return "line breaks and tabs are not expected in the name of a file"
    if format_of(PurePosixPath(name)) is None:
        return (
            f"files of this kind are not read; expected {', '.join(FORMATS)} (text also with .gz)"
        )
    return None


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts


def grid_problems(configuration: Configuration) -> Iterator[Problem]:
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
