"""Incomplete variables of units: found among those of the rows, and filled in for their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import NotImputable
from mlm.nouns.columns import Columns
from mlm.rows.accumulating.batches import Batch, missing_rows
from mlm.rows.imputing.claim import Claim, response_columns
from mlm.rows.imputing.filled_columns import with_categories, with_numbers
from mlm.rows.imputing.row_reader import ModelRows
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.group_means import GroupMeans
from mlm.statistics.imputation.joint_model import JointModel
from mlm.statistics.imputation.latent_draws import categories_of
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.units.responses import UnitResponses, UnitState
from mlm.statistics.imputation.units.values import UnitValues, unit_values

SPARE_UNITS = 5  # units beyond what a regression over units explains
UNITS_EACH = 3  # units for each predictor, below which the constant alone is kept


def units_of(
    claim: Claim, incomplete: Iterable[str], aligned: Aligned, crossed: Sequence[Aligned] = ()
) -> dict[str, UnitValues]:
    """Incomplete responses that do not vary within the units of a level, with their values.

    Parameters
    ----------
    claim : Claim
        What responds.
    incomplete : iterable of str
        Variables that some rows lack.
    aligned : Aligned
        Sums by pattern and nested levels.
    crossed : sequence of Aligned
        Sums by pattern and units of each crossed level.
    """
    found, wanted = {}, set(incomplete)
    for name in claim.responses:
        if name in wanted:
            columns = response_columns(name, aligned.sums.columns)
            values = unit_values(aligned, columns)
            for place, own in enumerate(crossed, start=len(aligned.parents)):
                if values is None and (of_units := unit_values(own, columns)) is not None:
                    values = replace(of_units, level=place)
            if values is not None:
                found[name] = values
    return found


def unit_responses(
    found: Mapping[str, UnitValues], model: JointModel, table: PatternTable, columns: Columns
) -> tuple[UnitResponses, ...]:
    """The variables of units as responses of their level: of nested levels, then of crossed ones.

    Raises
    ------
    ModelError
        When a level has too few units.
    """
    out = []
    for level in sorted({each.level for each in found.values()}):
        names = [name for name, each in found.items() if each.level == level]
        responses = [c for name in names for c in response_columns(name, columns)]
        values = np.vstack([found[name].values for name in names])
        codes = {}
        start = 0
        for name in names:
            width = len(found[name].values)
            if name in columns.categories:
                codes[name] = _codes(found[name].values)
                values[start : start + width] = np.nan
            start += width
        place = level - len(table.parents)
        is_crossed = place >= 0
        own = (table.of_crossed(place), 0) if is_crossed else (table, level)
        means = GroupMeans.of(*own, len(model.predictors))
        chosen, known, size = means.predictors, means.values, values.shape[1]
        if size < UNITS_EACH * (chosen.size + model.size):
            chosen, known = chosen[:1], known[:1]
        if size < chosen.size + model.size + len(responses) + SPARE_UNITS:
            raise NotImputable(
                "few_units",
                f"{', '.join(names)}: missing in some of {size} units of one level, too few to "
                f"explain it by {model.size} variables of the rows. Leave it out, or fill it in.",
            )
        predictors = tuple(model.predictors[i] for i in chosen)
        around = table.crossed[place].depth if is_crossed else None
        of_level = UnitResponses(level, tuple(responses), values, codes, predictors, known, around)
        out.append(of_level)
    return tuple(out)


def _codes(shares: np.ndarray) -> np.ndarray:
    """Position of each unit's category from its indicators (c, G), -1 where it is missing."""
    lacking = np.isnan(shares[0])
    found = categories_of(np.nan_to_num(shares) - 0.5)
    return np.where(lacking, -1, found)


class ImputedUnits:
    """Fills in variables of units for their rows.

    Parameters
    ----------
    columns : Columns
        The recipe, for origins, units and categories.
    units : sequence of UnitResponses
        The variables, a level each.
    parents : sequence of ndarray of int
        For each nested level, outermost first, the group around each group.
    """

    def __init__(
        self, columns: Columns, units: Sequence[UnitResponses], parents: Sequence[np.ndarray]
    ):
        self._columns, self._units, self._nested = columns, tuple(units), len(parents)
        around = np.arange(parents[-1].size)
        self._ancestors = {len(parents) - 1: around}
        for level in range(len(parents) - 1, 0, -1):
            around = parents[level][around]
            self._ancestors[level - 1] = around

    def filled(
        self,
        batch: Batch,
        rows: ModelRows,
        states: Sequence[UnitState],
        shift: Mapping[str, float],
    ) -> Batch:
        """A batch with the variables of units filled in, as they are in a state of the sampler."""
        columns = dict(batch.columns)
        for own, state in zip(self._units, states, strict=True):
            groups = self._groups(own.level, rows)
            for place, column in enumerate(own.columns):
                if column.powers:
                    name = column.variables[0]
                    at, units = _lacking(batch, name, rows, groups)
                    origin, unit = self._columns.scales[name, "identity"]
                    values = origin + unit * state.values[place, units] + shift.get(name, 0.0)
                    columns[name] = with_numbers(name, columns[name], at, values)
            for name, places in own.latents.items():
                at, units = _lacking(batch, name, rows, groups)
                found = own.codes[name].copy()
                unknown = found < 0
                found[unknown] = categories_of(state.values[np.ix_(places, unknown)])
                known = self._columns.categories[name]
                columns[name] = with_categories(columns[name], at, found[units], known)
        return replace(batch, columns=columns)

    def _groups(self, level: int, rows: ModelRows) -> np.ndarray:
        """Unit of a level of each row, -1 where it is not known."""
        if level >= self._nested:
            return rows.units[level - self._nested]
        return np.where(rows.groups < 0, -1, self._ancestors[level][rows.groups])


def _lacking(
    batch: Batch, name: str, rows: ModelRows, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a batch that lack a variable and whose unit is known, and their units."""
    where = missing_rows(batch.columns[name])
    if where is None:
        where = np.zeros(batch.rows, dtype=bool)
    own = where[rows.at] & (groups >= 0)
    return rows.at[own], groups[own]
