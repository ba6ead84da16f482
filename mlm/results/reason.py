"""Reasons why something was not computed, or not as it might have been: a kind and its numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import Category, Formula, VariableName
from mlm.results.record import Record


class TooFewGroups(Record):
    """Fewer groups than a (co)variance, a deletion or a distribution needs."""

    kind: Literal["too_few_groups"] = "too_few_groups"
    groups: int
    needed: int = Field(description="least number of groups")
    what: Literal[
        "slope_variance",
        "slope_beside_waves",
        "correlation_over_waves",
        "deletion",
        "normal_quantiles",
    ]


class TooFewWaves(Record):
    """Fewer waves than a comparison or a prediction needs."""

    kind: Literal["too_few_waves"] = "too_few_waves"
    waves: int
    needed: int = Field(description="least number of waves")
    what: Literal["back_test", "comparison"]


class TooFewRowsInGroup(Record):
    """Groups with too few rows for effects of their own."""

    kind: Literal["too_few_rows_in_group"] = "too_few_rows_in_group"
    mean: float = Field(description="rows of a group, on average")
    effects: int = Field(description="random effects that each group would have")


class NoVariationWithin(Record):
    """A variable that does not vary within groups has no slope over them."""

    kind: Literal["no_variation_within"] = "no_variation_within"


class WavesNotApart(Record):
    """Cross-products that do not keep the waves apart."""

    kind: Literal["waves_not_apart"] = "waves_not_apart"


class ZeroVariance(Record):
    """Units that do not differ: their variance is estimated as zero."""

    kind: Literal["zero_variance"] = "zero_variance"


class TooFewUnits(Record):
    """Fewer units than covariates need."""

    kind: Literal["too_few_units"] = "too_few_units"
    units: int = Field(description="of both categories together")
    covariates: int = Field(description="columns of covariates")


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
    large: int = Field(description="rows of the larger model")


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


class UnderWeights(Record):
    """Rows with sampling weights: their likelihood depends on the unit of the weights."""

    kind: Literal["under_weights"] = "under_weights"


class FitsWorse(Record):
    """The larger model fits worse: one of the fits is not at its optimum."""

    kind: Literal["fits_worse"] = "fits_worse"
    by: float = Field(description="rise of the deviance")


class NotIdentified(Record):
    """A model whose parameters the data cannot tell apart."""

    kind: Literal["not_identified"] = "not_identified"
    formula: Formula


class CrossedUnits(Record):
    """Something that is not computed where units are crossed."""

    kind: Literal["crossed_units"] = "crossed_units"
    effects: int = Field(description="effects of the crossed units and those beside them")
    limit: int | None = None


class InSeveralGroups(Record):
    """Units that were in two of the groups around them in one wave."""

    kind: Literal["in_several_groups"] = "in_several_groups"
    level: Level = Field(description="of the units")
    units: int = Field(description="how many of them")


class NoGroups(Record):
    """A model without random effects."""

    kind: Literal["no_groups"] = "no_groups"


class UnitSumsNotKept(Record):
    """Cross-products that do not keep the groups apart.

    ``none``: only those of all groups together; ``shared``: the groups are too many, several share
    theirs; ``other_level``: they are those of groups of another level; ``other_rows``: they do not
    add up to those of the sample.
    """

    kind: Literal["unit_sums_not_kept"] = "unit_sums_not_kept"
    what: Literal["none", "shared", "other_level", "other_rows"]


class EachGroupNeeded(Record):
    """Fixed effects that cannot be estimated without any one of the groups."""

    kind: Literal["each_group_needed"] = "each_group_needed"


class ColumnsNotKept(Record):
    """A product whose columns are not among those of the cross-products."""

    kind: Literal["columns_not_kept"] = "columns_not_kept"


class InLargerProduct(Record):
    """A product that cannot leave the model before larger ones that hold it."""

    kind: Literal["in_larger_product"] = "in_larger_product"
    terms: tuple[Term, ...] = Field(description="the larger products")


class OfOuterGroups(Record):
    """A variable of groups around these, which stands with the slope over those."""

    kind: Literal["of_outer_groups"] = "of_outer_groups"
    level: Level = Field(description="of the outer groups over which the same slope differs")


class NumericPolicy(Record):
    """A policy that is a number: it has no categories to compare."""

    kind: Literal["numeric_policy"] = "numeric_policy"


class NoCovariates(Record):
    """A model that has no variable beside the policy."""

    kind: Literal["no_covariates"] = "no_covariates"


class TooFewInCategory(Record):
    """Fewer units of a category than a spread needs."""

    kind: Literal["too_few_in_category"] = "too_few_in_category"
    variable: VariableName
    category: Category
    units: int = Field(description="units, or rows, of the category")
    needed: int = Field(description="least number of them")


class OverImputations(Record):
    """Something that is told of one sample, and has no common answer of several imputations."""

    kind: Literal["over_imputations"] = "over_imputations"
    draws: int = Field(description="imputations")


Reason = Annotated[
    TooFewGroups
    | TooFewWaves
    | TooFewRowsInGroup
    | NoVariationWithin
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
    | UnderWeights
    | NotIdentified
    | CrossedUnits
    | InSeveralGroups
    | NoGroups
    | UnitSumsNotKept
    | EachGroupNeeded
    | ColumnsNotKept
    | InLargerProduct
    | OfOuterGroups
    | NumericPolicy
    | NoCovariates
    | TooFewInCategory
    | OverImputations,
    Field(discriminator="kind"),
]
