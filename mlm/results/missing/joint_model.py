"""What is concluded about imputations that a joint model drew."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import AnalysisName, CoefficientName, LevelName, VariableName
from mlm.results.record import Record

ParameterKind = Literal["coefficient", "variance", "correlation"]
"""A variance is looked at by its root."""


class TracedParameter(Record):
    """A parameter of the joint model whose draws are looked at."""

    kind: ParameterKind
    response: Term = Field(description="column that the model explains")
    other: Term | None = Field(
        None, description="of a coefficient the predictor, of a correlation the other response"
    )
    level: Level | None = Field(
        None,
        description="level of a (co)variance, or of the units that a coefficient explains; None: "
        "the rows",
    )


class Convergence(Record):
    """Whether the chains have come to say the same.

    Split R-hat and effective draws are those of the worst parameter: coefficients, standard
    deviations, correlations.
    """

    chains: int = Field(description="number of chains")
    burn_in: int = Field(description="iterations of each chain that were left out")
    iterations: int = Field(description="iterations of each chain that were looked at")
    between: int = Field(description="iterations from one imputation of a chain to the next")
    r_hat: float = Field(description="largest split R-hat")
    r_hat_of: TracedParameter
    effective_draws: float = Field(description="fewest effective draws, of all chains together")
    effective_draws_of: TracedParameter
    converged: bool = Field(description="whether R-hat and effective draws are within their bounds")


class MissingIn(Record):
    """Rows that have the outcome and lack a variable."""

    variable: VariableName
    rows: int


class NotCompatible(Record):
    """A term of the analysis that the joint model does not imply, and how it is made all the same.

    The joint model is linear: it knows no product, power or function of an incomplete variable and
    no slope of one. Such a term is computed from the completed values of each row, which pulls its
    coefficient towards zero. A variable that is computed from an incomplete one keeps what was
    computed from observed values: an aggregate is complete then, any other is imputed by itself.
    """

    kind: Literal["product", "power", "function", "slope", "aggregate", "computed"]
    variables: tuple[VariableName, ...] = Field(description="all variables of the term")
    incomplete: tuple[VariableName, ...] = Field(description="those that were imputed")


class JointImputations(Record):
    """Imputations that a joint model drew for one analysis."""

    analysis: AnalysisName
    draws: int = Field(description="number of imputations")
    seed: int = Field(description="of the random numbers")
    rows: int = Field(description="rows that have the outcome")
    missing_in: tuple[MissingIn, ...]
    n_levels: int = Field(description="number of levels whose groups have effects")
    responses: tuple[CoefficientName, ...] = Field(
        description="columns that the model explains together; an indicator stands for the latent "
        "normal variable of its category"
    )
    responses_of_units: tuple[tuple[CoefficientName, ...], ...] = Field(
        description="for each level that has some, outermost first and crossed ones last, "
        "incomplete variables of its units, which are explained by what does not vary within them "
        "and explain the rows"
    )
    predictors: tuple[CoefficientName, ...] = Field(
        description="complete columns that explain them; Intercept for 1"
    )
    levels: tuple[tuple[LevelName, ...], ...] = Field(
        description="id columns of the levels whose groups have effects: those that lie inside "
        "each other, outermost first, then those crossed with them, such as classes"
    )
    convergence: Convergence
    not_compatible: tuple[NotCompatible, ...]
