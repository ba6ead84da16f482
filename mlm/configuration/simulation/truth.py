"""Part of a configuration that describes a simulated survey: its sizes and its truth."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlm.configuration.names import Identifier
from mlm.configuration.parts import ConfigurationPart, Share
from mlm.configuration.simulation.sample import FurtherOutcome, SampleTruth, ScoreTruth
from mlm.nouns.replicates import columns_of

Count = Annotated[int, Field(ge=1)]
Size = Count | tuple[Count, Count]


class Covariate(ConfigurationPart):
    """How one explanatory variable arises."""

    shares: dict[str, Share] | None = Field(
        None, description="Category: its share; the shares add to 1."
    )
    mean: float = Field(0.0, description="Mean of a number.")
    sd: float = Field(1.0, gt=0, description="Standard deviation of a number.")
    clustering: Share = Field(
        0.0, description="Share of a row-level number's variance between its parent units."
    )
    decimals: int = Field(2, ge=0, le=6, description="Decimals of a number in the files.")
    missing: Share = Field(0.0, description="Share of cells left empty, at random.")


class TrueSlope(ConfigurationPart):
    """A true random slope."""

    variable: Identifier = Field(description="A number at row level.")
    group: str = Field(description="Group whose units differ in the slope, such as county:school.")
    variance: float = Field(gt=0, description="Variance of the slope over the units.")
    covariance: float = Field(0.0, description="Covariance with the group's intercept.")


class Simulation(ConfigurationPart):
    """Sizes and true parameters of a simulated survey; `mlm simulate` draws its rows."""

    seed: int = Field(
        ge=0, description="Seed of the random numbers: the same seed, the same files."
    )
    outcome: Identifier = Field(description="The variable that is computed from the truth.")
    sizes: dict[str, Size | dict[str, Size]] = Field(
        description="Units of each level in one unit of the level above: a number, [low, high] "
        "(drawn uniformly) or one of these by wave."
    )
    fixed: dict[str, float] = Field(
        description="True fixed effects by term name: Intercept, ses, sex[T.boy], "
        "I(ses ** 2), year[T.1992], year[T.1992]:policy[T.yes]."
    )
    variances: dict[str, Annotated[float, Field(ge=0)]] = Field(
        description="True variance by group: county, county:school, ..., residual."
    )
    slopes: tuple[TrueSlope, ...] = Field((), description="True random slopes.")
    covariates: dict[str, Covariate] = Field(description="How each other variable arises.")
    attrition: Share = Field(
        0.0,
        description="Share of the recurring units (directly above time) that leave for good from "
        "one wave to the next.",
    )
    outcome_decimals: int = Field(1, ge=0, le=6, description="Decimals of the outcome in files.")
    outcome_missing: Share = Field(0.0, description="Share of outcome cells left empty.")
    further_outcomes: dict[Identifier, FurtherOutcome] = Field(
        default_factory=dict, description="Other outcomes of the same rows, by name."
    )
    sample: SampleTruth | None = Field(
        None, description="How the rows are sampled; else the files hold all that is drawn."
    )
    plausible_values: ScoreTruth | None = Field(
        None, description="How outcomes are measured; else the files hold them as they are."
    )
    cuts: dict[Identifier, tuple[float, ...]] = Field(
        default_factory=dict,
        description="Outcome: points of its scale; the truth tells the shares at or above them.",
    )

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of all outcomes, the first of which the main truth is about."""
        return (self.outcome, *self.further_outcomes)

    @property
    def is_population(self) -> bool:
        """Whether what is drawn is a population, of which the truth tells quantities."""
        return bool(self.sample or self.plausible_values or self.cuts)

    @property
    def made_columns(self) -> tuple[str, ...]:
        """Columns of the files that the sample and the measurement make."""
        sample, measured = self.sample, self.plausible_values
        names: list[str | None] = []
        if sample is not None:
            names += [*sample.weights.values(), sample.stratum]
            if (known := sample.replicates) is not None:
                names += [*columns_of(known.columns or ()), known.zone, known.unit]
        if measured is not None:
            names += columns_of(tuple(measured.columns.values()))
        return tuple(name for name in names if name is not None)
