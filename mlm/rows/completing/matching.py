"""Which row of an imputation is which row of the wave: by ids, or by order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.configuration.models import Configuration
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.ids import Ids, numbered_together, path_numbers
from mlm.rows.completing.imputation import Imputation, row_names
from mlm.rows.messages import counted


@dataclass(frozen=True)
class ObservedRows:
    """The rows of a wave that have all ids, in the order of its files.

    Attributes
    ----------
    delivery : Delivery
        Its files, read.
    rows : ndarray of int (n,)
        Numbers of the rows among all that were read.
    ids : mapping of str to Ids
        Ids by level.
    """

    delivery: Delivery
    rows: np.ndarray
    ids: Mapping[str, Ids]


def matched_rows(
    configuration: Configuration, observed: ObservedRows, imputation: Imputation
) -> tuple[np.ndarray, list[str]]:
    """Place (n,) in the imputation of each row of the wave; -1 where it has none, which is told.

    Rows are known by the ids of all levels where the files of the wave have those of the lowest,
    and otherwise by a column that names them, or by their order.
    """
    import pandas as pd

    levels = configuration.levels_with_ids
    is_named = configuration.missing.row is not None
    by_ids = configuration.levels[-1].id is not None and set(levels) <= imputation.ids.keys()
    if by_ids and not is_named:
        numbers = path_numbers([observed.ids, imputation.ids], levels)
        wave, own = np.split(numbers, [len(observed.rows)])
        known = wave
    else:
        column = configuration.missing.row
        names = [row_names(each.delivery, column) for each in (observed, imputation)]
        numbers, _ = numbered_together(names)
        known, every = np.split(numbers, [len(names[0].codes)])
        wave, own = known[observed.rows], every[imputation.rows]
    place = pd.Index(_apart(own)).get_indexer(_apart(wave))
    more = np.flatnonzero(~np.isin(own, known) | (_times(own) > _most(own, known)))
    return place, [*_lacking(observed, place), *_more(imputation, more)]


def _times(keys: np.ndarray) -> np.ndarray:
    """How often each key (n,) has come before."""
    import pandas as pd

    return pd.Series(keys).groupby(keys).cumcount().to_numpy()


def _most(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """How often, less one, each key (n,) is among those known."""
    import pandas as pd

    counts = pd.Series(known).value_counts()
    return counts.reindex(keys, fill_value=0).to_numpy() - 1


def _apart(keys: np.ndarray) -> np.ndarray:
    """Keys (n,) that tell apart those that come more than once, by their order."""
    times = _times(keys)
    return keys.astype(np.int64) * (int(times.max(initial=0)) + 2) + times


def _lacking(observed: ObservedRows, place: np.ndarray) -> list[str]:
    lacking = observed.rows[place < 0]
    if not len(lacking):
        return []
    return [
        f"{counted(len(lacking), 'row')} of the wave {_is(lacking)} not there "
        f"({observed.delivery.places(lacking)}); an imputation holds every row of the wave, also "
        "those in which nothing is missing: export all"
    ]


def _more(imputation: Imputation, more: np.ndarray) -> list[str]:
    if not len(more):
        return []
    rows = imputation.rows[more]
    return [
        f"{counted(len(more), 'row')} {_is(more)} not among those of the wave "
        f"({imputation.delivery.places(rows)}); an imputation has the rows of the wave and no "
        "other: is it of other data, or are several stacked ('column')?"
    ]


def _is(rows: np.ndarray) -> str:
    return "is" if len(rows) == 1 else "are"
