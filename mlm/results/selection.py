"""Which variables are needed: the reduction, the bound, adequate subsets, inclusion."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.models import Fit, Model, Step
from mlm.results.record import Record
from mlm.results.reference import ChiSquared


class Bound(Record):
    """The simultaneous bound that all dropped terms together must keep within."""

    statistic: float
    df: int
    terms_df: int = Field(description="parameters of the terms that were dropped")
    critical: float
    reference: ChiSquared
    factor: float
    draws: int = Field(description="draws behind the factor; 0: none")
    is_narrow: bool
    p_value: float
    adequate: bool


class AdequateModel(Record):
    """A minimal adequate subset of the terms."""

    terms: tuple[Term, ...]
    dropped: tuple[Term, ...]
    deviance: float
    statistic: float
    df: int
    n_params: int
    reml: Fit


class Reduction(Record):
    """Backward elimination, checked against the bound, and the other models that would do."""

    alpha: float
    protected: tuple[Term, ...]
    path: tuple[Step, ...]
    bound: Bound
    adequate: tuple[AdequateModel, ...]
    complete: bool = Field(description="whether all subsets were looked at")


class SlopesModel(Model):
    """The final model with the random slopes that hold."""

    path: tuple[Step, ...] = Field(description="of the reduction beside them; none without any")


class TermInclusion(Record):
    """How often a term is kept in repeated reductions."""

    term: Term
    kept: float
    in_final: bool


class Frequencies(Record):
    """Outcome of repeated reductions."""

    replicates: int
    models: int = Field(description="different models that they ended in")
    same_model: float = Field(description="share of them that end in the model of the reduction")
    terms: tuple[TermInclusion, ...]


class UnitFrequencies(Frequencies):
    """Outcome of reductions over units that are drawn again."""

    level: Level
    bundles: int = Field(description="units, or bundles of them, that were drawn from")
    failed: int


class Inclusion(Frequencies):
    """How sure the choice of terms is."""

    method: Literal["parametric"]
    resampled: UnitFrequencies | None
