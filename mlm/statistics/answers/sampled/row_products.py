"""Products and squares of the variables of rows that the full model of a sample may lack."""

from __future__ import annotations

from mlm.errors import MLMError
from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.results.sampled.selection import RowProducts, TriedProduct
from mlm.results.test import Test
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.answers.sampled.reduction import columns_of
from mlm.statistics.evidence.names import term_record, term_records
from mlm.statistics.inference.holm import holm


def row_products(plan: Plan, full: DrawnFits) -> RowProducts | None:
    """Wald tests of the products and squares in the full model with all of them.

    Of each, given the others, and of all together, with the errors of the design and over the draws
    of scores; a term that others determine is left out.

    Parameters
    ----------
    plan : Plan
        Names the variables of the lowest levels.
    full : DrawnFits
        The full model; its sample has the columns of the candidates.

    Returns
    -------
    RowProducts or None
        None: there are no candidates, the model with them cannot be fitted, or errors need the rows
        of every replicate, which are read for the columns of the full model alone.
    """
    candidates, left_out = plan.pupil_candidates
    if not candidates or full.again is not None:
        return None
    try:
        rich = fit_draws(plan, _with(full, candidates), full.stats, full)
    except MLMError:
        return None
    columns = {term: columns_of(rich, [term]) for term in candidates}
    tried = [term for term in candidates if columns[term]]
    if not tried:
        return None
    tests = [rich.columns_test(columns[term]) for term in tried]
    adjusted = holm([test.p_value if isinstance(test, Test) else None for test in tests])
    return RowProducts(
        block=rich.columns_test([place for term in tried for place in columns[term]]),
        terms=tuple(
            TriedProduct(
                term=term_record(term),
                test=test.adjusted(p) if isinstance(test, Test) else test,
            )
            for term, test, p in zip(tried, tests, adjusted, strict=True)
        ),
        left_out=term_records(left_out),
    )


def _with(full: DrawnFits, candidates: tuple[Term, ...]):
    return full.model.with_terms([*full.model.terms, *candidates])
