"""Reasons why the analysis of a sample with weights or plausible values lacks an answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.record import Record


class UnitOfWeights(Record):
    """A weighted likelihood grows with the unit of the weights, and not with the sample."""

    kind: Literal["unit_of_weights"] = "unit_of_weights"


class DrawsHaveTheirOwn(Record):
    """Each draw of the outcome has a likelihood of its own, which are not pooled."""

    kind: Literal["draws_have_their_own"] = "draws_have_their_own"


class ModelAloneErrors(Record):
    """It takes errors that the model alone would give; the design of the sample has others."""

    kind: Literal["model_alone_errors"] = "model_alone_errors"


class NotOfSamples(Record):
    """It has a form for such a sample, which is not computed."""

    kind: Literal["not_of_samples"] = "not_of_samples"


class NotForSingleUnits(Record):
    """Plausible values were made to describe populations, not single units."""

    kind: Literal["not_for_single_units"] = "not_for_single_units"
    draws: int = Field(description="plausible values of the outcome")


class ScalingNotForUnits(Record):
    """A scaling of the weights under which the effects of units have no sensible reliability."""

    kind: Literal["scaling_not_for_units"] = "scaling_not_for_units"
    scaling: Literal["none", "group_only", "gk"]


class OneWave(Record):
    """There is one wave, and nothing to set beside it."""

    kind: Literal["one_wave"] = "one_wave"


class NoneRecur(Record):
    """No units above the rows are seen in several waves."""

    kind: Literal["none_recur"] = "none_recur"


class WeightsWithinUnits(Record):
    """Rows of one unit weigh differently, and a covariance of all of them has one weight."""

    kind: Literal["weights_within_units"] = "weights_within_units"
    level: Level = Field(description="of the units, each with one row a wave")


class NotEstimable(Record):
    """A variance of zero, or a model without an optimum, of which nothing can be told."""

    kind: Literal["not_estimable"] = "not_estimable"


class RestsOnOneCluster(Record):
    """A coefficient that the rows of one cluster alone tell, without which there is none."""

    kind: Literal["rests_on_one_cluster"] = "rests_on_one_cluster"


class OnBound(Record):
    """A variance that is estimated as zero, or a correlation as plus or minus one."""

    kind: Literal["on_bound"] = "on_bound"


class TooFewDegrees(Record):
    """More coefficients than the degrees of freedom of the design can test together."""

    kind: Literal["too_few_degrees"] = "too_few_degrees"
    coefficients: int
    df: float = Field(description="of the design")


class NestedDraws(Record):
    """A joint test of several coefficients is not known for nested draws."""

    kind: Literal["nested_draws"] = "nested_draws"
    coefficients: int


class NotConfigured(Record):
    """The configuration does not ask for it."""

    kind: Literal["not_configured"] = "not_configured"
    what: Literal["cut", "policy", "slopes", "reduction", "replicates", "weights"]


class OneLevelOnly(Record):
    """A scaling of the weights that is defined for rows in one level of units alone."""

    kind: Literal["one_level_only"] = "one_level_only"
    levels: int = Field(description="levels of units in the models")


class ShareHasNoLink(Record):
    """The linking error is in score points, and shares of rows have none."""

    kind: Literal["share_has_no_link"] = "share_has_no_link"


SampledReason = Annotated[
    UnitOfWeights
    | DrawsHaveTheirOwn
    | ModelAloneErrors
    | NotOfSamples
    | NotForSingleUnits
    | ScalingNotForUnits
    | OneWave
    | NoneRecur
    | WeightsWithinUnits
    | NotEstimable
    | RestsOnOneCluster
    | OnBound
    | TooFewDegrees
    | NestedDraws
    | NotConfigured
    | OneLevelOnly
    | ShareHasNoLink,
    Field(discriminator="kind"),
]
