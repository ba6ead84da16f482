"""Classes and teachers that are no level although variables of the rows have one value for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.nouns.ids.unit_words import names_class
from mlm.nouns.levels import ROW
from mlm.results.survey.account import BlocksOfRows
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder

if TYPE_CHECKING:
    from mlm.rows.cleaning.clean_wave import CleanWave

CONSTANT = 0.995
"""Share of units in which a variable has one value, from which it is a variable of the units."""


def blocks_of_rows(
    configuration: Configuration,
    wave: str,
    delivery: Delivery,
    columns: ColumnFile,
    units: UnitOrder,
    row: np.ndarray,
) -> Iterator[BlocksOfRows]:
    """Columns of ids that the configuration leaves out, with the variables that are of them.

    Parameters
    ----------
    configuration, wave, delivery
        The survey, the wave and its files.
    columns : ColumnFile
        Values of the variables in sorted order.
    units : UnitOrder
        The kept rows.
    row : ndarray of int (n,)
        Numbers, among all rows read, of the rows that have ids.
    """
    names = [n for n, v in configuration.read_variables.items() if v.level == ROW]
    above = [name for name in configuration.level_names[:-1] if name in units.groups]
    for column in left_out_columns(configuration, wave, delivery) if names and above else ():
        texts = [chunk[column] for file in delivery.files for chunk in file.chunks([column])]
        ids = Distinct.of(pa.chunked_array([part for text in texts for part in text.chunks]))
        own = ids.codes[row[units.rows]]
        has_id = np.array([bool(text.strip()) for text in ids.texts.to_pylist()])[own]
        key = units.groups[above[-1]].astype(np.int64) * len(ids.texts) + own
        found = [name for name in names if _is_of_blocks(columns.column(name), key, has_id)]
        if found:
            groups = int((np.unique(key[has_id], return_counts=True)[1] > 1).sum())
            yield BlocksOfRows(column=column, groups=groups, variables=tuple(found))


def is_of_units(wave: CleanWave, name: str, level: str) -> bool:
    """Whether a variable varies and has one value in nearly all units with several rows."""
    unit = wave.units.groups.get(level)
    if unit is None:
        return False
    values = wave.columns.column(name)
    known = values >= 0 if values.dtype.kind in "iu" else ~np.isnan(values)
    values, unit = values[known], unit[known]
    if values.size < 2 or values.min() == values.max():
        return False
    beside = unit[1:] == unit[:-1]  # rows of a unit stand together
    several = np.unique(unit[1:][beside])
    differing = np.unique(unit[1:][beside & (values[1:] != values[:-1])])
    return several.size > 1 and differing.size <= (1 - CONSTANT) * several.size


def left_out_columns(configuration: Configuration, wave: str, delivery: Delivery) -> list[str]:
    """Columns of all files of a wave that are named as classes are, and that nothing reads."""
    used = {configuration.id_column_of(name, wave) for name in configuration.levels_with_ids}
    for name in configuration.read_variables:
        used.update(configuration.columns_of(name, wave))
    first, *others = (file.columns for file in delivery.files)
    return [
        column
        for column in first
        if column not in used and names_class(column) and all(column in o for o in others)
    ]


def _is_of_blocks(values: np.ndarray, key: np.ndarray, has_id: np.ndarray) -> bool:
    """Whether a variable that varies has one value in each block of two rows or more."""
    present = values >= 0 if values.dtype.kind in "iu" else ~np.isnan(values)
    rows = np.flatnonzero(present & has_id)
    if not rows.size:
        return False
    _, code = np.unique(values[rows], return_inverse=True)
    block, sizes = np.unique(key[rows], return_inverse=True, return_counts=True)[1:]
    pairs = np.unique(np.stack([block, code]), axis=1)[0]
    several = sizes > 1
    constant = np.bincount(pairs, minlength=sizes.size)[several] == 1
    return bool(code.max() > 0 and several.sum() > 1 and constant.mean() >= CONSTANT)
