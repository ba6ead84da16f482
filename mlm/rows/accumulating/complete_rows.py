"""Complete rows of batches: missing values counted and left out, categories as positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mlm.errors import SamplingError, SamplingFault, SurveyError
from mlm.nouns.columns import Columns, function_values
from mlm.rows.accumulating.batches import Batch, Coded, as_coded, as_numbers, missing_rows
from mlm.rows.accumulating.id_columns import FAULTS, NormalIds, fault_text
from mlm.rows.accumulating.sources import Rows

NAMED_CASES = 3  # cases that an error message names


@dataclass
class _Fault:
    """Rows with one fault: how many, and where the first ones are."""

    count: int = 0
    cases: list[str] = field(default_factory=list)

    def add(self, batch: Batch, rows: np.ndarray, of: np.ndarray) -> None:
        """Count the rows of a batch where ``of`` holds; ``rows`` are their numbers in it."""
        self.count += int(np.count_nonzero(of))
        for row in rows[of][: NAMED_CASES - len(self.cases)]:
            place = f" of {batch.where}" if batch.where else ""
            self.cases.append(f"row {batch.first + int(row)}{place}")


class CompleteRows:
    """Leaves out rows with a missing value, batch by batch, and keeps count of them.

    Attributes
    ----------
    dropped : dict of str to int
        Rows with a missing value, by variable.
    counts : dict of str to ndarray
        Complete rows in each category, by variable.
    rows, kept : int
        Rows that went by, all of them and those without a missing value.
    zero : dict of str to int
        Rows without a missing value that were left out because a sampling weight is zero, by
        column.
    """

    def __init__(
        self,
        columns: Columns,
        ids: Sequence[str],
        precision: str | None = None,
        weights: Sequence[str] = (),
    ):
        self.columns, self.ids, self._precision = columns, tuple(ids), precision
        self._weights, self.zero = tuple(weights), {}
        known = [*([precision] if precision else []), *weights]
        self.variables = list(dict.fromkeys([*columns.variables, *known]))
        self.dropped: dict[str, int] = {}
        self.counts = {v: np.zeros(len(c), dtype=int) for v, c in columns.categories.items()}
        self.rows = self.kept = 0
        self._faults: dict[tuple[str, str], _Fault] = {}
        self._tables: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._id_columns = {name: NormalIds() for name in self.ids}

    def of(self, batch: Batch) -> tuple[Batch, dict[str, np.ndarray]] | None:
        """The complete rows of a batch, and their variables as numbers or positions.

        Returns
        -------
        batch : Batch
            Ids are in their normal form: integers, or positions in texts.
        values : dict of str to ndarray (n,)
            None is returned for both when no row is complete.
        """
        self.rows += batch.rows
        numbers = {v: as_numbers(v, batch.columns[v]) for v in self._numeric}
        columns = {**batch.columns, **numbers}
        missing = {v: w for v in self.variables if (w := missing_rows(columns[v])) is not None}
        for variable, where in missing.items():
            self.dropped[variable] = self.dropped.get(variable, 0) + int(where.sum())
        rows = None
        if missing:
            keep = ~np.logical_or.reduce(list(missing.values()))
            batch, rows = batch.kept(keep), np.flatnonzero(keep)
            numbers = {v: numbers[v][keep] for v in numbers}
        self.kept += batch.rows
        keep = self._weighing(numbers)
        if keep is not None:
            batch = batch.kept(keep)
            rows = np.flatnonzero(keep) if rows is None else rows[keep]
            numbers = {v: numbers[v][keep] for v in numbers}
        return self._sound(batch, numbers, rows) if batch.rows else None

    @property
    def _numeric(self) -> list[str]:
        return [v for v in self.variables if v not in self.columns.categories]

    def _sound(self, batch: Batch, numbers: dict, rows: np.ndarray | None):
        """Drop rows without an id or of an unknown category; these are errors in the end."""
        values = dict(numbers)
        ids, wrong = self._normal_ids(batch)
        batch = replace(batch, columns={**batch.columns, **ids})
        for variable, counts in self.counts.items():
            values[variable] = self._positions(variable, as_coded(batch.columns[variable]))
            where = values[variable] < 0
            if where.any():
                wrong["category", variable] = where
            counts += np.bincount(values[variable][~where], minlength=counts.size)
        if self._precision:
            where = ~(values[self._precision] > 0.0) | np.isinf(values[self._precision])
            if where.any():
                wrong["precision", self._precision] = where
        for column in self._weights:
            where = (values[column] < 0.0) | np.isinf(values[column])
            if where.any():
                wrong["weight", column] = where
        if not wrong:
            return batch, values
        rows = np.arange(batch.rows) if rows is None else rows
        for key, where in wrong.items():
            self._faults.setdefault(key, _Fault()).add(batch, rows, where)
        keep = ~np.logical_or.reduce(list(wrong.values()))
        return (batch.kept(keep), {v: a[keep] for v, a in values.items()}) if keep.any() else None

    def _weighing(self, numbers: dict) -> np.ndarray | None:
        """Rows with no weight of zero; those with one counted by column. None: all rows."""
        keep: np.ndarray | None = None
        for column in self._weights:
            is_zero = numbers[column] == 0.0
            if is_zero.any():
                new = is_zero if keep is None else is_zero & keep
                self.zero[column] = self.zero.get(column, 0) + int(new.sum())
                keep = ~is_zero if keep is None else keep & ~is_zero
        return keep

    def _normal_ids(self, batch: Batch):
        """Id columns in normal form; by fault and column the rows whose id is missing or none."""
        ids, wrong = {}, {}
        for name, column in self._id_columns.items():
            ids[name], unfit = column.normal(batch.columns[name])
            missing = missing_rows(ids[name])
            if missing is not None:
                wrong["id", name] = missing
            wrong |= {(reason, name): rows for reason, rows in unfit.items()}
        return ids, wrong

    def _positions(self, variable: str, column: Coded) -> np.ndarray:
        """Position of each row's category in the recipe; -1 when it is not there."""
        known = self._tables.get(variable)
        if known is None or known[0] is not column.values:
            place = {str(c): i for i, c in enumerate(self.columns.categories[variable])}
            table = np.array(
                [place.get(str(v), -1) for v in column.values.tolist()], dtype=np.int16
            )
            known = self._tables[variable] = column.values, table
        return known[1][column.codes]

    def check(self, source: Rows) -> None:
        """Refuse the rows that went by when they are unfit.

        Raises
        ------
        SurveyError
            When there were no rows, none was complete, an id was missing or a category unknown.
        """
        if self.rows == 0:
            raise SurveyError(f"{source.where} {_have(source)} no rows.")
        if self.kept == 0:
            worst = max(self.dropped, key=self.dropped.get)
            raise SurveyError(
                f"no row is complete: {worst} is missing in {self.dropped[worst]} of {self.rows} "
                "rows. Leave the variable out of the analysis or declare its missing codes."
            )
        problems = [self._problem(*key, fault) for key, fault in self._faults.items()]
        if problems and all(isinstance(problem, SamplingFault) for problem in problems):
            raise SamplingError(problems)
        if problems:
            raise SurveyError(problems)
        if self.kept == sum(self.zero.values()):
            worst = max(self.zero, key=self.zero.get)
            raise SamplingError(
                SamplingFault(
                    "all_zero",
                    f"no row has a sampling weight: {worst} is zero in {self.zero[worst]} of "
                    f"{self.kept} complete rows. Is it the weight of another sample?",
                )
            )

    def _problem(self, kind: str, name: str, fault: _Fault) -> str:
        cases = ", ".join(fault.cases)
        if kind == "id" or kind in FAULTS:
            return fault_text(name, None if kind == "id" else kind, fault.count, cases)
        if kind == "precision":
            return (
                f"precision column {name} is not a positive finite number in {fault.count} rows "
                f"({cases}). Leave these rows out or give them a precision."
            )
        if kind == "weight":
            return SamplingFault(
                "no_weight",
                f"the sampling weight {name} is negative or infinite in {fault.count} rows "
                f"({cases}); expected a number that is not below zero. Declare such codes missing.",
            )
        expected = ", ".join(self.columns.categories[name])
        return (
            f"{name}: {fault.count} rows have a category that the recipe does not know ({cases}); "
            f"expected one of {expected}. Add it to the categories of the variable or recode it."
        )


def refuse_infinite(source: Rows, columns: Columns) -> None:
    """Name the variables and rows whose values are not finite, from another look at the rows.

    Raises
    ------
    SurveyError
        One problem for each variable.
    """
    faults: dict[tuple[str, str], _Fault] = {}
    for batch in source.batches(sorted({v for v, _ in columns.scales})):
        for variable, function in columns.scales:
            values = as_numbers(variable, batch.columns[variable])
            where = ~np.isfinite(function_values(function, values)) & ~np.isnan(values)
            if where.any():
                fault = faults.setdefault((variable, function), _Fault())
                fault.add(batch, np.arange(batch.rows), where)
    raise SurveyError(
        [
            f"{v if f == 'identity' else f'{f}({v})'} is not finite in {fault.count} rows "
            f"({', '.join(fault.cases)}); expected numbers within the domain of the function. "
            "Declare these values missing or recode them."
            for (v, f), fault in faults.items()
        ]
        or "sums of the columns are not finite: their values are too large to be squared."
    )


def _have(source: Rows) -> str:
    return "have" if source.where == "the data" else "has"
