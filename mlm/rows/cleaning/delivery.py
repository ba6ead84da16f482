"""The files of a wave as they were delivered: opened, their columns, hashes and rows checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.configuration.parts import Wave
from mlm.errors import SurveyError, and_more, listed
from mlm.nouns.machine.progress import count
from mlm.results.survey.account import FileAccount, Place
from mlm.results.survey.cell_doubts import RowsInQuotes
from mlm.rows.cleaning.wanted_columns import columns_in_file
from mlm.rows.files.marks import Marks
from mlm.rows.files.opening import open_file
from mlm.rows.files.stacked import OBSERVED_SET, split_file
from mlm.rows.files.wave_file import FileFormat, Notes, WaveFile
from mlm.rows.messages import first_of


@dataclass
class Delivery:
    """The files of a wave, one below the other.

    Attributes
    ----------
    files : list of WaveFile
        The files in the order of the configuration.
    columns : list of dict
        For each file, its column by level and variable.
    settings : Wave
        What the configuration says of the wave.
    rows : list of int
        Rows of the files that were read so far.
    """

    files: list[WaveFile]
    columns: list[dict[str, str]]
    settings: Wave
    rows: list[int] = field(default_factory=list)

    def chunks(self) -> Iterator[tuple[int, WaveFile, pa.Table, Mapping[str, Notes]]]:
        """Rows before the chunk, its file, its texts and notes by level and variable."""
        self.rows = []
        start = 0
        announced = self.settings.rows if isinstance(self.settings.rows, int) else None
        for file, wanted in zip(self.files, self.columns, strict=True):
            self.rows.append(0)
            notes = {name: file.notes_of(column) for name, column in wanted.items()}
            for table in file.chunks(list(dict.fromkeys(wanted.values()))):
                texts = pa.table({name: table[column] for name, column in wanted.items()})
                count("rows", table.num_rows, announced)
                yield start, file, texts, notes
                start += table.num_rows
                self.rows[-1] += table.num_rows
            file.check_unchanged()

    def row_problems(self) -> list[str]:
        """What is wrong with the numbers of rows, after all chunks were read."""
        announced = self.settings.rows
        names = [file.name for file in self.files]
        rows = dict(zip(names, self.rows, strict=True))
        expected = announced if isinstance(announced, dict) else {}
        problems = [
            f"{name}: {n} rows are announced ('rows'), {rows[name]} were read; {_ROWS_HINT}"
            for name, n in expected.items()
            if rows[name] != n
        ]
        if isinstance(announced, int) and sum(self.rows) != announced:
            problems.append(
                f"{announced} rows are announced ('rows'), {sum(self.rows)} were read; {_ROWS_HINT}"
            )
        elif sum(self.rows) == 0:
            problems.append(
                f"{listed(names)}: there is a header but no data row; put the wave's rows there"
            )
        problems += [
            f"{file.name}: the last line has no line break, the file may be cut; compare the "
            "number of rows with the data owner and declare it as 'rows' of the wave, or end the "
            "line"
            for file in self.files
            if not file.ends_whole and announced is None
        ]
        return problems

    def quoted_rows(self) -> Iterator[RowsInQuotes]:
        """Lines that were not read as rows since quoted cells hold them, for each file."""
        for file in self.files:
            found = file.quoted_rows()
            if found:
                yield RowsInQuotes(
                    file=file.name,
                    rows=sum(lines.last - lines.first for lines in found),
                    first_line=found[0].first,
                    last_line=found[0].last,
                )

    def account(self) -> tuple[FileAccount, ...]:
        """File, hash and number of rows of each file, for the ledger."""
        return tuple(
            FileAccount(file=file.name, sha256=file.sha256, rows_read=rows)
            for file, rows in zip(self.files, self.rows, strict=True)
        )

    def places(self, rows: Sequence[int]) -> str:
        """Text that says where all of some rows are: 'file lines 5, 9, 12 and 3 more'."""
        first = first_of(rows)
        found = "; ".join(
            f"{file.name} {file.places(found)}" for file, found in self._by_file(first)
        )
        return found + and_more(len(rows) - len(first))

    def first_places(self, rows: Sequence[int]) -> tuple[Place, ...]:
        """Where the first of some rows stand."""
        first = first_of(rows)
        return tuple(
            Place(file=file.name, line=number)
            for file, found in self._by_file(first)
            for number in file.numbers(found)
        )

    def _by_file(self, rows: list[int]) -> Iterator[tuple[WaveFile, list[int]]]:
        start = 0
        for file, n_rows in zip(self.files, self.rows, strict=True):
            inside = [row - start for row in rows if start <= row < start + n_rows]
            if inside:
                yield file, inside
            start += n_rows


_ROWS_HINT = "correct the number, or ask whether a file is cut or holds rows twice"


def open_delivery(
    configuration: Configuration,
    wave: str,
    wanted: Sequence[str] | None = None,
) -> Delivery:
    """All files of a wave, opened, with the columns that the configuration names.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    wave : str
        Name of the wave.
    wanted : sequence of str, optional
        Levels and variables to read; default: all.

    Raises
    ------
    SurveyError
        Files that cannot be read or are not what was announced, the same file twice, columns that
        are not there.
    """
    settings = configuration.wave(wave)
    form = format_of_wave(settings)
    delivery, problems = Delivery([], [], settings), []
    paths = configuration.wave_files(wave)
    for name, path in zip(settings.files, paths, strict=True):
        try:
            file = open_file(path, name=name, form=form)
        except SurveyError as error:
            problems += error.problems
            continue
        columns, unfound = columns_in_file(configuration, wave, file, wanted)
        if configuration.observed_are_stacked and not unfound:
            try:
                file = observed_part(configuration, file, columns)
            except SurveyError as error:
                unfound = error.problems
        delivery.files.append(file)
        delivery.columns.append(columns)
        problems += [*_hash_problems(settings, delivery.files), *unfound]
    if problems:
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])
    return delivery


def observed_part(
    configuration: Configuration, file: WaveFile, columns: Mapping[str, str]
) -> WaveFile:
    """The observed rows of a file that holds imputations below them.

    Raises
    ------
    SurveyError
        It has none.
    """
    entry = configuration.missing
    read = [*columns.values(), *([entry.row] if entry.row in file.columns else [])]
    found = split_file(file, entry.column, read, only=(OBSERVED_SET,))
    if OBSERVED_SET not in found:
        raise SurveyError(
            f"{file.name}: no row is observed: {entry.column} is nowhere 0 or empty; export the "
            "original data with the imputations, or name files of imputations alone under "
            "'missing', 'files', and those with the observed rows under 'waves'"
        )
    return found[OBSERVED_SET]


def format_of_wave(settings: Wave) -> FileFormat:
    """How the files of a wave are written."""
    return FileFormat(
        delimiter=settings.delimiter,
        marks=Marks(settings.decimal, settings.thousands),
        encoding=settings.encoding,
        sheet=settings.sheet,
        cells=settings.cells,
    )


def _hash_problems(settings: Wave, files: list[WaveFile]) -> list[str]:
    newest = files[-1]
    problems = []
    announced = settings.sha256.get(newest.name)
    if announced is not None and announced.lower() != newest.sha256:
        problems.append(
            f"{newest.name}: its SHA-256 is {newest.sha256[:12]}..., {announced[:12].lower()}... "
            "is announced; the file is damaged or another version: ask for it again"
        )
    for file in files[:-1]:
        if file.sha256 == newest.sha256:
            problems.append(f"{newest.name}: the file is a copy of {file.name}; deliver it once")
    return problems
