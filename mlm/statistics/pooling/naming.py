"""How the parts of a pooled fit are called, where its fits name the columns of single draws."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.nouns.coding import CodedColumn, model_columns
from mlm.nouns.model import Model
from mlm.nouns.plausible_values import PlausibleValues
from mlm.results.coefficient import Term
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.fitting.fit import Fit


@dataclass(frozen=True)
class Naming:
    """Names of a model's parts.

    Attributes
    ----------
    model : Model
        The claim.
    names, terms : tuple of str
        Names of the p fixed columns, and the term of each.
    coefficients : tuple of Term
        What each of them stands for.
    random_names : tuple of tuple of str
        Names of the columns of each random term.
    scores : tuple of PlausibleValues
        Scores whose plausible values were fitted.
    """

    model: Model
    names: tuple[str, ...]
    terms: tuple[str, ...]
    coefficients: tuple[Term, ...]
    random_names: tuple[tuple[str, ...], ...]
    scores: tuple[PlausibleValues, ...] = ()

    @classmethod
    def of(cls, fit: Fit) -> Naming:
        """The names that a fit has itself."""
        return cls(fit.model, fit.names, fit.terms, fit.coefficients, fit.random_names)

    @classmethod
    def by_scores(cls, model: Model, scores: tuple[PlausibleValues, ...], fit: Fit) -> Naming:
        """The names that a model by its scores has for the parts of a fit of one of its draws.

        Parameters
        ----------
        model : Model
            Names the scores.
        scores : tuple of PlausibleValues
            Those.
        fit : Fit
            Of the same model with the columns of a draw in their place.
        """
        own = _random_as(model, fit)
        here, _, _ = model_columns(fit.model, fit.categories)
        there, random, _ = model_columns(own, fit.categories)
        kept = [_place(here, name) for name in fit.names]
        fixed = [there[i] for i in kept]
        return cls(
            own,
            tuple(column.name for column in fixed),
            tuple(str(column.term) for column in fixed),
            coefficients(fixed),
            tuple(tuple(column.name for column in part) for part in random),
            scores,
        )


def _random_as(model: Model, fit: Fit) -> Model:
    """The model with its random terms in the order of the fit, most groups first."""
    sizes = fit.n_groups
    return model.with_random(sorted(model.random, key=lambda term: -sizes.get(term.name, 0)))


def _place(columns: list[CodedColumn], name: str) -> int:
    return next(i for i, column in enumerate(columns) if column.name == name)
