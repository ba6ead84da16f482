"""Rows of a sample to weighted totals of the covariates of each category of a policy."""

from __future__ import annotations

from dataclasses import replace

from mlm.nouns.candidates import main_variables
from mlm.nouns.coding import code_terms
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.nouns.plausible_values import terms_of_draw
from mlm.rows.accumulating.sample_statistics import SampleStatistics
from mlm.rows.replicating.coded_rows import CodedRows
from mlm.rows.replicating.domain_pass import WantedDomains, domain_totals
from mlm.statistics.evidence.domain_totals import CovariateTotals, DomainTotals
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.replication.cell_estimates import CellErrors


def covariates_of(
    plan: Plan,
    sample: SampleStatistics,
    wanted: WantedDomains,
    totals: DomainTotals,
    errors: CellErrors,
) -> tuple[CovariateTotals | None, CellErrors | None]:
    """Totals of the main effects by category of each policy, from one pass, and their errors.

    Parameters
    ----------
    plan : Plan
        Names the policies and the covariates: all other variables with a main effect; of a score
        the first draw is taken.
    sample : SampleStatistics
        The rows.
    wanted : WantedDomains
        How the totals of the outcome were made.
    totals : DomainTotals
        These, whose clusters are all that the rows have.
    errors : CellErrors
        How their errors are found.
    """
    policies = [name for name in plan.policy if name in plan.categories]
    terms = (
        terms_of_draw(plan.terms, plan.sampling.scores, 0) if plan.sampling.scores else plan.terms
    )
    mains = [Term((Factor(name),)) for name in main_variables(terms)]
    coded = code_terms((Term(), *mains), plan.categories)[1:]
    if not policies or not coded:
        return None, None
    rows = CodedRows(sample.rows, [column.column for column in coded])
    own = replace(
        wanted,
        outcome=(wanted.outcome[0], *rows.made),
        origin=0.0,
        cuts=(),
        categories={WAVE: plan.time.waves, **{name: plan.categories[name] for name in policies}},
    )
    found = domain_totals(rows, own)
    columns = tuple(factor for (factor,) in coefficients(coded))
    return CovariateTotals(columns, found), _of_clusters(errors, totals, found)


def _of_clusters(errors: CellErrors, totals: DomainTotals, found: DomainTotals) -> CellErrors:
    """The same errors, factors in the order of the clusters of other totals."""
    if errors.factors is None:
        return errors
    places = {name: i for i, name in enumerate(totals.clusters.tolist())}
    return replace(errors, factors=errors.factors[[places[n] for n in found.clusters.tolist()]])
