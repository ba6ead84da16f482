"""All results of one analysis of a sample with weights or plausible values (``results.json``)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from mlm.results.notes import Note
from mlm.results.record import Record
from mlm.results.sample import AnalysisHead
from mlm.results.sampled.groups_of_rows import OutcomeMeans, SharesAtCut
from mlm.results.sampled.influence import AnySampledInfluence
from mlm.results.sampled.models import SampledModel, SettledSampledModel
from mlm.results.sampled.over_time import SampledOverTime
from mlm.results.sampled.policy import SampledPolicy
from mlm.results.sampled.refusals import Refusal
from mlm.results.sampled.sample_design import DrawnScore, SampleDesign, WeightedMoments
from mlm.results.sampled.selection import RowProducts, SampledAssociation, SampledReduction
from mlm.results.sampled.sensitivity import ScalingSensitivity
from mlm.results.sampled.slopes import SampledSlope
from mlm.results.sampled.units import SampledUnit, UnitsOfSample
from mlm.results.sampled.within_between import SampledWithinBetween


class SampledResults(AnalysisHead):
    """What one analysis of a sample concludes: counts are of rows and units, never weighted.

    Moments of the waves in its head are those of the rows as they are.
    """

    tables: ClassVar[dict[str, type[Record]]] = {"effects": SampledUnit}
    """Records that lie in tables beside the file, by the names of these."""

    schema_version: Literal[1] = Field(1, alias="schema")
    criterion: Literal["ML"]
    kind: Literal["sampled"] = "sampled"
    weighted_moments: tuple[WeightedMoments, ...] = Field(description="of the outcome, one a wave")
    sample: SampleDesign | None = Field(description="None: rows have no weights")
    scores: tuple[DrawnScore, ...] = Field(
        description="known by plausible values, that of the outcome first; none: it is observed"
    )
    draws: int = Field(description="fits of each model: plausible values, or 1")
    null: SampledModel
    full: SampledModel
    row_products: RowProducts | None = Field(
        description="None: there are none to try, they are not asked for or not fitted"
    )
    reduction: SampledReduction
    settled: SettledSampledModel
    slopes: tuple[SampledSlope, ...]
    associations: tuple[SampledAssociation, ...] = Field(
        description="of the variables of the full model, time and policies apart; clearest first"
    )
    within_between: tuple[SampledWithinBetween, ...] = Field(
        description="of the variables that stand beside their means over units"
    )
    means: OutcomeMeans
    shares_at: tuple[SharesAtCut, ...] = Field(description="none: no cut is configured")
    over_time: SampledOverTime
    policy: tuple[SampledPolicy, ...]
    units: tuple[UnitsOfSample, ...]
    sensitivity: ScalingSensitivity | None = Field(description="None: rows have no weights")
    influence: AnySampledInfluence = Field(
        description="the settled model without each cluster, such as a school"
    )
    refusals: tuple[Refusal, ...]
    notes: tuple[Note, ...]
