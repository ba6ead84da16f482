"""Names, labels and times of the waves, from the names of their files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlm.rows.scaffold.profiles import FileProfile

_WAVE = re.compile(
    r"(survey_?)?(wave|year|yr|cycle|round|occasion|visit|grade|time)(_?(no|nr|id))?"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


MAX_WAVES = 30
"""Waves that one file may seem to hold."""


@dataclass(frozen=True)
class WaveGuess:
    """What a wave seems to be called.

    Attributes
    ----------
    name, time : str
        As the configuration writes them.
    label : str or None
        For the report, where the name alone says little.
    """

    name: str
    time: str
    label: str | None

    @property
    def is_year(self) -> bool:
        """Whether the wave is named after a year."""
        return _YEAR.fullmatch(self.name) is not None


def wave_guesses(files: Sequence[FileProfile]) -> list[WaveGuess]:
    """Waves by the part in which the file names differ; its number, if all have one, is the time.

    Of a single file, only a year with four digits is taken as the time.
    """
    stems = [Path(file.name).name.partition(".")[0] for file in files]
    names = _single(stems[0]) if len(stems) == 1 else _differing(stems)
    rising = all(name.isdigit() for name in names) and all(
        int(a) < int(b) for a, b in zip(names, names[1:], strict=False)
    )
    are_times = rising and (len(names) > 1 or _YEAR.fullmatch(names[0]) is not None)
    times = names if are_times else [str(i) for i in range(len(names))]
    return [
        WaveGuess(
            name,
            str(int(time)),
            f"Wave {name}" if re.fullmatch(r"\d{1,3}|[A-Za-z]", name) else None,
        )
        for name, time in zip(names, times, strict=True)
    ]


def wave_column(columns: Sequence[str], file: FileProfile) -> str | None:
    """A column that seems to tell the wave of each row, where one file holds several."""
    for column in columns:
        values = file.columns[column].values
        if _WAVE.fullmatch(column.lower()) and 1 < len(values) <= MAX_WAVES:
            return column
    return None


def _single(stem: str) -> list[str]:
    """Name of the only wave: the year in the file's name, or that name."""
    years = [part for part in re.findall(r"\d+", stem) if _YEAR.fullmatch(part)]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:32]
    return [years[0] if len(years) == 1 else plain or "1"]


def _differing(stems: Sequence[str]) -> list[str]:
    parts = [re.findall(r"[A-Za-z]+|\d+", stem) for stem in stems]
    names = []
    for i, own in enumerate(parts):
        others = [set(other) for j, other in enumerate(parts) if j != i]
        differs = [part for part in own if not all(part in other for other in others)]
        names.append((differs or own or [str(i + 1)])[-1][:32])
    if len({name.lower() for name in names}) < len(names):
        return [str(i + 1) for i in range(len(stems))]
    return names
