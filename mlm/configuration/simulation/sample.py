"""Part of a configuration that describes how a simulated survey is sampled and measured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.configuration.names import Identifier
from mlm.configuration.parts import ConfigurationPart, Text

Count = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Correlation = Annotated[float, Field(gt=-1, lt=1)]
Reliability = Annotated[float, Field(ge=0.1, lt=1)]


class FurtherOutcome(ConfigurationPart):
    """Another outcome of the same rows, such as reading beside mathematics."""

    fixed: dict[str, float] = Field(description="True fixed effects, as those of the outcome.")
    variances: dict[str, Annotated[float, Field(ge=0)]] = Field(
        description="True variance by group, as those of the outcome."
    )
    correlation: Correlation = Field(
        description="Of its random effects with those of the outcome, at every level."
    )


class SampleReplicates(ConfigurationPart):
    """Replicates of the sample that the files hold."""

    method: Literal["fay", "brr", "jk1", "jk2"] = Field(
        description="fay, brr: half-samples balanced by a Hadamard matrix; jk1: one unit is left "
        "out at a time; jk2: pairs of units, of which replicates can be made."
    )
    columns: Text | None = Field(
        None, description="Columns of the replicate weights: W_FSTR{1..80}; not of jk2."
    )
    factor: float = Field(0.5, ge=0, lt=1, description="Fay's factor.")
    zone: Text | None = Field(None, description="Of jk2: column of the pair, JKZONE.")
    unit: Text | None = Field(None, description="Of jk2: column of the half, 0 or 1, JKREP.")


class SampleTruth(ConfigurationPart):
    """A sample in two stages of a simulated population: units, such as schools, and rows in them.

    The units are those directly above the rows. What is said by level names these two.
    """

    sizes: dict[str, Count | dict[str, Count]] = Field(
        description="Units drawn in a wave, with probability proportional to their size, and rows "
        "drawn in each: {school: 150, pupil: 30}; the units also by wave."
    )
    strata: tuple[Identifier, ...] = Field(
        (),
        description="Levels above the units and categories of units; each combination is drawn "
        "from by itself.",
    )
    sorted_by: tuple[Identifier, ...] = Field(
        (), description="Variables of units that each stratum is sorted by before it is drawn from."
    )
    informative: dict[str, Annotated[float, Field(ge=-2, le=2)]] = Field(
        default_factory=dict,
        description="What selection tells: of units the correlation of size with their effect, of "
        "rows by how much the logarithm of the chance rises with a standard deviation of the "
        "residual: {school: 0.3, pupil: 0.2}.",
    )
    response: dict[str, Rate | dict[Identifier, dict[str, Rate]]] = Field(
        default_factory=dict,
        description="Share of those drawn that take part: {school: 0.9, pupil: 0.9}; of rows also "
        "by the categories of a variable: {pupil: {sex: {girl: 0.93, boy: 0.88}}}.",
    )
    weights: dict[str, Text] = Field(
        description="Columns of the overall weights: {school: W_FSCHWT, pupil: W_FSTUWT}; those of "
        "units may be left out."
    )
    stratum: Text | None = Field(None, description="Column of the strata.")
    replicates: SampleReplicates | None = Field(None, description="Replicates in the files.")


class ConditioningTruth(ConfigurationPart):
    """The model given which plausible values are drawn."""

    covariates: tuple[Identifier, ...] | None = Field(
        None, description="Variables that are in it; default: all that are drawn."
    )
    units: bool = Field(
        True, description="Whether each unit directly above the rows, such as a school, is in it."
    )


class ScoreTruth(ConfigurationPart):
    """How outcomes are measured: with errors, told by plausible values."""

    columns: dict[Identifier, Text] = Field(
        description="Outcome: columns of its plausible values, {math: 'PV{1..10}MATH'}."
    )
    reliability: Reliability | dict[Identifier, Reliability] = Field(
        description="Share of the variance of a measurement that is not error; or by outcome."
    )
    conditioning: ConditioningTruth = Field(
        ConditioningTruth(), description="The conditioning model."
    )

    def reliability_of(self, outcome: str) -> float:
        """Reliability of the measurement of an outcome."""
        known = self.reliability
        return known[outcome] if isinstance(known, dict) else known
