"""How rows are shared out over jobs: which files are taken in together, parts of a wave, and waves.

Most waves are cleaned by one job and summed by one, and one reads all of them for links
and for residuals.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from mlm.configuration import Configuration
from mlm.configuration.parted import fits_parts

PART_MB = 256.0
"""Size from which files are enough for a job."""

PART_FILES = 1000
"""Files that one job takes in, however small they are."""

WHOLE_MB = 1024.0
"""Size of a single file from which its rows are not held in memory."""


def parts_of(configuration: Configuration, wave: str) -> list[range]:
    """Numbers of the files of each part of a wave; none where one job cleans it from its files.

    Sizes that are not known, since files lie in a storage, count as nothing.
    """
    if not fits_parts(configuration, wave):
        return []
    sizes = [_size_mb(path) for path in configuration.wave_files(wave)]
    cuts = [0, *_cuts(sizes)]
    is_whole = len(cuts) == 2 and sum(sizes) < WHOLE_MB
    return [] if is_whole else [range(start, stop) for start, stop in pairwise(cuts)]


def n_sums(configuration: Configuration, wave: str) -> int:
    """How many jobs sum parts of the rows of a wave; 0 where one job sums all.

    Not where rows weigh, are completed by imputations or have crossed units: these are summed
    together. Sizes that are not known count as nothing.
    """
    if configuration.is_sampled or configuration.has_imputed_files or configuration.crossed_level:
        return 0
    if configuration.simulate is not None:
        return 0
    parts = int(_wave_mb(configuration, wave) / PART_MB)
    return parts if parts > 1 else 0


def reads_waves_apart(configuration: Configuration) -> bool:
    """Whether jobs of their own read the rows of each wave, for links and for residuals.

    So it is where there are several waves and one of them is large. Sizes that are not known count
    as nothing.
    """
    waves = configuration.wave_names
    if configuration.simulate is not None or len(waves) == 1:
        return False
    return max(_wave_mb(configuration, wave) for wave in waves) >= 2 * PART_MB


def links_waves_apart(configuration: Configuration) -> bool:
    """The same for links: not where pupils are followed, rows weigh, or units are crossed.

    What would be joined of them is then most of what there is to do.
    """
    if configuration.design.follows_lowest or len(configuration.levels) == 1:
        return False
    if configuration.is_sampled or configuration.crossed_level:
        return False
    return reads_waves_apart(configuration)


def _cuts(sizes: list[float]) -> Iterator[int]:
    """Number of files after each part."""
    start, held = 0, 0.0
    for i, size in enumerate(sizes):
        is_enough = held + size > PART_MB or i - start >= PART_FILES
        if i > start and is_enough:
            yield i
            start, held = i, 0.0
        held += size
    yield len(sizes)


def _wave_mb(configuration: Configuration, wave: str) -> float:
    return sum(map(_size_mb, configuration.wave_files(wave)))


def _size_mb(path: Path) -> float:
    return path.stat().st_size / 1e6 if path.is_file() else 0.0
