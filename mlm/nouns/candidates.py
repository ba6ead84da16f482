"""Terms that an analysis tries beside its full model, so that the rows need no second reading.

Products and squares of the variables of the lowest levels, and products of slope variables with
the variables of the groups. Layer: nouns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from mlm.nouns.model import Factor, Term

MAX_COLUMNS = 40  # columns of each kind of candidates; a pass over rows costs their square
MAX_OF_SAMPLES = 20  # the same of samples, which keep the square of all columns by cluster


def main_variables(terms: Iterable[Term]) -> tuple[str, ...]:
    """Variables that have a main effect, in order."""
    mains = (term.factors[0] for term in terms if len(term.factors) == 1)
    return tuple(factor.variable for factor in mains if factor.function == "identity")


def pupil_terms(
    terms: Sequence[Term],
    variables: Sequence[str],
    categories: Mapping[str, Sequence[str]],
    limit: int = MAX_COLUMNS,
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Squares and pairwise products of some variables that the terms do not hold.

    Parameters
    ----------
    terms : sequence of Term
        Terms of the full model.
    variables : sequence of str
        Variables of the lowest levels with a main effect.
    categories : mapping of str to sequence of str
        Categories of the categorical variables.
    limit : int
        Columns that all candidates together may have.

    Returns
    -------
    candidates, left_out : tuple of Term
        Squares first, then products in the order of the variables; those beyond the limit apart.
    """
    squares = [Term((Factor(v, "power", 2),)) for v in variables if v not in categories]
    pairs = [Term((Factor(a), Factor(b))) for a, b in combinations(variables, 2)]
    return _limited([*squares, *pairs], terms, categories, limit)


def cross_level_terms(
    terms: Sequence[Term],
    slopes: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    categories: Mapping[str, Sequence[str]],
    limit: int = MAX_COLUMNS,
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Products of slope variables with variables of groups that the terms do not hold.

    Parameters
    ----------
    slopes : sequence of str
        Variables whose effect may vary over groups.
    groups : mapping of str to sequence of str
        Variables of higher levels, by slope variable.

    Returns
    -------
    candidates, left_out : tuple of Term
    """
    products = [Term((Factor(z), Factor(x))) for x in slopes for z in groups.get(x, ())]
    return _limited(products, terms, categories, limit)


def width(term: Term, categories: Mapping[str, Sequence[str]]) -> int:
    """Columns of a term whose margins are all in the model."""
    columns = 1
    for variable in term.variables:
        columns *= max(len(categories[variable]) - 1, 1) if variable in categories else 1
    return columns


def _limited(candidates, terms, categories, limit: int):
    known, total = {term.key for term in terms}, 0
    kept: list[Term] = []
    left_out: list[Term] = []
    for term in candidates:
        if term.key in known:
            continue
        known.add(term.key)
        total += width(term, categories)
        (kept if total <= limit else left_out).append(term)
    return tuple(kept), tuple(left_out)
