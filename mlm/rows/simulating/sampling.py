"""A sample in two stages of a simulated population, and its weights.

Units, such as schools, are drawn in strata with probability proportional to size, systematically
from an ordered list; then rows in each of them. Some do not take part, and weights are adjusted for
them, in each replicate anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.configuration import Configuration
from mlm.configuration.simulation.sample import SampleTruth
from mlm.errors import ConfigurationError
from mlm.rows.simulating.growth import UNIT, Grown
from mlm.rows.simulating.selection import allocated, chances, drawn


@dataclass(frozen=True)
class UnitFrame:
    """Units of a population in a wave, each known by its place.

    Attributes
    ----------
    sizes : ndarray of int (U,)
        Rows of each.
    first : ndarray of int (U,)
        Its first row.
    strata : ndarray of int (U,)
        Stratum of each.
    labels : tuple of str
        Names of the strata.
    """

    sizes: np.ndarray
    first: np.ndarray
    strata: np.ndarray
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """What was drawn, in the order of strata and of the list in each.

    Attributes
    ----------
    strata : ndarray of int (u,)
        Stratum of each unit drawn.
    sizes : ndarray (u,)
        Size by which it was drawn.
    chances : ndarray (u,)
        Probability that it is drawn.
    units_answer : ndarray of bool (u,)
        Whether it takes part.
    rows : ndarray of int (n,)
        Rows drawn in units that take part: places in the population.
    units : ndarray of int (n,)
        Unit, of those drawn, of each row.
    row_chances : ndarray (n,)
        Probability that it is drawn, given that its unit is.
    rows_answer : ndarray of bool (n,)
        Whether it takes part.
    cells : ndarray of int (n,)
        Cell in which weights of rows are adjusted for those that do not.
    """

    strata: np.ndarray
    sizes: np.ndarray
    chances: np.ndarray
    units_answer: np.ndarray
    rows: np.ndarray
    units: np.ndarray
    row_chances: np.ndarray
    rows_answer: np.ndarray
    cells: np.ndarray


def frame_of(configuration: Configuration, plan: SampleTruth, grown: Grown) -> UnitFrame:
    """Units of a wave's population with their strata.

    Parameters
    ----------
    configuration : Configuration
        Names the levels.
    plan : SampleTruth
        Names what the strata are made of.
    grown : Grown
        The population.
    """
    sizes = np.bincount(grown.rows[UNIT].to_numpy())
    first = np.cumsum(sizes) - sizes
    parts = []
    for name in plan.strata:
        path = (name,)
        if name in configuration.level_names:
            path = configuration.path_in_wave(name)
        parts += [grown.rows[part].to_numpy()[first].astype(str) for part in path]
    if not parts:
        return UnitFrame(sizes, first, np.zeros(sizes.size, dtype=np.intp), ("1",))
    joined = np.array([" ".join(each) for each in zip(*parts, strict=True)])
    labels, strata = np.unique(joined, return_inverse=True)
    return UnitFrame(sizes, first, strata.ravel(), tuple(labels.tolist()))


def sample_of(
    configuration: Configuration,
    plan: SampleTruth,
    frame: UnitFrame,
    grown: Grown,
    random: np.random.Generator,
) -> Sample:
    """Draw units and rows of a wave.

    Parameters
    ----------
    configuration : Configuration
        Names the levels.
    plan : SampleTruth
        How many are drawn, how, and who takes part.
    frame : UnitFrame
        The units.
    grown : Grown
        The population.
    random : Generator
        Random numbers of the sample.

    Raises
    ------
    ConfigurationError
        When a stratum has fewer units than are drawn from it.
    """
    unit_level, row_level = configuration.level_names[-2:]
    per_unit = plan.sizes[row_level]
    measure = np.maximum(frame.sizes, per_unit).astype(float)
    places, unit_chances = _units(plan, unit_level, frame, measure, grown, random)
    strata = frame.strata[places]
    answer = _units_that_answer(plan.response.get(unit_level, 1.0), strata, random)
    slope, residual = plan.informative.get(row_level, 0.0), grown.own_effects(row_level)
    spread = residual.std()
    rows, units, row_chances = [], [], []
    for i in np.flatnonzero(answer):
        start, size = frame.first[places[i]], frame.sizes[places[i]]
        own = np.zeros(size)
        if slope and spread:
            own = slope * residual[start : start + size] / spread
        each = chances(np.exp(own), min(per_unit, size))
        order = random.permutation(size)
        chosen = np.sort(order[drawn(each[order], random)])
        rows.append(start + chosen)
        units.append(np.full(chosen.size, i))
        row_chances.append(each[chosen])
    rows, units = np.concatenate(rows), np.concatenate(units)
    rows_answer, kinds = _rows_that_answer(plan, row_level, grown, rows, random)
    return Sample(
        strata,
        measure[places],
        unit_chances,
        answer,
        rows,
        units,
        np.concatenate(row_chances),
        rows_answer,
        _cells(strata[units], kinds, rows_answer, units),
    )


def _units(
    plan: SampleTruth, level: str, frame: UnitFrame, measure: np.ndarray, grown: Grown, random
) -> tuple[np.ndarray, np.ndarray]:
    """Units drawn, in order, and the probability of each."""
    counts = allocated(np.bincount(frame.strata, measure), wanted(plan, level, grown.wave))
    own = np.bincount(frame.strata)
    short = np.flatnonzero(own < counts)
    if short.size:
        s = short[0]
        raise ConfigurationError(
            f"simulate.sample: wave {grown.wave}: stratum {frame.labels[s]!r} has {own[s]} units "
            f"of level {level}, {counts[s]} are to be drawn from it ({short.size} of "
            f"{own.size} strata are short); draw fewer, simulate more of them, or use fewer strata"
        )
    keys = [grown.rows[name].to_numpy()[frame.first] for name in reversed(plan.sorted_by)]
    mixed = random.permutation(frame.sizes.size)
    places, found = [], []
    for s, count in enumerate(counts):
        inside = mixed[frame.strata[mixed] == s]
        if keys:
            inside = inside[np.lexsort([_ordered(key[inside]) for key in keys])]
        each = chances(measure[inside], count)
        chosen = drawn(each, random)
        places.append(inside[chosen])
        found.append(each[chosen])
    return np.concatenate(places), np.concatenate(found)


def wanted(plan: SampleTruth, level: str, wave: str) -> int:
    """Units of a level that are drawn in a wave."""
    size = plan.sizes[level]
    return size[wave] if isinstance(size, dict) else size


def _ordered(values: np.ndarray) -> np.ndarray:
    return (
        np.unique(values.astype(str), return_inverse=True)[1] if values.dtype == object else values
    )


def _units_that_answer(share: float, strata: np.ndarray, random) -> np.ndarray:
    """Whether each unit takes part; the first two of a stratum do where fewer would."""
    answer = random.random(strata.size) < share
    for s in np.unique(strata):
        inside = np.flatnonzero(strata == s)
        if answer[inside].sum() < 2:
            answer[inside[:2]] = True
    return answer


def _rows_that_answer(plan: SampleTruth, level: str, grown: Grown, rows: np.ndarray, random):
    """Whether each row takes part, and the kind of rows that its chance depends on."""
    share = plan.response.get(level, 1.0)
    if not isinstance(share, dict):
        return random.random(rows.size) < share, np.zeros(rows.size, dtype=np.intp)
    ((name, shares),) = share.items()
    codes = {category: i for i, category in enumerate(shares)}
    values = grown.rows[name].to_numpy()[rows]
    kinds = np.array([codes[value] for value in values.tolist()], dtype=np.intp)
    return random.random(rows.size) < np.array(list(shares.values()))[kinds], kinds


def _cells(
    strata: np.ndarray, kinds: np.ndarray, answer: np.ndarray, units: np.ndarray
) -> np.ndarray:
    """Cells of rows: stratum and kind, or all kinds of a stratum where one has few that answer.

    Rows that take part in at least two units of a cell let every replicate be adjusted.
    """
    cells = strata * (kinds.max(initial=0) + 1) + kinds
    for s in np.unique(strata):
        inside = strata == s
        found = (np.unique(units[inside & answer & (cells == c)]) for c in np.unique(cells[inside]))
        if min(each.size for each in found) < 2:
            cells[inside] = cells[inside].min()
    return np.unique(cells, return_inverse=True)[1].ravel()
