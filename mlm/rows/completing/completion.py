"""The clean rows of a wave with the values of all imputations beside those observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlm.configuration.checks_computed import in_order, made_of
from mlm.configuration.models import Configuration
from mlm.errors import SurveyError, listed
from mlm.results.survey.account import FileAccount
from mlm.results.survey.completed import CompletedWave, ImputedCells
from mlm.rows.cleaning.clean_wave import BLOCK_ROWS, CleanWave
from mlm.rows.cleaning.cleaning import cleaned_with_intake
from mlm.rows.cleaning.completion import complete_columns
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.intake import ORIGIN, ROW, Intake
from mlm.rows.cleaning.over_waves import WaveRows
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.completing.checking import (
    changed_cells,
    gaps_left,
    needed_rows,
    varying_in_units,
)
from mlm.rows.completing.deliveries import open_imputations
from mlm.rows.completing.imputation import Imputation, read_imputation
from mlm.rows.completing.matching import ObservedRows, matched_rows
from mlm.rows.linking.survey_rows import present


def imputed_name(variable: str, number: int) -> str:
    """Column of the completed rows with the values of a variable in an imputation, from 1."""
    return f"{variable}@{number}"


@dataclass(frozen=True)
class CompletedRows:
    """The rows of a clean wave, with further columns for what differs between imputations.

    Attributes
    ----------
    wave : CleanWave
        As observed.
    columns : ColumnFile
        Columns named by ``imputed_name``, in the order of the clean rows.
    names : tuple of str
        Variables that have them.
    account : CompletedWave
        What was filled in.
    """

    wave: CleanWave
    columns: ColumnFile
    names: tuple[str, ...]
    account: CompletedWave

    @property
    def schema(self) -> pa.Schema:
        """That of the clean rows, then the variables of each imputation."""
        schema = self.wave.schema
        for number in range(1, self.account.imputations + 1):
            for name in self.names:
                schema = schema.append(
                    pa.field(imputed_name(name, number), schema.field(name).type)
                )
        return schema

    def blocks(self, n_rows: int = BLOCK_ROWS) -> Iterator[pa.Table]:
        """The rows in tables of so many rows."""
        start = 0
        for table in self.wave.blocks(n_rows):
            for field in list(self.schema)[len(table.schema) :]:
                values = self.columns.column(field.name, start, start + table.num_rows)
                name = field.name.rpartition("@")[0]
                table = table.append_column(field, self.wave.cells_of(name, values))
            yield table
            start += table.num_rows


def complete_wave(configuration: Configuration, wave: str) -> CompletedRows:
    """The rows of a wave completed by its imputed files.

    Each imputation is read by the codebook of the wave, and what is computed from other variables
    is computed anew in it. Outcomes stay as they were observed: rows without one do not enter the
    models.

    Parameters
    ----------
    configuration : Configuration
        With ``missing: {method: files}``.
    wave : str

    Raises
    ------
    SurveyError
        Imputations that have other rows, other values where one was observed, or gaps left: how
        many and where.
    """
    with cleaned_with_intake(configuration, wave) as (cleaned, intake):
        completing = _Completing(configuration, cleaned, intake)
        deliveries = open_imputations(configuration, wave)
        for number, delivery in enumerate(deliveries, start=1):
            problems = completing.add(delivery, number)
            if problems:
                names = listed(file.name for file in delivery.files)
                where = f"wave {wave}, imputation {number} of {len(deliveries)} ({names})"
                raise SurveyError([f"{where}: {problem}" for problem in problems])
    return completing.finished(deliveries)


class _Completing:
    """Imputations of a wave taken one by one."""

    def __init__(self, configuration: Configuration, cleaned: CleanWave, intake: Intake):
        self._configuration, self._cleaned, self._intake = configuration, cleaned, intake
        row = intake.store.column(ROW)
        self._observed = ObservedRows(intake.delivery, row, cleaned.ids)
        self._kept = np.zeros(len(row), dtype=bool)
        self._kept[cleaned.units.rows] = True
        outcomes = {analysis.outcome for analysis in configuration.analyses.values()}
        self._outcomes = {
            name: present(self._stored(name)) & self._kept
            for name in outcomes
            if name in configuration.read_variables
        }
        self._gaps = {
            name: int((~present(self._stored(name)) & self._kept).sum())
            for name in configuration.read_variables
            if name not in outcomes
        }
        self._incomplete = [name for name, n in self._gaps.items() if n]
        computed = [
            name
            for name in in_order(configuration)
            if set(made_of(configuration, [name])) & set(self._incomplete)
        ]
        self.names = (*self._incomplete, *computed)
        self.columns = ColumnFile()

    def _stored(self, name: str) -> np.ndarray:
        """Observed values of a variable of the files, in their order."""
        return self._intake.store.column(name)

    def add(self, delivery: Delivery, number: int) -> list[str]:
        """Take an imputation; what is wrong with it."""
        imputation = read_imputation(self._configuration, self._cleaned.wave, delivery)
        if imputation.problems:
            return imputation.problems
        place, problems = matched_rows(self._configuration, self._observed, imputation)
        if problems:
            return problems
        store, problems = self._completed(imputation, place)
        if problems:
            return problems
        wave = self._cleaned.wave
        rows = WaveRows(self._cleaned.ids, self._cleaned.units, ColumnFile())
        given = {wave: rows}, self._cleaned.reasons, self._intake.delivery, self._observed.rows
        _, problems = complete_columns(self._configuration, wave, store.column, *given)
        problems += varying_in_units(
            self._configuration, self._incomplete, rows.columns, self._cleaned.units
        )
        for name in self.names:
            self.columns.add(imputed_name(name, number), rows.columns.column(name))
        store.close()
        rows.columns.close()
        return problems

    def _completed(self, imputation: Imputation, place: np.ndarray) -> tuple[ColumnFile, list[str]]:
        """Variables of the files in the rows of the wave, observed or imputed; what is wrong."""
        store, problems = ColumnFile(), []
        needed = needed_rows(self._configuration, self._outcomes)
        for name in self._configuration.read_variables:
            known = self._stored(name)
            found = imputation.values.get(name)
            values = known
            if found is not None:
                found = found[place]
                problems += changed_cells(name, known, found, self._observed, imputation, place)
            if name in self._incomplete and found is not None:
                values = np.where(present(known), known, found).astype(known.dtype)
            if name in needed and name in self._incomplete:
                rows = needed[name] & self._kept
                problems += gaps_left(name, values, rows, self._observed, found is not None)
            store.add(name, values)
            store.add(name + ORIGIN, self._intake.store.column(name + ORIGIN))
        return store, problems

    def finished(self, deliveries: Sequence[Delivery]) -> CompletedRows:
        """The wave with all imputations that were taken."""
        account = CompletedWave(
            wave=self._cleaned.wave,
            imputations=len(deliveries),
            files=_files(deliveries),
            rows=int(self._kept.sum()),
            imputed=tuple(
                ImputedCells(variable=name, cells=self._gaps[name]) for name in self._incomplete
            ),
        )
        return CompletedRows(self._cleaned, self.columns, self.names, account)


def _files(deliveries: Sequence[Delivery]) -> tuple[FileAccount, ...]:
    """Files of all imputations, each once, with the rows read of it."""
    found: dict[str, FileAccount] = {}
    for delivery in deliveries:
        for file in delivery.account():
            before = found.get(file.file)
            rows = file.rows_read + (before.rows_read if before else 0)
            found[file.file] = file.model_copy(update={"rows_read": rows})
    return tuple(found.values())
