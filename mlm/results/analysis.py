"""All results of one analysis (``results.json``), in the order of the questions."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from mlm.results.diagnostics import Diagnostics
from mlm.results.imputations.pooling import Imputed
from mlm.results.models import Model
from mlm.results.notes import Note
from mlm.results.over_time import OverTime, Trajectory, UnitPrediction
from mlm.results.policy import Policy
from mlm.results.random_part import SettledModel
from mlm.results.record import Record
from mlm.results.sample import AnalysisHead
from mlm.results.selection import Association, Inclusion, Reduction
from mlm.results.slopes import Slope, SlopeDetails
from mlm.results.units import NotComparedUnits, UnitEffect, UnitEffects
from mlm.results.variables import PupilLevel, WithinBetween
from mlm.results.variation import NullModel


class AnalysisResults(AnalysisHead):
    """What one analysis concludes."""

    tables: ClassVar[dict[str, type[Record]]] = {
        "effects": UnitEffect,
        "predictions": UnitPrediction,
        "trajectories": Trajectory,
    }
    """Records that lie in tables beside the file, by the names of these."""

    schema_version: Literal[2] = Field(2, alias="schema")
    criterion: Literal["REML"]
    null: NullModel
    full: Model
    reduction: Reduction
    settled: SettledModel
    slopes: tuple[Slope, ...]
    associations: tuple[Association, ...] = Field(
        description="of the variables of the full model, time and policies apart; clearest first"
    )
    effects: tuple[UnitEffects, ...]
    not_compared: tuple[NotComparedUnits, ...] = Field(
        description="levels whose units have nothing of what is to be compared"
    )
    over_time: OverTime
    policy: tuple[Policy, ...]
    pupil_level: PupilLevel
    within_between: tuple[WithinBetween, ...]
    slope_details: SlopeDetails
    inclusion: Inclusion | None = Field(description="None: of imputations")
    diagnostics: Diagnostics
    notes: tuple[Note, ...]
    imputed: Imputed | None = Field(
        None, description="how imputations of missing values were pooled; None: there are none"
    )
