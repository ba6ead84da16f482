"""Plausible values: several columns, draws of one score that was not observed itself.

A formula names the score; a model is fitted to each draw, draws of several scores pairing by their
number. Layer: nouns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mlm.errors import ModelError, listed
from mlm.nouns.fewest import FEWEST_IMPUTATIONS
from mlm.nouns.model import Factor, Model, RandomTerm, Term


@dataclass(frozen=True)
class PlausibleValues:
    """A score known by draws.

    Attributes
    ----------
    name : str
        How formulas name the score; no column of the data.
    columns : tuple of str
        Columns with the draws, in their order: those of other scores, and of the same score in
        other waves, pair with them by number. Given as sequences of as many columns each, they are
        nested: draws of a score within each of several imputations of what it was drawn from.
    nests : int or None
        Nests, where draws are nested; the columns come nest by nest.
    describe_units : bool
        Whether they were drawn from a model that has the units, so that they describe single ones.

    Raises
    ------
    ModelError
        When there are fewer than two columns, or one of them twice.

    Examples
    --------
    >>> PlausibleValues("math", [f"PV{m}MATH" for m in range(1, 6)]).columns[-1]
    'PV5MATH'
    """

    name: str
    columns: tuple[str, ...]
    nests: int | None = None
    describe_units: bool = False

    def __post_init__(self):
        columns = (self.columns,) if isinstance(self.columns, str) else tuple(self.columns)
        if columns and not any(isinstance(each, str) for each in columns):
            object.__setattr__(self, "nests", self._nests([len(nest) for nest in columns]))
            columns = tuple(name for nest in columns for name in nest)
        object.__setattr__(self, "columns", columns)
        if len(columns) < FEWEST_IMPUTATIONS:
            raise ModelError(
                f"plausible values of {self.name}: {len(columns)} column "
                f"({listed(columns) or 'none'}); expected {FEWEST_IMPUTATIONS} or more. Their "
                "mean, or one of them, hides how uncertain the score is: name all columns."
            )
        twice = [c for i, c in enumerate(columns) if c in columns[:i]]
        if twice:
            raise ModelError(
                f"plausible values of {self.name}: {listed(twice)} is named twice; expected "
                "a column of its own for each draw."
            )

    def _nests(self, sizes: list[int]) -> int:
        few = min(len(sizes), *sizes) < FEWEST_IMPUTATIONS
        if len(set(sizes)) > 1 or few:
            raise ModelError(
                f"plausible values of {self.name}: nests of {', '.join(map(str, sizes))} columns; "
                f"expected {FEWEST_IMPUTATIONS} nests or more with as many columns in each, "
                f"{FEWEST_IMPUTATIONS} or more. Give the columns of one nest as a single list."
            )
        return len(sizes)

    def __len__(self) -> int:
        return len(self.columns)


def scores_of(plausible_values: PlausibleValues | Sequence) -> tuple[PlausibleValues, ...]:
    """One or several scores as a tuple; all have as many draws, and no column or name in common.

    Raises
    ------
    ModelError
        When they do not.
    """
    one = isinstance(plausible_values, PlausibleValues)
    scores = (plausible_values,) if one else tuple(plausible_values)
    wrong = [s for s in scores if not isinstance(s, PlausibleValues)]
    if wrong or not scores:
        kind = type(wrong[0]).__name__ if wrong else "an empty list"
        raise ModelError(
            f"plausible values were given as {kind}; expected mlm.PlausibleValues("
            '"math", ["PV1MATH", ...]), or a list of such.'
        )
    if len({len(score) for score in scores}) > 1:
        counts = ", ".join(f"{score.name} {len(score)}" for score in scores)
        raise ModelError(
            f"plausible values pair by their number, and these have {counts}. Give each score as "
            "many columns."
        )
    if len({score.nests for score in scores}) > 1:
        raise ModelError(
            "plausible values pair by their number, and only some of these scores are nested. Give "
            "all in as many nests."
        )
    names = [name for score in scores for name in (score.name, *score.columns)]
    twice = list(dict.fromkeys(n for i, n in enumerate(names) if n in names[:i]))
    if twice:
        raise ModelError(
            f"plausible values: {listed(twice)} stands for several things; expected a name for "
            "each score that is none of the columns, and other columns for each."
        )
    return scores


def models_of(model: Model, scores: Sequence[PlausibleValues]) -> tuple[Model, ...]:
    """The model of each draw: names of scores replaced by the columns of that draw.

    Parameters
    ----------
    model : Model
        Names scores as its response, in fixed terms or in random ones.
    scores : sequence of PlausibleValues
        All have as many draws.

    Raises
    ------
    ModelError
        When the model does not name a score.
    """
    used = _variables(model)
    idle = [score.name for score in scores if score.name not in used]
    if idle:
        raise ModelError(
            f"{model.formula}: plausible values of {listed(idle)} are given, and the formula does "
            f"not name {'it' if len(idle) == 1 else 'them'}. Name the score itself, as in "
            f'"{scores[0].name} ~ ...", and no single column; or leave it out.'
        )
    draws = range(len(scores[0]))
    return tuple(_renamed(model, {s.name: s.columns[m] for s in scores}) for m in draws)


def terms_of_draw(
    terms: Sequence[Term], scores: Sequence[PlausibleValues], draw: int
) -> tuple[Term, ...]:
    """Terms with the names of scores replaced by the columns of one draw, counted from 0."""
    columns = {score.name: score.columns[draw] for score in scores}
    return tuple(_term(term, columns) for term in terms)


def _variables(model: Model) -> set[str]:
    terms = [*model.terms, *(t for r in model.random for t in r.terms)]
    return {model.response, *(v for term in terms for v in term.variables)}


def _renamed(model: Model, columns: dict[str, str]) -> Model:
    return replace(
        model,
        response=columns.get(model.response, model.response),
        terms=tuple(_term(term, columns) for term in model.terms),
        random=tuple(_random(term, columns) for term in model.random),
    )


def _random(random: RandomTerm, columns: dict[str, str]) -> RandomTerm:
    return replace(random, terms=tuple(_term(term, columns) for term in random.terms))


def _term(term: Term, columns: dict[str, str]) -> Term:
    return Term(tuple(_factor(factor, columns) for factor in term.factors))


def _factor(factor: Factor, columns: dict[str, str]) -> Factor:
    return replace(factor, variable=columns.get(factor.variable, factor.variable))
