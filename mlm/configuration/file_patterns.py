"""Files of a wave that are named together by a pattern: `data/2025/*.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration.models import Configuration

MARKS = "*?["


def is_pattern(name: str) -> bool:
    """Whether the name of a file holds a mark that stands for other characters."""
    return any(mark in name for mark in MARKS)


def with_files_of_patterns(configuration: Configuration) -> Configuration:
    """Same survey; in place of a pattern stand the files that fit it, in the order of their names.

    A pattern that no file fits stays, and is missed as a file of that name where files are read: a
    configuration is also read where its data are not. Files of a simulated survey are written.
    """
    if configuration.simulate is not None:
        return configuration
    waves = tuple(
        wave.model_copy(update={"files": tuple(_named(configuration.root, wave.files))})
        if any(map(is_pattern, wave.files))
        else wave
        for wave in configuration.waves
    )
    return configuration.model_copy(update={"waves": waves})


def _named(root: Path, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        is_file = not is_pattern(name) or (root / name).exists()
        yield from [name] if is_file else sorted(_fitting(root, name)) or [name]


def _fitting(root: Path, pattern: str) -> Iterator[str]:
    base = Path(pattern).anchor or root
    inside = str(Path(pattern).relative_to(Path(pattern).anchor))
    for path in Path(base).glob(inside):
        if path.is_file():
            yield str(path) if Path(pattern).anchor else path.relative_to(root).as_posix()
