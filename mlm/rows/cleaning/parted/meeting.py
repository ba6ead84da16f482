"""A wave brought together from its parts: units at the top by units, in the memory of some of them.

Its rows and its ledger are, to the byte, those of the wave cleaned at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.errors import SurveyError
from mlm.results.survey.account import Roles, SuspectCode, WaveLedger
from mlm.rows.cleaning.clean_wave import clean_schema
from mlm.rows.cleaning.cleaning import (
    NO_ROW_LEFT,
    NoRowLeft,
    outcome_problems,
    put_in_order,
)
from mlm.rows.cleaning.ledger import numbers_without_range
from mlm.rows.cleaning.moments import BLOCK_ROWS, CodesSeen, Moments
from mlm.rows.cleaning.parted.account import PartAccount
from mlm.rows.cleaning.parted.adding import LedgerSums
from mlm.rows.cleaning.parted.buckets import PartedRuns
from mlm.rows.cleaning.parted.whole import PartedFiles, fit_together


class NotParted(Exception):
    """Parts that are not sound, or not one wave, or that must be looked at together."""


NOT_YET = "other units of the wave were not looked at yet"


class PartedWave:
    """The clean rows of a wave, block by block, and after them its ledger.

    Parameters
    ----------
    configuration, wave
        The survey and the wave.
    parts : sequence of (Path, PartAccount)
        Folder and account of each part, in the order of the files.

    Raises
    ------
    NotParted
        The files are to be read together, which tells what is wrong if anything is.
    """

    def __init__(
        self, configuration: Configuration, wave: str, parts: Sequence[tuple[Path, PartAccount]]
    ):
        accounts = [account for _, account in parts]
        if not fit_together(configuration, wave, accounts):
            raise NotParted
        self._configuration, self._wave, self._accounts = configuration, wave, accounts
        self._files = PartedFiles(configuration, wave, accounts)
        self._runs = PartedRuns(configuration, wave, self._files, parts)
        self._sums = LedgerSums(configuration, [file.file for file in self._files.files])
        for account in accounts:
            self._sums.exclude(account.excluded)
        variables = configuration.single_variables.items()
        self._moments = {name: Moments() for name, v in variables if not v.is_category}
        self._codes = {name: CodesSeen() for name in numbers_without_range(configuration, wave)}

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types."""
        return clean_schema(self._configuration)

    def blocks(self) -> Iterator[pa.Table]:
        """The rows, sorted by the ids from the top, in the blocks of a wave cleaned at once.

        Raises
        ------
        SurveyError
            Units or values contradict the configuration: what is wrong with the first of them.
        """
        for block in _in_blocks(self._tables()):
            for name, moments in self._moments.items():
                moments.add(_numbers(block, name))
            for name, seen in self._codes.items():
                seen.add(_numbers(block, name))
            yield block
        if not self._sums.rows_kept:
            raise self._wrong([NO_ROW_LEFT])
        outcomes = [analysis.outcome for analysis in self._configuration.analyses.values()]
        problems = outcome_problems({name: self._moments[name] for name in outcomes})
        if problems:
            raise self._wrong(problems)

    def _tables(self) -> Iterator[pa.Table]:
        for bucket in self._runs.buckets():
            try:
                cleaned, problems = put_in_order(bucket)
            except NoRowLeft:
                self._sums.exclude(bucket.exclusions.account(self._files))
                continue
            except SurveyError as error:
                cleaned, problems = None, error.problems
            finally:
                bucket.store.close()
            if problems:
                raise self._wrong([f"{problem}; {NOT_YET}" for problem in problems])
            self._sums.add(cleaned.ledger, cleaned.reasons)
            yield from cleaned.blocks()
            cleaned.columns.close()

    def _wrong(self, problems: Sequence[str]) -> SurveyError:
        return SurveyError([f"wave {self._wave}: {problem}" for problem in problems])

    def ledger(self) -> WaveLedger:
        """What was read, kept, excluded and missing, once all blocks were made."""
        sums, files = self._sums, self._files.files
        return WaveLedger(
            wave=self._wave,
            files=files,
            rows_read=sum(file.rows_read for file in files),
            rows_kept=sums.rows_kept,
            excluded=sums.excluded,
            missing=tuple(sums.missing()),
            recoded=tuple(sums.recoded()),
            groups=tuple(sums.groups()),
            empty_groups=tuple(sums.empty_groups()),
            cell_doubts=self._files.cell_doubts(),
            id_forms=tuple(forms for account in self._accounts for forms in account.id_forms),
            suspect_codes=tuple(
                SuspectCode(variable=name, code=code, cells=n)
                for name, seen in self._codes.items()
                for code, n in seen.suspect()
            ),
            variables=tuple(
                self._moments[name].summary(name)
                if name in self._moments
                else sums.categories(name)
                for name in self._configuration.single_variables
            ),
            labels=self._files.labels(),
            roles=Roles(),
        )


def _numbers(block: pa.Table, name: str) -> np.ndarray:
    return block.column(name).to_numpy()


def _in_blocks(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of ``BLOCK_ROWS`` rows, but for the last."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        while rows >= BLOCK_ROWS:
            whole = pa.concat_tables(held)
            yield whole.slice(0, BLOCK_ROWS).combine_chunks()
            held, rows = [whole.slice(BLOCK_ROWS)], rows - BLOCK_ROWS
    if rows:
        yield pa.concat_tables(held).combine_chunks()
