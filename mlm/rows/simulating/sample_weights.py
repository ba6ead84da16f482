"""Weights of a simulated sample, and its replicates, adjusted for those that do not take part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.configuration.simulation.sample import SampleReplicates
from mlm.nouns.replicates import columns_of
from mlm.rows.simulating.sampling import Sample
from mlm.statistics.replication.made_factors import balanced, leaving_one_out


@dataclass(frozen=True)
class SampleWeights:
    """Weights of the rows that take part, n of them.

    Attributes
    ----------
    rows : ndarray (n,)
        Overall weights: their sum estimates the rows of the population.
    units : ndarray (n,)
        Overall weight of each row's unit.
    replicates : dict of str to ndarray (n,)
        By column: replicate weights.
    pairs : dict of str to ndarray of int (n,)
        By column: zones and halves of which replicates can be made.
    """

    rows: np.ndarray
    units: np.ndarray
    replicates: dict[str, np.ndarray]
    pairs: dict[str, np.ndarray]

    def taken(self, places: np.ndarray) -> SampleWeights:
        """Weights of the rows at some places, in their order."""
        replicates = {column: values[places] for column, values in self.replicates.items()}
        pairs = {column: values[places] for column, values in self.pairs.items()}
        return SampleWeights(self.rows[places], self.units[places], replicates, pairs)


def weights_of(
    sample: Sample, replicates: SampleReplicates | None, random: np.random.Generator
) -> SampleWeights:
    """Weights of a sample.

    Parameters
    ----------
    sample : Sample
        What was drawn, and who of it takes part.
    replicates : SampleReplicates or None
        Replicates that the files hold.
    random : Generator
        Chooses the halves of pairs.

    Raises
    ------
    StatisticsError
        When the replicates asked for do not fit the number of units.
    """
    columns, pairs, factors = (), {}, np.ones((sample.strata.size, 0))
    if replicates is not None and replicates.method == "jk2":
        pairs = _pairs(sample, replicates, random)
    elif replicates is not None:
        columns = columns_of(replicates.columns)
        factors = _factors(sample, replicates, len(columns))
    factors = np.column_stack([np.ones(len(factors)), factors])
    units = factors * _units_adjusted(sample, factors)[sample.strata] / sample.chances[:, None]
    rows = units[sample.units] / sample.row_chances[:, None]
    rows *= _ratios(rows, sample.cells, sample.rows_answer)[sample.cells]
    rows, units = rows[sample.rows_answer], units[sample.units[sample.rows_answer], 0]
    return SampleWeights(rows[:, 0], units, dict(zip(columns, rows[:, 1:].T, strict=True)), pairs)


def _units_adjusted(sample: Sample, factors: np.ndarray) -> np.ndarray:
    """What weights of units are multiplied by, for those that do not take part: (S, 1 + R).

    A unit counts as much as it is large, as in PISA.
    """
    large = factors * (sample.sizes / sample.chances)[:, None]
    return _ratios(large, sample.strata, sample.units_answer)


def _ratios(weights: np.ndarray, cells: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Sums of weights over those of them that take part, by cell; 1 where none does."""
    shape = (int(cells.max(initial=0)) + 1, weights.shape[1])
    wanted, found = np.zeros(shape), np.zeros(shape)
    for cell in range(shape[0]):
        inside = cells == cell
        wanted[cell] = weights[inside].sum(axis=0)
        found[cell] = weights[inside & answer].sum(axis=0)
    return np.divide(wanted, found, out=np.ones(shape), where=found > 0.0)


def _factors(sample: Sample, replicates: SampleReplicates, count: int) -> np.ndarray:
    """Factors (u, R) of the units drawn, whether they take part or not."""
    if replicates.method == "jk1":
        return leaving_one_out(np.zeros(sample.strata.size, dtype=np.intp)).values
    factor = replicates.factor if replicates.method == "fay" else 0.0
    return balanced(zones(sample.strata), count, factor).values


def zones(strata: np.ndarray) -> np.ndarray:
    """Zones (u,) of two neighbours each, the last of a stratum of three where it is odd.

    Parameters
    ----------
    strata : ndarray of int (u,)
        Stratum of each unit, sorted; every one has two or more.
    """
    found, first = np.empty(strata.size, dtype=np.intp), 0
    for s in np.unique(strata):
        inside = np.flatnonzero(strata == s)
        pairs = inside.size // 2
        found[inside] = first + np.minimum(np.arange(inside.size) // 2, pairs - 1)
        first += pairs
    return found


def _pairs(sample: Sample, replicates: SampleReplicates, random) -> dict[str, np.ndarray]:
    """Zones of the units that take part, pairs in the order of their drawing, and their halves.

    The rows of a last one without a partner are halved at random, as in TIMSS.
    """
    answer = sample.rows_answer
    units, places = np.unique(sample.units[answer], return_inverse=True)
    places = places.ravel()
    zone, half, lone = np.empty(units.size, dtype=np.intp), np.empty(units.size, int), []
    first = 1
    for s in np.unique(sample.strata):
        inside = np.flatnonzero(sample.strata[units] == s)
        zone[inside] = first + np.arange(inside.size) // 2
        flipped = random.integers(0, 2, size=(inside.size + 1) // 2)
        half[inside] = (np.arange(inside.size) + np.repeat(flipped, 2)[: inside.size]) % 2
        first += flipped.size
        if inside.size % 2:
            lone.append(inside[-1])
    halves = half[places]
    for unit in lone:
        rows = np.flatnonzero(places == unit)
        halves[rows] = random.permutation(np.arange(rows.size) % 2)
    return {replicates.zone: zone[places], replicates.unit: halves}
