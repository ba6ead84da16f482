"""The evidence: sums of products of columns, in total and per group, which can be added.

Everything after the one pass over rows is computed from these. ``a + b`` holds for chunks, waves
and machines, because all columns are standardised by the recipe before they are multiplied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.columns import Column, Columns
from mlm.statistics.evidence.alike import difference_of_recipes
from mlm.statistics.evidence.bundles import Bundles
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.joining import joined
from mlm.statistics.evidence.sampling import Sampled
from mlm.statistics.evidence.tree import Grouped, outermost_of, without
from mlm.statistics.evidence.wave_parts import WaveParts


@dataclass(frozen=True)
class GroupSums(Grouped):
    """Sums of one level's groups.

    Attributes
    ----------
    group : tuple of str
        Id columns that make the groups, outermost first.
    keys : tuple of ndarray (G,)
        Ids of each group, one array an id column.
    parent : ndarray of int (G,)
        Position of the enclosing group in the next outer level, non-decreasing; zeros at the top.
    candidates : tuple of Column
        Stored columns that may vary over the groups; the constant comes first.
    sums : ndarray (q, G, k), or WaveParts
        Sum over the rows of a group of candidate times stored column; where they have sampling
        weights, times the weight of each row given that its group is in the sample.
    weights : ndarray (G,) or None
        Sampling weight of each group given that the group around it is in the sample, scaled; at
        the top in the unit of the sample.
    counts : ndarray of float (G,) or None
        Rows of each group, where they have sampling weights.
    """

    group: tuple[str, ...]
    keys: tuple[np.ndarray, ...]
    parent: np.ndarray
    candidates: tuple[Column, ...]
    sums: np.ndarray | WaveParts
    weights: np.ndarray | None = None
    counts: np.ndarray | None = None


@dataclass(frozen=True)
class CrossProducts:
    """Cross-products of the stored columns of a sample.

    Attributes
    ----------
    columns : Columns
        The recipe: which columns, in which origin and unit.
    total : ndarray (k, k)
        Sum over all rows of the products of stored columns.
    levels : tuple of GroupSums
        Levels of the hierarchy, outermost first, each nested in the one before.
    dropped : dict of str to int
        Rows that had a missing value, by variable (a row counts for each).
    crossing : Crossing
        Sums of factors that are crossed with the levels, if any.
    n_rows : int or None
        Number of rows where they are weighted, so that the sums do not tell; else None.
    log_weights : float
        Sum over the rows of the logarithm of their weight.
    parts : dict of str to ndarray (k, k)
        ``total`` of parts of the rows, the waves, where they are kept apart.
    precision : str or None
        Column that held the weights, the known precisions of the rows.
    bundles : tuple of Bundles
        Cross-products of single outer units, by wave, where they were kept.
    sampled : Sampled or None
        Where rows and units have sampling weights: by which design, and the sums by cluster.
    pools, structures, fits, told, in_place : dict
        Pools of units and whether groups are of one category, structures of crossed factors, fits,
        random parts whose parameters were told apart, and which effects of the innermost units have
        one row each, all made from this sample before, so that the models of an analysis share
        them; not part of the value.
    """

    columns: Columns
    total: np.ndarray
    levels: tuple[GroupSums, ...]
    dropped: dict[str, int] = field(default_factory=dict)
    crossing: Crossing = field(default_factory=Crossing)
    n_rows: int | None = None
    log_weights: float = 0.0
    parts: dict[str, np.ndarray] = field(default_factory=dict)
    precision: str | None = None
    bundles: tuple[Bundles, ...] = ()
    sampled: Sampled | None = None
    pools: dict = field(default_factory=dict, init=False, repr=False, compare=False)
    structures: dict = field(default_factory=dict, init=False, repr=False, compare=False)
    fits: dict = field(default_factory=dict, init=False, repr=False, compare=False)
    told: dict = field(default_factory=dict, init=False, repr=False, compare=False)
    in_place: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    def placed_as(self, other: CrossProducts) -> CrossProducts:
        """The sample with places of crossed effects shared with another one of the same rows."""
        crossing = self.crossing.placed_as(other.crossing)
        return self if crossing is self.crossing else replace(self, crossing=crossing)

    @property
    def n_obs(self) -> int:
        """Number of rows in the sample."""
        return round(float(self.total[0, 0])) if self.n_rows is None else self.n_rows

    @property
    def n_groups(self) -> dict[str, int]:
        """Number of groups by name of level or crossed factor."""
        return {level.name: level.size for level in self.all_levels}

    @property
    def all_levels(self) -> tuple[GroupSums | CrossedFactor, ...]:
        """The nested levels and the crossed factors."""
        return (*self.levels, *self.crossing.factors)

    @property
    def chain(self) -> tuple[GroupSums | CrossedFactor, ...]:
        """Levels of which each lies inside the one before: crossed factors, or else the tree."""
        return self.crossing.factors or self.levels

    @property
    def inwards(self) -> tuple[GroupSums | CrossedFactor, ...]:
        """The same from the outermost units to the lowest: crossed factors before the tree."""
        return (*self.crossing.factors, *self.levels)

    def level(self, group: tuple[str, ...]) -> GroupSums | CrossedFactor:
        """Sums of the level, or crossed factor, with these id columns.

        Raises
        ------
        StatisticsError
            When the sample was not accumulated over these groups.
        """
        for level in self.all_levels:
            if level.group == group:
                return level
        known = ", ".join(level.name for level in self.all_levels) or "none"
        raise StatisticsError(
            f"no sums for groups {':'.join(group)}; the sample has the levels {known}. "
            "Accumulate the rows again with this level in the hierarchy."
        )

    def fingerprint(self, response: str) -> str:
        """Identity of the analysis sample, from its size and the sums of the response.

        Fits are comparable by a likelihood-ratio test when their fingerprints are equal. Digits
        beyond the ninth are left out, so that the order of additions does not matter.
        """
        column = Column(powers=((response, "identity", 1),))
        position = self.columns.positions[column]
        origin, unit = self.columns.scales[response, "identity"]
        n, s, ss = self.n_obs, self.total[0, position], self.total[position, position]
        mean, spread = origin + unit * s / n, unit * np.sqrt(max(ss / n - (s / n) ** 2, 0.0))
        text = f"{response}|{n}|{mean:.8e}|{spread:.6e}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def without_levels(self, *groups: tuple[str, ...]) -> CrossProducts:
        """The same sample with some levels of the hierarchy, or crossed factors, taken out."""
        levels = without(self.levels, groups)
        crossing = self.crossing.without(*groups)
        if self.sampled is None or not self.levels:
            return replace(self, levels=levels, crossing=crossing)
        links = outermost_of(self.levels, levels[0].group) if levels else np.zeros(0, dtype=int)
        sampled = self.sampled.with_outermost(links)
        return replace(self, levels=levels, crossing=crossing, sampled=sampled)

    def __add__(self, other: CrossProducts) -> CrossProducts:
        """Cross-products of both samples together.

        Raises
        ------
        StatisticsError
            When the recipes differ (columns, origins, units, categories) or the levels do.
        """
        check_addable(self, other)
        levels: list[GroupSums] = []
        maps: tuple[np.ndarray, np.ndarray] | None = None
        for both in zip(self.levels, other.levels, strict=True):
            level, maps = _merge_level(both, maps)
            levels.append(level)
        dropped = {
            name: self.dropped.get(name, 0) + other.dropped.get(name, 0)
            for name in {**self.dropped, **other.dropped}
        }
        size = levels[-1].size if levels else 0
        crossing = Crossing.summed((self.crossing, other.crossing), maps or (), size)
        weighted = self.n_rows is not None or other.n_rows is not None
        return CrossProducts(
            self.columns,
            self.total + other.total,
            tuple(levels),
            dropped,
            crossing,
            self.n_obs + other.n_obs if weighted else None,
            self.log_weights + other.log_weights,
            _added_parts(self.parts, other.parts),
            self.precision,
            self.bundles + other.bundles,
        )

    def save(self, path: str | Path) -> None:
        """Write the cross-products to one ``.npz`` file, without pickled objects."""
        from mlm.statistics.evidence.storage import save

        save(self, path)

    @classmethod
    def load(
        cls, path: str | Path, lazily: bool = False, largest: int | None = None
    ) -> CrossProducts:
        """Cross-products that ``save`` wrote.

        Parameters
        ----------
        path : str or Path
            The file.
        lazily : bool
            Whether the ids and sums of groups stay in the file until they are asked for, each time
            anew; the samples that are merged are read so.
        largest : int, optional
            Bytes of the sums of a wave beyond which they stay there, and parts of them are read as
            they are asked for.

        Raises
        ------
        ResultError
            When the file is not one of ours or is of another schema.
        """
        from mlm.statistics.evidence.storage import load

        return load(path, lazily, largest)


def _added_parts(a: dict, b: dict) -> dict[str, np.ndarray]:
    """Parts of both samples; those of one name are added."""
    return {**a, **b, **{name: a[name] + b[name] for name in a if name in b}}


def check_addable(a: CrossProducts, b: CrossProducts) -> None:
    """Refuse samples that are not of the same recipe and hierarchy.

    Raises
    ------
    StatisticsError
        Saying what differs.
    """
    if a.sampled is not None or b.sampled is not None:
        raise StatisticsError(
            "cannot add: sampling weights were scaled within the units of each sample, so that the "
            "sums of both are not those of all rows. Accumulate all rows together."
        )
    found = difference_of_recipes(a, b)
    if found is not None:
        raise StatisticsError(f"cannot add: {found[0]}. Accumulate both with {found[1]}.")


def _merge_level(
    levels: Sequence[GroupSums], around: tuple[np.ndarray, ...] | None
) -> tuple[GroupSums, tuple[np.ndarray, ...]]:
    """One level of a sum, and the places of each sample's groups in it."""
    found = joined(levels, around)
    sums = added_sums([level.sums for level in levels], found.places, found.parent.size)
    return replace(levels[0], keys=found.keys, parent=found.parent, sums=sums), found.places


def added_sums(parts: Sequence, places: Sequence[np.ndarray], size: int) -> np.ndarray:
    """Sums (q, G, k) of a level over several samples.

    Parameters
    ----------
    parts : sequence of ndarray (q, g, k), or arrays in files
        Sums of each sample.
    places : sequence of ndarray of int (g,)
        Place of each of its groups.
    size : int
        Number G of all groups.
    """
    q, _, k = parts[0].shape
    sums = np.zeros((q, size, k))
    for i, table in enumerate(sums):  # a copy of one candidate's sums at a time
        for own, at in zip(parts, places, strict=True):
            table[at] += own[i]
    return sums
