"""Which variables are needed: the reduction, the bound, adequate subsets, inclusion."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Estimate, Term
from mlm.results.level import Level
from mlm.results.models import Step
from mlm.results.names import Category, VariableName, WaveName
from mlm.results.record import Record
from mlm.results.reference import ChiSquared
from mlm.results.test import AnyTest


class Bound(Record):
    """The simultaneous bound that all dropped terms together must keep within."""

    statistic: float = Field(
        description="rise of the deviance from the full model to what was kept"
    )
    df: int = Field(description="fixed effects that were free to leave")
    terms_df: int = Field(description="parameters of the terms that were dropped")
    critical: float = Field(description="largest rise that the bound allows")
    reference: ChiSquared = Field(
        description="distribution of the rise if no free term has an effect"
    )
    factor: float = Field(
        description="by which that distribution is wider where units are few (Bartlett)"
    )
    draws: int = Field(description="draws behind the factor; 0: none")
    error: float = Field(description="Monte Carlo standard error of ``critical``")
    is_narrow: bool = Field(description="whether units are few and no factor could be drawn")
    p_value: float = Field(description="of the rise")
    adequate: bool = Field(description="whether the rise is within the bound")


class LackingEffect(Record):
    """An effect that a model would have if one of the terms it lacks were put back alone."""

    term: Term = Field(description="the coefficient, as in the full model")
    z: float = Field(
        description="|z|: its size over its standard error, variances as in the full model"
    )


class EstimatedEffect(Record):
    """A fixed effect of a model that stands beside others, without a test."""

    term: Term
    estimate: float = Field(description="in units of the outcome, or of it per unit")
    std_error: float | None = Field(description="of the estimate; None: not known")


class AdequateModel(Record):
    """A minimal adequate subset of the terms."""

    terms: tuple[Term, ...] = Field(description="that are kept")
    dropped: tuple[Term, ...] = Field(description="free terms that are left out")
    deviance: float = Field(description="by ML")
    statistic: float = Field(description="rise of the deviance from the full model")
    df: int = Field(description="parameters fewer than those of the full model")
    n_params: int = Field(description="parameters of the model")
    lacks: LackingEffect | None = Field(
        description="the clearest effect that it lacks; None: it lacks none"
    )
    fixed: tuple[EstimatedEffect, ...] = Field(description="its fixed effects by REML")


class TermCount(Record):
    """In how many models a term is."""

    term: Term
    models: int


class MinimalModels(Record):
    """What all minimal adequate models have in common, whether they are told or not."""

    models: int = Field(description="their number")
    lacking: int = Field(description="those that lack an effect with |z| above the limit")
    limit: float = Field(description="of |z|")
    lacked: tuple[LackingEffect, ...] = Field(
        description="those effects, each once with its largest |z|, the clearest first"
    )
    settled: bool = Field(
        description="whether other draws behind the bound would find the same models"
    )
    stepwise: Literal["minimal", "larger", "other"] = Field(
        description="whether the model of the elimination is one of them, or holds one"
    )
    kept: tuple[TermCount, ...] = Field(description="terms of the full model, and who keeps them")


class Reduction(Record):
    """Backward elimination, checked against the bound, and the other models that would do."""

    alpha: float = Field(description="level of the bound and of each test")
    protected: tuple[Term, ...] = Field(description="terms that may not leave")
    path: tuple[Step, ...] = Field(description="models from the full one to what was kept")
    joint: AnyTest | None = Field(
        None,
        description="test of all that left, in the full model; None: nothing left, or the bound "
        "stands for it",
    )
    bound: Bound | None = Field(description="None: of imputations, which have no common deviance")
    adequate: tuple[AdequateModel, ...] = Field(
        description="minimal subsets within the bound: those with the fewest parameters, twelve "
        "at most"
    )
    minimal: MinimalModels | None = Field(
        description="all minimal subsets within the bound; None: there is none"
    )
    complete: bool = Field(description="whether all subsets within the bound were looked at")


class LatestEffect(Estimate):
    """What a variable does in the latest wave, other variables at zero or their reference."""

    category: Category | None = Field(
        description="compared with the reference; None: for each unit of a number"
    )
    wave: WaveName | None = Field(description="None: the same in every wave")


class Association(Record):
    """All that a variable does in the settled model, tested at once."""

    variable: VariableName
    terms: tuple[Term, ...] = Field(description="of the settled model that hold the variable")
    latest: tuple[LatestEffect, ...] = Field(
        description="its effect in the latest wave, by category; none where it is a curve or "
        "stands in products with other variables alone"
    )
    test: AnyTest = Field(
        description="that none of them has an effect, adjusted for the variables of the full model"
    )


class TermInclusion(Record):
    """How often a term is kept in repeated reductions."""

    term: Term
    kept: float = Field(description="share of the reductions that keep it")
    in_settled: bool = Field(description="whether the settled model holds it")


class Frequencies(Record):
    """Outcome of repeated reductions."""

    replicates: int = Field(description="reductions that were made")
    models: int = Field(description="different models that they ended in")
    same_model: float = Field(description="share of them that end in the model of the reduction")
    terms: tuple[TermInclusion, ...]


class UnitFrequencies(Frequencies):
    """Outcome of reductions over units that are drawn again."""

    level: Level = Field(description="of the units that are drawn")
    bundles: int = Field(description="units, or bundles of them, that were drawn from")
    failed: int = Field(description="draws in which the full model could not be estimated")


class Inclusion(Frequencies):
    """How sure the choice of terms is."""

    refitted: bool = Field(
        description="whether variances were estimated anew in each sample, as units are few"
    )
    method: Literal["parametric"] = Field(
        description="how samples are drawn: responses of the full model"
    )
    resampled: UnitFrequencies | None = Field(
        description="the same over units drawn again; None: too few or crossed units"
    )
