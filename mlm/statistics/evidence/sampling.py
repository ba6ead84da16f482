"""What the evidence keeps of a weighted sample: its clusters, and what was found of its weights."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from mlm.nouns.sampling import SamplingDesign


@dataclass(frozen=True)
class Clusters:
    """Cross-products by cluster (PSU), of rows times their overall weight.

    Attributes
    ----------
    names : ndarray of str (C,)
        Ids of each cluster, joined by colons.
    strata : ndarray of str (C,) or None
        Stratum of each; None where there are none.
    totals : ndarray (C, k, k)
        Cross-products of the stored columns; they sum to the total of the sample.
    rows : ndarray of int (C,)
        Rows of each.
    of_outermost : ndarray of int (G,)
        Cluster of each group of the outermost level; empty where there is no level.
    """

    names: np.ndarray
    strata: np.ndarray | None
    totals: np.ndarray
    rows: np.ndarray
    of_outermost: np.ndarray

    @property
    def size(self) -> int:
        """Number of clusters C."""
        return self.names.size

    @property
    def weights(self) -> np.ndarray:
        """Sum of the overall weights of each cluster's rows, (C,)."""
        return self.totals[:, 0, 0]


@dataclass(frozen=True)
class ReplicateFactors:
    """What multiplies the weights of each cluster in each replicate of the sample.

    Attributes
    ----------
    values : ndarray (C, R) or None
        In the order of the clusters; None: rows of one cluster have unequal factors.
    scale : ndarray (R,)
        What each replicate counts for.
    df : float
        Degrees of freedom.
    spread : float
        Largest difference between the factors of two rows of a cluster.
    """

    values: np.ndarray | None
    scale: np.ndarray
    df: float
    spread: float


@dataclass(frozen=True)
class WaveWeights:
    """Rows of a wave, and the sum of their overall weights as given."""

    wave: str
    rows: int
    weight: float


@dataclass(frozen=True)
class Sampled:
    """A weighted sample: by which design, and in which unit.

    Attributes
    ----------
    design : SamplingDesign
        The claim.
    unit : float
        Mean overall weight of a row, scaled; sums are over weights in this unit, so that those of
        all rows add up to the number of rows.
    weight : float
        Sum of the overall weights of the rows, as given.
    effective : float
        Number of rows of equal weights that would be worth as much: ``(sum w)^2 / sum w^2``.
    clusters : Clusters
        Cross-products by cluster.
    zero : dict of str to int
        Rows left out because a weight is zero, by column.
    rows_are_equal : bool
        Whether all rows of a lowest group have the same weight.
    waves : tuple of WaveWeights
        Sums of the weights by wave, where the design names the column.
    replicates : ReplicateFactors or None
        Where the design has replicates.
    """

    design: SamplingDesign
    unit: float
    weight: float
    effective: float
    clusters: Clusters
    zero: dict[str, int] = field(default_factory=dict)
    rows_are_equal: bool = False
    waves: tuple[WaveWeights, ...] = ()
    replicates: ReplicateFactors | None = None

    def with_outermost(self, links: np.ndarray) -> Sampled:
        """The same where another level is the outermost: ``links`` leads to the one that was."""
        moved = replace(self.clusters, of_outermost=self.clusters.of_outermost[links])
        return replace(self, clusters=moved)
