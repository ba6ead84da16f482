"""What a joint model of missing values is made of, from the analyses that it serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlm.errors import ModelError
from mlm.nouns.coding import code_terms
from mlm.nouns.columns import CONSTANT, Column, Columns, closure
from mlm.nouns.formula import parse_formula
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.results.missing.joint_model import NotCompatible


@dataclass(frozen=True)
class Claim:
    """What responds and what explains, as variables and terms.

    Attributes
    ----------
    responses : tuple of str
        Variables that are explained together.
    terms : tuple of Term
        Complete terms that explain them.
    groups : tuple of tuple of str
        Id columns of each level.
    """

    responses: tuple[str, ...]
    terms: tuple[Term, ...]
    groups: tuple[tuple[str, ...], ...]


def parse_claim(formula: str) -> Claim:
    """The claim that ``"x + z ~ y + (1 | school)"`` describes.

    Raises
    ------
    ModelError
        When the formula is malformed, or a level has slopes.
    """
    left, tilde, right = formula.partition("~")
    names = [name.strip() for name in left.split("+")]
    if not tilde or not all(re.fullmatch(r"[^\W\d][\w.]*", name) for name in names):
        raise ModelError(
            f"model of missing values {formula!r}: expected the variables that respond, joined by "
            "'+', a '~', and what explains them: \"x + z ~ y + (1 | school)\"."
        )
    found = parse_formula(f"{names[0]} ~ {right}")
    sloped = [str(term) for term in found.random if any(part.factors for part in term.terms)]
    if sloped or not found.random:
        raise ModelError(
            f"model of missing values {formula!r}: {', '.join(sloped) or 'no level'}; expected an "
            "intercept for each level, such as (1 | school)."
        )
    groups = tuple(dict.fromkeys(term.group for term in found.random))
    return Claim(tuple(names), found.terms, groups)


def usual_claim(models: Sequence[Model], auxiliary: Iterable[str], incomplete: set[str]) -> Claim:
    """The claim that the analyses imply.

    The outcome and all incomplete variables respond, so that what is said of the groups by one
    tells of the others; complete terms explain them; every level of the analyses has effects.
    """
    outcomes = dict.fromkeys(model.response for model in models)
    terms = {Term().key: Term()}
    for model in models:
        for term in (*model.terms, *model.slopes):
            terms.setdefault(term.key, term)
    for name in auxiliary:
        terms.setdefault(Term((Factor(name),)).key, Term((Factor(name),)))
    lacking = [v for term in terms.values() for v in term.variables if v in incomplete]
    complete = tuple(term for term in terms.values() if not incomplete & set(term.variables))
    complete = tuple(term for term in complete if not set(outcomes) & set(term.variables))
    groups = dict.fromkeys(term.group for model in models for term in model.random)
    return Claim(tuple(dict.fromkeys([*outcomes, *lacking])), complete, tuple(groups))


def number_column(variable: str) -> Column:
    """The stored column of a number."""
    return Column(powers=((variable, "identity", 1),))


def response_columns(name: str, columns: Columns) -> list[Column]:
    """A number's own column, or a latent variable for each category but the reference."""
    if name not in columns.categories:
        return [number_column(name)]
    return [Column(indicators=((name, c),)) for c in columns.categories[name][1:]]


def predictor_columns(terms: Sequence[Term], columns: Columns) -> tuple[Column, ...]:
    """Stored columns that some complete terms span, the constant first."""
    coded = code_terms(terms, columns.categories)
    wanted = closure(part.column for part in coded)
    there = [column for column in wanted if column in columns.positions]
    return tuple(dict.fromkeys([CONSTANT, *there]))


def with_responses(claim: Claim, models: Sequence[Model]) -> list[Model]:
    """Models whose columns and levels a given claim adds to those of the analyses."""
    named = tuple(Term((Factor(name),)) for name in claim.responses)
    levels = tuple(RandomTerm(group) for group in claim.groups)
    terms = {term.key: term for term in (*claim.terms, *named)}
    outcome = models[0].response
    terms.pop(Term((Factor(outcome),)).key, None)
    return [Model(outcome, tuple(terms.values()), levels)]


def not_compatible(models: Sequence[Model], incomplete: set[str]) -> tuple[NotCompatible, ...]:
    """Terms of the analyses that are not linear in what is incomplete.

    Parameters
    ----------
    models : sequence of Model
        The analyses.
    incomplete : set of str
        Variables with missing values.
    """
    found: dict[tuple, NotCompatible] = {}
    for model in models:
        for term in model.terms:
            kind = _kind(term, incomplete)
            if kind is not None:
                found.setdefault((kind, term.key), _told(kind, term, incomplete))
        for term in model.slopes:
            if incomplete & set(term.variables):
                found.setdefault(("slope", term.key), _told("slope", term, incomplete))
    return tuple(found.values())


def _kind(term: Term, incomplete: set[str]) -> str | None:
    lacking = [factor for factor in term.factors if factor.variable in incomplete]
    if not lacking:
        return None
    if any(factor.function == "power" for factor in lacking):
        return "power"
    if any(factor.function != "identity" for factor in lacking):
        return "function"
    return "product" if len(term.factors) > 1 else None


def _told(kind: str, term: Term, incomplete: set[str]) -> NotCompatible:
    lacking = tuple(v for v in term.variables if v in incomplete)
    return NotCompatible(kind=kind, variables=term.variables, incomplete=lacking)
