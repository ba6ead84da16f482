"""What the rows of a sample are read into: all that its analysis is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mlm.nouns.plan import Plan
from mlm.nouns.sampling import Scaling
from mlm.statistics.answers.sampled.drawn_fits import Refitting
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.domain_totals import CovariateTotals, DomainTotals
from mlm.statistics.replication.cell_estimates import CellErrors

FEW_FOR_SEARCH = 50
"""Clusters of the models below which errors without refits are not trusted while searching."""


class Scaled(Protocol):
    """From a scaling to the sample under it, of the levels that are named alone."""

    def __call__(
        self, scaling: Scaling, groups: Sequence[tuple[str, ...]] | None = None
    ) -> CrossProducts:
        """The sample.

        Raises
        ------
        SamplingError
            When the scaling has no form for these levels.
        """


@dataclass(frozen=True)
class SampleEvidence:
    """A sample, as far as it is known without its rows.

    Attributes
    ----------
    plan : Plan
        The analysis, without levels of one unit.
    stats : CrossProducts
        Under the weights of the analysis, with its replicates; of all draws and columns.
    rows : CrossProducts
        The same of all rows alike, the waves apart.
    totals : DomainTotals
        Sums of the outcome by wave, category and cluster.
    errors : CellErrors
        How errors of these are found.
    scaled : callable
        From a scaling to the sample under it.
    single : tuple of str
        Grouping factors of the levels of one unit.
    refit : callable or None
        Fits to every replicate; None: errors come from no replicates.
    covariates : CovariateTotals or None
        Of the categories of policies, by wave and cluster; None: no policy has categories.
    covariate_errors : CellErrors or None
        How the errors of these are found.
    """

    plan: Plan
    stats: CrossProducts
    rows: CrossProducts
    totals: DomainTotals
    errors: CellErrors
    scaled: Scaled
    single: tuple[str, ...] = ()
    refit: Refitting | None = None
    covariates: CovariateTotals | None = None
    covariate_errors: CellErrors | None = None

    @property
    def searches_by_refits(self) -> bool:
        """Whether models are fitted to every replicate while searching too.

        Where replicates are not of whole clusters of the models, errors without refits know nothing
        of them; of few clusters, such as regions around the schools that were drawn, they are none.
        """
        sampled = self.stats.sampled
        if self.refit is None or sampled.replicates.values is not None:
            return False
        return sampled.clusters.size < FEW_FOR_SEARCH
