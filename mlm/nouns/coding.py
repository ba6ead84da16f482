"""Terms to raw columns: treatment coding, the first category the reference. Layer: nouns."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlm.errors import ModelError
from mlm.nouns.columns import CONSTANT, Column, Columns, closure
from mlm.nouns.model import INTERCEPT, Factor, Model, Term


@dataclass(frozen=True)
class CodedColumn:
    """A raw column as a user names it, with the term it belongs to.

    Attributes
    ----------
    name : str
        Name in tables, in formulaic's form: ``sex[T.F]``, ``I(age ** 2)``, ``year:sex[T.F]``.
    term : Term
        Term of the model.
    column : Column
        The product in raw (not standardised) variables.
    """

    name: str
    term: Term
    column: Column


def code_terms(terms: Sequence[Term], categories: Mapping[str, Sequence[str]]) -> list[CodedColumn]:
    """Raw columns of some terms, treatment coding, first category the reference.

    A categorical factor is coded by contrasts where the term without it is also present, or is
    spanned by the terms before, and by one indicator per category otherwise (the rule of R and
    formulaic).

    Parameters
    ----------
    terms : sequence of Term
        Terms of one fixed part, or of one random term.
    categories : mapping of variable to sequence of str
        Categories of the categorical variables; all others are numeric.

    Returns
    -------
    list of CodedColumn

    Raises
    ------
    ModelError
        When a function is applied to a category.
    """
    present = {term.key for term in terms}
    coded: list[CodedColumn] = []
    for term in terms:
        choices = [_factor_columns(f, term, present, categories) for f in term.factors]
        whole = [f for f in term.factors if f.variable in categories]
        present.update([term.key - {f} for f in whole])  # their indicators add up to it
        for choice in itertools.product(*reversed(choices)):
            column: Column | None = CONSTANT
            for _, part in reversed(choice):
                column = column.times(part) if column is not None else None
            name = ":".join(text for text, _ in reversed(choice)) or INTERCEPT
            if column is not None:
                coded.append(CodedColumn(name, term, column))
    return coded


def _factor_columns(
    factor: Factor, term: Term, present: set[frozenset], categories: Mapping[str, Sequence[str]]
) -> list[tuple[str, Column]]:
    variable = factor.variable
    if variable not in categories:
        power = (variable, "identity" if factor.function == "power" else factor.function)
        return [(str(factor), Column(powers=((*power, factor.exponent),)))]
    if factor.function != "identity":
        raise ModelError(f"{factor}: {variable} is a category; a function needs a number.")
    values = list(categories[variable])
    contrasts = term.key - {factor} in present
    chosen = values[1:] if contrasts else values
    mark = "T." if contrasts else ""
    return [(f"{variable}[{mark}{c}]", Column(indicators=((variable, c),))) for c in chosen]


def columns_of(
    coded: Iterable[CodedColumn],
    scales: Mapping[tuple[str, str], tuple[float, float]],
    categories: Mapping[str, Sequence[str]],
) -> Columns:
    """The recipe that holds some raw columns and all their margins."""
    columns = closure(c.column for c in coded)
    used = {v for column in columns for v, _ in column.indicators}
    needed = {(v, f) for column in columns for v, f, _ in column.powers}
    return Columns(
        columns,
        {key: scales[key] for key in sorted(needed)},
        {v: tuple(str(c) for c in categories[v]) for v in sorted(used)},
    )


def model_columns(
    model: Model, categories: Mapping[str, Sequence[str]]
) -> tuple[list[CodedColumn], list[list[CodedColumn]], CodedColumn]:
    """Raw columns of a model: its fixed part, each random term, and its response."""
    fixed = code_terms(model.terms, categories)
    random = [code_terms(term.terms, categories) for term in model.random]
    term = Term((Factor(model.response),))
    if model.response in categories:
        raise ModelError(f"{model.response} is a category; a response must be a number.")
    (response,) = code_terms((term,), {})
    return fixed, random, response
