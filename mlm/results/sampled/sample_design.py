"""How the sample was drawn, and how errors were found from that."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Category, VariableName, WaveName
from mlm.results.record import Record
from mlm.results.sample import RowsWithout


class WeightColumn(Record):
    """The sampling weight of a level."""

    level: Level = Field(description="whose units, or rows, it is the weight of")
    column: VariableName | None = Field(description="None: the mean weight of the unit's rows")


class ClusterCount(Record):
    """Clusters that were drawn first (primary sampling units)."""

    ids: tuple[VariableName, ...] = Field(description="id columns, outermost first")
    n: int = Field(description="clusters in the sample")


class JoinedStratum(Record):
    """A stratum of one cluster, and the stratum that it was joined with."""

    stratum: Category
    joined_with: Category


class StrataUsed(Record):
    """Strata in which clusters were drawn."""

    column: VariableName
    n: int = Field(description="strata, after joining")
    joined: tuple[JoinedStratum, ...]


class ReplicatesUsed(Record):
    """Replicates of the sample, from which errors come."""

    method: Literal["fay", "brr", "jk1", "jk2", "jkn", "bootstrap"]
    n: int = Field(description="replicates")
    factor: float | None = Field(description="Fay's; None: by another method")
    halves: Literal["one", "both"] | None = Field(description="of pairs; None: by another method")
    columns: tuple[VariableName, ...] = Field(description="none: they were made of clusters")
    made_from: Literal["clusters", "classes", "rows"] = Field(
        description="clusters: a replicate multiplies the weights of whole clusters; classes: of "
        "the rows inside a group that share all factors; rows: each was read from its rows"
    )
    spread: float = Field(description="largest difference of two factors inside a cluster")


class WeightsOfWave(Record):
    """The weights of the rows of one wave."""

    wave: WaveName
    rows: int = Field(description="rows in the sample")
    sum_of_weights: float = Field(description="overall weights, as given")
    effective_rows: float = Field(description="rows of equal weight that they are worth")


class SmallUnits(Record):
    """Units of few rows whose weights differ inside them.

    Where rows were chosen by what the outcome depends on, the variance of these units is too large
    with every scaling: by a third at 5 rows, a tenth at 10.
    """

    level: Level
    rows: float = Field(description="of a unit, on average")


class SampleDesign(Record):
    """How the sample was drawn, and how its errors were found."""

    weights: tuple[WeightColumn, ...] = Field(description="outermost first, the rows last")
    are: Literal["overall", "conditional"]
    scaling: Literal["effective", "size", "none", "group_only", "gk"]
    clusters: ClusterCount
    strata: StrataUsed | None = Field(description="None: clusters were drawn from all at once")
    replicates: ReplicatesUsed | None = Field(description="None: the sample has none")
    errors: Literal["replicates", "linearised", "jackknife"] = Field(
        description="how standard errors of the models were found"
    )
    errors_of_means: Literal["replicates", "linearised", "jackknife"] = Field(
        description="how those of means and shares of groups of rows were found"
    )
    df: float = Field(description="degrees of freedom of the design")
    sum_of_weights: float = Field(description="overall weights of the rows, as given")
    effective_rows: float = Field(description="rows of equal weight that they are worth")
    by_wave: tuple[WeightsOfWave, ...]
    small_units: SmallUnits | None = Field(
        None, description="None: units have 10 rows or more, or one weight for all of theirs"
    )
    rows_without_weight: tuple[RowsWithout, ...] = Field(
        description="rows left out for a weight that is zero or missing, by column of weights"
    )


class DrawnScore(Record):
    """A score that is known by draws (plausible values)."""

    score: VariableName
    columns: tuple[VariableName, ...] = Field(description="its draws, in their order")
    nests: int | None = Field(description="of nested draws: how many nests; None: not nested")


class WeightedMoments(Record):
    """Weighted moments of the outcome in a wave, means over its draws."""

    wave: WaveName
    weighted_mean: float
    weighted_sd: float | None = Field(description="None of a single row")
