"""Names, labels and times of the waves, from the names of their files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlm.configuration.parts import Wave
from mlm.rows.files.wave_file import FileFormat
from mlm.rows.scaffold.profiles import FileProfile
from mlm.rows.scaffold.yaml_text import mapping, quoted

_WAVE = re.compile(
    r"(survey_?)?(wave|year|yr|cycle|round|occasion|visit|grade|time)(_?(no|nr|id))?"
)
_IN_NAME = re.compile("visit|wave|occasion|time_?point|follow_?up|session")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
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


def next_wave(waves: Sequence[Wave], file: str) -> WaveGuess:
    """The wave of a further file: named and timed by it, if that comes after the others.

    Otherwise the time is as far from the last wave as that is from the one before.
    """
    stems = [Path(wave.files[0]).name.partition(".")[0] for wave in waves]
    name = _differing([*stems, Path(file).name.partition(".")[0]])[-1]
    times = [wave.time for wave in waves]
    step = times[-1] - times[-2] if len(times) > 1 else 1
    time = float(name) if name.isdigit() and float(name) > times[-1] else times[-1] + step
    taken = {wave.name.lower() for wave in waves}
    names = (name, f"{time:g}", f"wave_{len(waves) + 1}")
    name = next(n for n in names if n.lower() not in taken and _NAME.fullmatch(n))
    labelled = all(wave.label == f"Wave {wave.name}" for wave in waves)
    return WaveGuess(name, f"{time:g}", f"Wave {name}" if labelled else None)


def wave_line(wave: WaveGuess, file: FileProfile, names: Sequence[str] = ()) -> str:
    """The line of a wave below ``waves``, marked as guessed; its files are written as the one."""
    entry = {"name": quoted(wave.name)}
    if wave.label:
        entry["label"] = quoted(wave.label)
    entry |= {"time": wave.time, "files": f"[{', '.join(map(quoted, names or [file.name]))}]"}
    form, usual = file.form, FileFormat()
    if form.delimiter != usual.delimiter:
        entry["delimiter"] = json.dumps(form.delimiter)
    if form.marks.decimal != usual.marks.decimal:
        entry["decimal"] = json.dumps(form.marks.decimal)
    if form.marks.thousands != usual.marks.thousands:
        entry["thousands"] = json.dumps(form.marks.thousands)
    if form.encoding != usual.encoding:
        entry["encoding"] = form.encoding
    if form.sheet is not None:
        entry["sheet"] = quoted(form.sheet)
    if form.cells != usual.cells:
        entry["cells"] = form.cells
    return f"- {mapping(entry)} # ?"


def tells_time(column: str) -> bool:
    """Whether a column is named as what tells the wave, or grows with it: ``year``, ``grade``."""
    return _WAVE.fullmatch(column.lower()) is not None


def names_time(column: str) -> bool:
    """Whether a word for waves is in the name of a column: ``AVISIT``, ``visit_date``."""
    return tells_time(column) or _IN_NAME.search(column.lower()) is not None


def tells_wave(column: str, values: Sequence[str]) -> bool:
    """Whether a column is named after the waves themselves, or holds years of the calendar."""
    named = re.fullmatch(r"(survey_?)?(wave|cycle|round)(_?(no|nr|id))?", column.lower())
    return named is not None or all(map(_YEAR.fullmatch, values))


def wave_column(columns: Sequence[str], file: FileProfile) -> str | None:
    """A column that seems to tell the wave of each row, where one file holds several."""
    for column in columns:
        values = file.columns[column].values
        if tells_time(column) and 1 < len(values) <= MAX_WAVES:
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
