"""Chains of imputations that do not agree, in words for those who run them. Layer: commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.results.coefficient import Term
    from mlm.results.missing.joint_model import Convergence


def chain_words(analysis: str, found: Convergence) -> str | None:
    """What is told of chains that do not agree; None where they do."""
    if found.converged:
        return None
    of = found.r_hat_of
    columns = " and ".join(_column(each) for each in (of.response, of.other) if each is not None)
    where = f" between units of {of.level.unit}" if of.level and of.kind != "coefficient" else ""
    return (
        f"analysis {analysis}: the chains that draw missing values do not agree yet: split R-hat "
        f"is {found.r_hat:.2f} for the {of.kind} of {columns}{where}, the fewest effective draws "
        f"are {found.effective_draws:.0f}, after {found.burn_in + found.iterations} iterations. "
        "Imputed values that hang on it may be wrong. Give the chains more iterations (missing: "
        "{iterations: ...}); look whether the data tell it at all (no case with both, a category "
        "of few); or leave one of the columns out of the analysis or of 'auxiliary'."
    )


def _column(term: Term) -> str:
    """A column of the joint model as a warning names it."""
    parts = (f"{each.variable} {each.category or ''}".strip() for each in term)
    return " times ".join(parts) or "the intercept"
