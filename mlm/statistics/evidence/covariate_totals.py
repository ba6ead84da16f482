"""Weighted totals of covariates by wave, category of a policy and cluster."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.results.coefficient import Factor
from mlm.statistics.evidence.domain_totals import DomainTotals


@dataclass(frozen=True)
class CovariateTotals:
    """Totals of the c columns of covariates, of the rows that have them all and the outcome.

    Attributes
    ----------
    columns : tuple of Factor
        The covariate of each column, and its category.
    totals : DomainTotals
        Its first draw is the outcome, the others are the columns.
    """

    columns: tuple[Factor, ...]
    totals: DomainTotals
