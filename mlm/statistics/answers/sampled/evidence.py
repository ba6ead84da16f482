"""What the rows of a sample are read into: all that its analysis is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlm.nouns.sampling import Scaling
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.domain_totals import DomainTotals
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.replication.cell_estimates import CellErrors
from mlm.statistics.replication.refitted_errors import RefittedErrors

Refitting = Callable[[Sequence[Solution]], tuple[RefittedErrors, ...]]
"""From the fits of some models to their errors from fits to every replicate."""


@dataclass(frozen=True)
class SampleEvidence:
    """A sample, as far as it is known without its rows.

    Attributes
    ----------
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
    refit : callable or None
        Fits to every replicate; None: errors come from no replicates.
    """

    stats: CrossProducts
    rows: CrossProducts
    totals: DomainTotals
    errors: CellErrors
    scaled: Callable[[Scaling], CrossProducts]
    refit: Refitting | None = None
