"""What becomes of units with two rows or two parents in a wave, or another parent in a later wave.

Each level declares its policy; every row that a policy leaves out is an exclusion of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.parts import Level
from mlm.results.survey.account import (
    ExclusionReason,
    OtherParentInOtherWave,
    SeveralParents,
    SeveralRows,
)
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.exclusions import Exclusions
from mlm.rows.cleaning.ids import Ids
from mlm.rows.cleaning.moves import moved_rows
from mlm.rows.cleaning.units import UnitOrder, all_rows, order_units
from mlm.rows.messages import counted


@dataclass(frozen=True)
class _Repeated:
    """Rows of units that occur more than once in a wave, among those that are still kept.

    Attributes
    ----------
    later, every : ndarray of bool (n,)
        Rows that come after the first of their unit, and all rows of such units.
    reason : callable
        Reason of the exclusion by the policy ``twice``.
    message : str
        The problem, with places for ``rows`` and ``places``, where the policy is an error.
    """

    later: np.ndarray
    every: np.ndarray
    reason: Callable[..., ExclusionReason]
    message: str


def exclude_units(
    configuration: Configuration,
    wave: str,
    ids: Mapping[str, Ids],
    row: np.ndarray,
    delivery: Delivery,
    exclusions: Exclusions,
) -> tuple[UnitOrder, list[str]]:
    """The rows that stay, in the order of their units, after the policies of all levels.

    Parameters
    ----------
    configuration, wave, delivery
        Where the rows come from.
    ids : mapping of str to Ids
        Ids of the rows that have all of them.
    row : ndarray of int (n,)
        Numbers of these rows among all rows read.
    exclusions : Exclusions
        Takes up the rows that are left out.

    Returns
    -------
    units : UnitOrder
        Positions among the n rows.
    problems : list of str
        Units in doubt where the policy is an error.
    """
    kept = all_rows(len(row))
    problems: list[str] = []
    for i, level in enumerate(configuration.levels):
        if i and level.ids == "global":
            parents = _paths(ids, configuration.path_in_wave(level.name)[:-1], kept)
            found = _two_parents(configuration, i, ids[level.name].codes[kept], parents)
            kept = _without(level, kept, found, row, delivery, exclusions, problems)
        if level.moves in ("first", "drop") and configuration.time is not None:
            out = moved_rows(configuration, wave, i, ids, kept)
            parent = configuration.path_in_wave(level.name)[-2]
            reason = OtherParentInOtherWave(level=level.name, parent=parent, moves=level.moves)
            exclusions.add(reason, row[kept[out]])
            kept = kept[~out]
    lowest = configuration.levels[-1]
    alone = {name: ids[name] for name in configuration.path_in_wave(lowest.name)}
    units = order_units(alone, kept)
    if units.repeated(lowest.name).any():
        found = _two_rows(lowest.name, units, kept)
        kept = _without(lowest, kept, found, row, delivery, exclusions, problems)
        units = order_units(alone, kept)
    return units if len(alone) == len(ids) else order_units(ids, kept), problems


def _without(
    level: Level,
    kept: np.ndarray,
    found: _Repeated,
    row: np.ndarray,
    delivery: Delivery,
    exclusions: Exclusions,
    problems: list[str],
) -> np.ndarray:
    """Rows that stay when the later rows, or all rows, of some units go; or a problem."""
    if not found.later.any():
        return kept
    if level.twice == "error":
        places = delivery.places(row[kept[found.later]])
        rows = counted(int(found.later.sum()), "row")
        problems.append(found.message.format(rows=rows, places=places))
        return kept
    gone = found.later if level.twice == "first" else found.every
    exclusions.add(found.reason(twice=level.twice), row[kept[gone]])
    return kept[~gone]


def _two_rows(lowest: str, units: UnitOrder, kept: np.ndarray) -> _Repeated:
    """Rows whose unit has a row before, and all rows of such units."""
    place = np.empty(len(kept), dtype=np.int64)
    place[np.searchsorted(kept, units.rows)] = np.arange(len(kept))
    repeated = units.repeated(lowest)
    several = np.bincount(units.groups[lowest]) > 1
    message = (
        f"{{rows}} for a {lowest} that the wave already has ({{places}}); each {lowest} may have "
        "one row in a wave: remove the repeated rows, or correct the ids, or say under 'twice' of "
        "the level what shall become of them"
    )
    every = several[units.groups[lowest]][place]
    return _Repeated(repeated[place], every, partial(SeveralRows, level=lowest), message)


def _two_parents(
    configuration: Configuration, i: int, codes: np.ndarray, parents: np.ndarray
) -> _Repeated:
    """Rows whose unit has another parent in a row before, and all rows of such units."""
    level = configuration.levels[i]
    parent = configuration.path_in_wave(level.name)[-2]
    _, first, unit = np.unique(codes, return_index=True, return_inverse=True)
    later = parents != parents[first][unit]
    several = np.zeros(len(first), dtype=bool)
    several[unit[later]] = True
    message = (
        f"{{rows}} of {counted(int(several.sum()), level.name, level.plural)} in a second {parent} "
        f"({{places}}); {level.name} ids are declared global: correct the ids, or say under "
        f"'twice' of the level what shall become of them"
    )
    reason = partial(SeveralParents, level=level.name, parent=parent)
    return _Repeated(later, several[unit], reason, message)


def _paths(ids: Mapping[str, Ids], names: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
    """Number (n,) of the path of ids that each row has at some levels."""
    number = np.zeros(len(rows), dtype=np.int64)
    for name in names:
        number = number * ids[name].n_texts + ids[name].codes[rows]
        number = np.unique(number, return_inverse=True)[1]
    return number
