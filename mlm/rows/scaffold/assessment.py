"""Files of a programme of assessments: what their columns are, one name for all cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlm.configuration.programmes.cycles import Cycles
from mlm.configuration.programmes.programme import KINDS, Programme
from mlm.configuration.programmes.recognition import (
    FileColumns,
    Recognised,
    no_variables,
    recognised,
    replication_of,
)
from mlm.configuration.programmes.roles import roles_of
from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS, Design
from mlm.rows.scaffold.ids import LikelyLevel, levels_from
from mlm.rows.scaffold.profiles import FileProfile
from mlm.rows.scaffold.renames import Renamed
from mlm.rows.scaffold.waves import WaveGuess, wave_guesses

MOST_ENTRIES = 30
"""Columns beside those that a programme knows up to which each gets an entry of the codebook."""

PLURALS = {
    "country": "countries",
    "school": "schools",
    "class": "classes",
    "pupil": "pupils",
    "teacher": "teachers",
}
_COUNTRIES = "large countries count most: a survey of each country is clearer"


def columns_to_read(columns: Sequence[str], file: str) -> Sequence[str]:
    """Columns of a file whose cells a draft looks at: all, but of a file of a programme.

    Of that, weights, replicates and plausible values need no look, nor do hundreds of questions.
    """
    names = FileColumns(columns)
    found = _recognised(names, file)
    if found is None:
        return columns
    aside = no_variables(found.programme, names)
    others = [column for column in columns if column not in aside]
    if len(others) > MOST_ENTRIES:
        others = names.among(found.programme.covariates.values())
    wanted = {*names.among(found.programme.ids.values()), *others}
    return [column for column in columns if column in wanted]


def _recognised(names: FileColumns, file: str) -> Recognised | None:
    """The programme of a file that has ids of it too."""
    found = recognised(names, file)
    return found if found and names.among(found.programme.ids.values()) else None


@dataclass(frozen=True)
class Assessment:
    """The programme that files are of, one cycle a file.

    Attributes
    ----------
    files : tuple of FileProfile
        The files, columns under the names that they have in the last one.
    found : tuple of Recognised
        Programme and cycle of each.
    cycles : Cycles
        Columns of each by what they are, as the file itself names them.
    waves : tuple of WaveGuess
        The waves, named after the cycles where the files tell them.
    """

    files: tuple[FileProfile, ...]
    found: tuple[Recognised, ...]
    cycles: Cycles
    waves: tuple[WaveGuess, ...]

    @classmethod
    def of(cls, files: Sequence[FileProfile]) -> Assessment | None:
        """The programme of all files.

        None where one is of none, or of another one, or has no id of it.
        """
        columns = [FileColumns(file.names) for file in files]
        found = [_recognised(own, file.name) for own, file in zip(columns, files, strict=True)]
        if None in found or len({(f.programme.name, f.programme.grade) for f in found}) > 1:
            return None
        programmes = [f.programme for f in found]
        both = list(zip(programmes, columns, strict=True))
        waves = _waves(found) or wave_guesses(files)
        cycles = Cycles(
            tuple(wave.name for wave in waves),
            tuple(programmes),
            tuple(replication_of(p, own) for p, own in both),
            tuple(roles_of(p, own) for p, own in both),
        )
        last = cycles.roles[-1]
        renamed = [_renamed(file, own, last) for file, own in zip(files, cycles.roles, strict=True)]
        return cls(tuple(renamed), tuple(found), cycles, tuple(waves))

    @property
    def programme(self) -> Programme:
        """The programme in its last cycle."""
        return self.cycles.programme

    @property
    def others(self) -> tuple[Programme, ...]:
        """Further cycles and grades that the files may be of as well."""
        return tuple(dict.fromkeys(p for f in self.found for p in f.others))

    def renamed(self) -> Renamed:
        """The files under one name for each column."""
        return Renamed(list(self.files), self.cycles.names())

    def aside(self) -> frozenset[str]:
        """Columns that are no variables."""
        known = [
            no_variables(f.programme, FileColumns(file.names))
            for f, file in zip(self.found, self.files, strict=True)
        ]
        last = self.cycles.roles[-1]
        kept = {last.get(role) for role in self.programme.covariates}
        return frozenset().union(*known) | (set(last.values()) - kept)

    def covariates(self) -> tuple[str, ...]:
        """Columns that usually explain scores, in all files."""
        found = (self.cycles.column(role) for role in self.programme.covariates)
        return tuple(column for column in found if column is not None)

    def levels(self) -> list[LikelyLevel]:
        """Levels by the ids of the programme, country and classes only where there are several."""
        found = []
        for kind in KINDS:
            column = self.cycles.column(f"id {kind}")
            if column is None or not any(len(f.columns[column].values) > 1 for f in self.files):
                continue
            like = "pupil" if kind == self.programme.rows else kind
            remark = _COUNTRIES if kind == "country" else ""
            found.append(LikelyLevel(like, kind, PLURALS[kind], column, remark))
        return levels_from(found, self.files)

    def design(self) -> Design:
        """Each cycle is a sample of its own."""
        return NEW_SCHOOLS if len(self.files) > 1 else CROSS_SECTION

    def unread(self) -> dict[str, str | None]:
        """Further columns that all files have, with their labels; none was looked at."""
        aside, last = self.aside(), self.files[-1].unread
        return {
            column: label
            for column, label in last.items()
            if column not in aside and all(column in file.names for file in self.files)
        }


def _waves(found: Sequence[Recognised]) -> list[WaveGuess]:
    """Waves named after the cycles; none where the files do not tell them, in order."""
    cycles = [f.programme.cycle for f in found]
    rising = all(a < b for a, b in zip(cycles, cycles[1:], strict=False))
    told = all(p.cycle == f.programme.cycle for f in found for p in f.others)
    return [WaveGuess(cycle, cycle, None) for cycle in cycles] if rising and told else []


def _renamed(file: FileProfile, own: dict[str, str], last: dict[str, str]) -> FileProfile:
    """A file, its columns under the names that their roles have in the last one."""
    new = {column: last.get(role, column) for role, column in own.items()}
    return replace(
        file,
        names=tuple(new.get(name, name) for name in file.names),
        columns={new.get(name, name): profile for name, profile in file.columns.items()},
        unread={new.get(name, name): label for name, label in file.unread.items()},
    )
