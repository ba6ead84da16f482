"""A fitted model as it is stored (``fits/*.fit.json``), with every digit, for another run to read.

Coefficients and theta are named and ordered as lme4 does; columns of the fixed part and of each
random term stand in the same order in all fields.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.names import (
    Category,
    CoefficientName,
    Formula,
    LevelName,
    SampleFingerprint,
    TermName,
    VariableName,
    WaveName,
)
from mlm.results.record import Record
from mlm.results.sample import RowsWithout

SquareMatrix = tuple[tuple[float, ...], ...]


class GroupCount(Record):
    """Groups of a random term."""

    ids: tuple[LevelName, ...] = Field(description="id columns that name a group, outermost first")
    n: int


class CategoriesOfVariable(Record):
    """Categories of a variable of the model."""

    variable: VariableName
    categories: tuple[Category, ...] = Field(description="the reference first")


class RatioOfCategory(Record):
    """Residual variance of the rows of a category."""

    category: Category
    ratio: float = Field(description="over the mean residual variance of the rows")


class SearchCertificate(Record):
    """Why an optimum is believed to be one."""

    decrement: float | None = Field(
        description="deviance that one more Newton step could gain; None: without bound"
    )
    boundary_slope: float | None = Field(
        description="least slope of the criterion inwards at a bound, 0 inside; None: no bound"
    )
    max_scaled_gradient: float | None = Field(
        description="largest derivative times the standard error of its parameter"
    )
    evaluations: int = Field(description="of the criterion")
    condition: float = Field(
        1.0, description="largest inflation of the variance of a (co)variance by the others"
    )
    weak: tuple[tuple[LevelName, ...], ...] = Field(
        (), description="id columns of groups whose (co)variances can hardly be told from others"
    )


class StoredVariance(Record):
    """A (co)variance of a weighted fit."""

    group: tuple[LevelName, ...] = Field(description="id columns, or residual")
    term1: CoefficientName
    term2: CoefficientName | None = Field(description="None: a variance")
    value: float = Field(description="in squared units of the outcome")
    log_error: float | None = Field(
        description="standard error of its logarithm; None: by the delta method, or a covariance"
    )
    skewness: float = Field(description="of its error, by what each cluster adds to it")
    corrected: float | None = Field(
        description="with the bias of few clusters removed; None: not by the jackknife"
    )


class StoredShare(Record):
    """Share of a level in the variance that the fixed part leaves, of a weighted fit."""

    group: tuple[LevelName, ...]
    share: float
    std_error: float
    lower: float = Field(description="of the 95 % interval")
    upper: float
    df: float = Field(description="degrees of freedom of the interval")
    logit_error: float = Field(description="standard error of its logit; 0 at a bound")
    skewness: float = Field(description="of its error, by what each cluster adds to it")


class WeightOfLevel(Record):
    """Column of the sampling weights of a level."""

    level: LevelName = Field(description="grouping factor, or row")
    column: VariableName


class StoredReplicates(Record):
    """How the replicates of a sample are known."""

    method: Literal["fay", "brr", "jk1", "jk2", "jkn", "bootstrap"]
    columns: tuple[VariableName, ...] = Field(description="of replicate weights; empty: made")
    factor: float = Field(description="Fay's")
    halves: Literal["one", "both"] = Field(description="of pairs")
    psu: VariableName | None = Field(description="clusters, or halves, of which they are made")
    strata: VariableName | None = Field(description="strata, or pairs, in which they are made")
    scales: tuple[float, ...] = Field(description="what each counts for, where it was given")


class StoredSampling(Record):
    """How a sample was drawn."""

    weights: tuple[WeightOfLevel, ...]
    are: Literal["overall", "conditional"]
    scaling: Literal["effective", "size", "none", "group_only", "gk"]
    psu: tuple[VariableName, ...] = Field(
        description="id columns of the clusters; empty: the outermost units"
    )
    strata: VariableName | None
    mean_weights: tuple[LevelName, ...] = Field(
        description="levels whose weight is the mean of those of their rows"
    )
    wave: VariableName | None = Field(description="column of the wave; None: not named")
    replicates: StoredReplicates | None = Field(None, description="None: there are none")
    standard_errors: Literal["replicates", "linearised", "jackknife"] | None = Field(
        description="None: by replicates, or else by the number of clusters"
    )
    sandwich: Literal["joint", "joint_without_factor", "block", "stata"]


class StoredWaveWeights(Record):
    """Rows of a wave, and the sum of their weights."""

    wave: WaveName
    rows: int
    weight: float = Field(description="sum of the overall weights, as given")


class StoredDesign(Record):
    """Errors of a weighted fit by the design of its sample."""

    sampling: StoredSampling
    method: Literal["replicates", "linearised", "jackknife"]
    sandwich: Literal["joint", "joint_without_factor", "block", "stata"]
    n_psu: int = Field(description="clusters")
    strata: tuple[Category, ...]
    joined: tuple[tuple[Category, Category], ...] = Field(
        description="strata of one cluster, and which each was joined with"
    )
    df: float = Field(description="clusters less strata")
    degrees: tuple[float, ...] = Field(
        description="of each fixed effect and variance: fewer where its error rests on few clusters"
    )
    variances: tuple[StoredVariance, ...]
    normal_errors: tuple[float | None, ...] = Field(
        description="of logarithms of the variances, then of logits of the shares, as normal "
        "effects with these weights have them; smaller ones are joined with them; None: not known"
    )
    covariance: SquareMatrix = Field(description="of the fixed effects and the variances")
    design_effect: tuple[float, ...] = Field(
        description="variance of each fixed effect over that of the model alone"
    )
    shares: tuple[StoredShare, ...]
    unit: float = Field(description="mean overall weight of a row, scaled")
    weight: float = Field(description="sum of the overall weights of the rows")
    effective: float = Field(description="rows of equal weights that they are worth")
    zero: tuple[RowsWithout, ...] = Field(description="rows left out for a weight of zero")
    waves: tuple[StoredWaveWeights, ...] = Field(
        (), description="sums of weights by wave; empty: its column was not named"
    )


class StoredFit(Record):
    """A fitted model in numbers, every digit kept."""

    schema_version: Literal[3] = Field(3, alias="schema")
    formula: Formula
    criterion: Literal["ML", "REML"]
    deviance: float = Field(description="-2 log likelihood, or the REML criterion")
    n_params: int = Field(description="fixed effects, (co)variances and the residual variance")
    aic: float | None = Field(description="None: rows have sampling weights")
    bic: float | None = Field(description="None: rows have sampling weights")
    names: tuple[CoefficientName, ...] = Field(description="of the fixed effects")
    terms: tuple[TermName, ...] = Field(description="term of each fixed effect")
    coefficients: tuple[Term, ...] = Field(description="what each fixed effect stands for")
    beta: tuple[float, ...] = Field(
        description="fixed effects, in units of the outcome per unit of the variable"
    )
    covariance: SquareMatrix = Field(description="of the fixed effects")
    degrees: tuple[float | None, ...] = Field(
        description="Satterthwaite degrees of freedom of each fixed effect; None: infinite"
    )
    random_names: tuple[tuple[CoefficientName, ...], ...] = Field(
        description="columns of each random term"
    )
    random_coefficients: tuple[tuple[Term, ...], ...] = Field(
        description="what each of these columns stands for"
    )
    omegas: tuple[SquareMatrix, ...] = Field(
        description="covariance matrix of each random term, over the residual variance"
    )
    theta: tuple[float, ...] = Field(description="relative Cholesky factors")
    gradient: tuple[float, ...] = Field(description="derivative of the criterion by theta")
    sigma2: float = Field(description="residual variance, in squared units of the outcome")
    n_obs: int = Field(description="rows of the sample")
    n_groups: tuple[GroupCount, ...]
    categories: tuple[CategoriesOfVariable, ...]
    is_singular: bool = Field(description="whether a variance or a determinant is zero")
    converged: bool = Field(description="whether the optimum has a certificate")
    certificate: SearchCertificate
    aliased: tuple[CoefficientName, ...] = Field(description="columns that others determine")
    aliased_coefficients: tuple[Term, ...] = Field(description="what these columns stand for")
    dropped: tuple[RowsWithout, ...] | None = Field(
        description="rows left out; None: they were not counted"
    )
    fingerprint: SampleFingerprint
    precision: VariableName | None = Field(
        description="column of known precisions of the rows; None: all rows alike"
    )
    n_covariance: int | None = Field(
        None,
        description="parameters of the covariance where terms have forms; None: theta and sigma2",
    )
    residual: tuple[LevelName, ...] | None = Field(
        None, description="id columns of the term in the residual's place; None: none is"
    )
    ratios: tuple[RatioOfCategory, ...] | None = Field(
        None,
        description="residual variances that differ between categories; None: one for all rows",
    )
    design: StoredDesign | None = Field(
        None, description="errors by the design of the sample; None: rows have no sampling weights"
    )
