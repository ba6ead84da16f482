"""Reasons why something was not computed, or not as it might have been: a kind and its numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import Formula
from mlm.results.record import Record


class TooFewGroups(Record):
    """Fewer groups than a (co)variance needs."""

    kind: Literal["too_few_groups"] = "too_few_groups"
    groups: int
    needed: int
    what: Literal["slope_variance", "covariance_over_waves", "correlation_over_waves"]
    waves: int | None = Field(None, description="waves that the covariance is over")


class TooFewWaves(Record):
    """Fewer waves than a trend or a prediction needs."""

    kind: Literal["too_few_waves"] = "too_few_waves"
    waves: int
    needed: int
    what: Literal["trend", "back_test", "comparison"]


class TooFewRowsInGroup(Record):
    """Groups with too few rows for effects of their own."""

    kind: Literal["too_few_rows_in_group"] = "too_few_rows_in_group"
    mean: float = Field(description="rows of a group, on average")
    effects: int = Field(description="random effects that each group would have")


class NoVariationWithin(Record):
    """A variable that does not vary within groups has no slope over them."""

    kind: Literal["no_variation_within"] = "no_variation_within"


class TooManyEffects(Record):
    """More random effects than are carried beside crossed units."""

    kind: Literal["too_many_effects"] = "too_many_effects"
    groups: int
    waves: int
    limit: int


class WavesNotApart(Record):
    """Cross-products that do not keep the waves apart."""

    kind: Literal["waves_not_apart"] = "waves_not_apart"


class ZeroVariance(Record):
    """Units that do not differ: their variance is estimated as zero."""

    kind: Literal["zero_variance"] = "zero_variance"


class TooFewUnits(Record):
    """Fewer units than covariates need."""

    kind: Literal["too_few_units"] = "too_few_units"
    units: int
    covariates: int


class AssignedToRows(Record):
    """A policy that is assigned to rows: a second pass over them tells its overlap."""

    kind: Literal["assigned_to_rows"] = "assigned_to_rows"


class NotInModel(Record):
    """A variable that the model does not hold, or whose mean over units it does not hold."""

    kind: Literal["not_in_model"] = "not_in_model"
    what: Literal["variable", "unit_mean"]


class DeterminedByOthers(Record):
    """Columns that the other columns determine."""

    kind: Literal["determined_by_others"] = "determined_by_others"
    terms: tuple[Term, ...] = ()


class NotFitted(Record):
    """A model that could not be fitted, or a search that did not end at an optimum."""

    kind: Literal["not_fitted"] = "not_fitted"
    what: Literal["model", "covariance_over_waves", "residual_variances"]


class DifferentSamples(Record):
    """Fits to different rows."""

    kind: Literal["different_samples"] = "different_samples"
    small: int = Field(description="rows of the smaller model")
    large: int


class DifferentCriteria(Record):
    """One fit by ML, the other by REML."""

    kind: Literal["different_criteria"] = "different_criteria"
    small: Literal["ML", "REML"]
    large: Literal["ML", "REML"]


class DifferentFixedEffects(Record):
    """REML criteria of models with different fixed effects."""

    kind: Literal["different_fixed_effects"] = "different_fixed_effects"
    only_in_one: tuple[Term, ...]


class NotNested(Record):
    """A term that only the smaller model has."""

    kind: Literal["not_nested"] = "not_nested"
    term: Term
    group: Level | None = Field(None, description="level of a random term; None: a fixed one")


class SameParameters(Record):
    """Models with the same parameters."""

    kind: Literal["same_parameters"] = "same_parameters"


class FitsWorse(Record):
    """The larger model fits worse: one of the fits is not at its optimum."""

    kind: Literal["fits_worse"] = "fits_worse"
    by: float


class NotIdentified(Record):
    """A model whose parameters the data cannot tell apart."""

    kind: Literal["not_identified"] = "not_identified"
    formula: Formula


class CrossedUnits(Record):
    """Something that is not computed where units are crossed."""

    kind: Literal["crossed_units"] = "crossed_units"
    effects: int = Field(description="effects of the crossed units and those beside them")
    limit: int | None = None


Reason = Annotated[
    TooFewGroups
    | TooFewWaves
    | TooFewRowsInGroup
    | NoVariationWithin
    | TooManyEffects
    | WavesNotApart
    | ZeroVariance
    | TooFewUnits
    | AssignedToRows
    | NotInModel
    | DeterminedByOthers
    | NotFitted
    | DifferentSamples
    | DifferentCriteria
    | DifferentFixedEffects
    | NotNested
    | SameParameters
    | FitsWorse
    | NotIdentified
    | CrossedUnits,
    Field(discriminator="kind"),
]
