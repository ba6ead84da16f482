"""Statistics of units over the rows of several waves: of all, or of those up to a wave.

The other waves are cleaned for the variables that such a statistic is made of, and for these alone.
Rows are put together in the order of the waves and, within a wave, of the ids: whichever wave is
cleaned, the same unit gets the same number to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.configuration.checks_computed import inputs_of, made_of
from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import read_weights
from mlm.configuration.sampled.keys import Sampling
from mlm.configuration.variable import Aggregate
from mlm.rows.cleaning.computed import aggregate
from mlm.rows.cleaning.ids import Ids, path_numbers
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder


@dataclass(frozen=True)
class WaveRows:
    """The kept rows of a wave in the order of their ids.

    Attributes
    ----------
    ids : mapping of str to Ids
        Ids by level, of all rows that have them.
    units : UnitOrder
        The kept rows.
    columns : ColumnFile
        Their values, in sorted order.
    """

    ids: Mapping[str, Ids]
    units: UnitOrder
    columns: ColumnFile

    def sorted_ids(self, levels: Sequence[str]) -> dict[str, Ids]:
        """Ids of the kept rows in sorted order."""
        rows = self.units.rows
        return {name: self.ids[name].with_codes(self.ids[name].codes[rows]) for name in levels}


def for_other_waves(configuration: Configuration) -> Configuration | None:
    """The survey with what statistics over waves are made of; None where there are none."""
    over = [v for v in configuration.variables.values() if v.is_over_waves]
    if not over:
        return None
    inputs = [name for variable in over for name in inputs_of(variable)]
    weights = [name for name in read_weights(configuration) if name in configuration.variables]
    names = made_of(configuration, [*inputs, *weights])
    variables = {name: configuration.variables[name] for name in names}
    nothing = {"analyses": {}, "sampling": _weights_alone(configuration), "plausible_values": {}}
    return configuration.model_copy(update={"variables": variables, **nothing})


def _weights_alone(configuration: Configuration) -> Sampling | None:
    """The sample without what is no weight."""
    nothing = {"psu": None, "strata": None, "replicates": None}
    sampling = configuration.sampling
    return None if sampling is None else sampling.model_copy(update=nothing)


def aggregate_over_waves(
    entry: Aggregate,
    path: Sequence[str],
    waves: Sequence[WaveRows],
    own: int,
    source: Callable[[WaveRows], np.ndarray],
    weigh: Callable[[WaveRows], np.ndarray | None],
) -> np.ndarray:
    """Statistic of the rows of each unit in several waves, given to the rows of one wave.

    Parameters
    ----------
    entry : Aggregate
        The statistic.
    path : sequence of str
        Levels from the top to that of the units.
    waves : sequence of WaveRows
        The waves that count, in order of time.
    own : int
        Place of the wave that asks.
    source : callable
        Values of a wave's rows in sorted order, NaN where missing.
    weigh : callable
        Their overall sampling weights; None where rows count alike.

    Returns
    -------
    ndarray (n,)
        As ``aggregate`` gives it.
    """
    unit = path_numbers([wave.sorted_ids(path) for wave in waves], path)
    order = np.argsort(unit, kind="stable")
    values = np.concatenate([source(wave) for wave in waves])
    known = [weigh(wave) for wave in waves]
    weights = None if known[0] is None else np.concatenate(known)[order]
    found = np.empty(len(values))
    found[order] = aggregate(entry.statistic, values[order], unit[order], weights)
    start = sum(len(wave.units.rows) for wave in waves[:own])
    return found[start : start + len(waves[own].units.rows)]
