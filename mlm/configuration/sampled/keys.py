"""How a sample was drawn and its scores measured, as the configuration says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mlm.configuration.names import Identifier
from mlm.configuration.parts import ConfigurationPart, Text
from mlm.errors import ModelError
from mlm.nouns.replicates import Method, columns_of
from mlm.nouns.sampled_plan import MINIMUM
from mlm.nouns.sampling import PROGRAMS, Errors, Kind, Scaling


def _expanded(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns one by one, where a text stands for many."""
    try:
        return columns_of(columns)
    except ModelError as error:
        raise ValueError(str(error).rstrip(".")) from None


def _listed(entry: object) -> object:
    """A list of one text that stands alone."""
    return [entry] if isinstance(entry, str) else entry


Columns = Annotated[
    tuple[Text, ...],
    BeforeValidator(_listed, json_schema_input_type=Text | tuple[Text, ...]),
    AfterValidator(_expanded),
]
"""Columns of a file: a list, or a text that stands for many, as W_FSTR1-W_FSTR80, PV{1..5}MATH."""


PRODUCT = "*"
"""What stands between the factors of a weight in its name."""


class NamedColumn(ConfigurationPart):
    """A column of the files that is no variable of a model."""

    column: Text = Field(description="Column in the files, or the name of a codebook entry.")
    names: dict[str, Text] = Field(
        default_factory=dict, description="Column by wave, where it differs."
    )
    missing: dict[str, Text] = Field(
        default_factory=dict,
        description="Codes that mean missing, with their meaning; an empty cell always does.",
    )


class NamedColumns(ConfigurationPart):
    """Columns of the files that belong together, in their order."""

    columns: Columns = Field(
        description="Columns in the files, or names of codebook entries: a list, or first and last "
        "(W_FSTR1-W_FSTR80, W_FSTR{1..80})."
    )
    names: dict[str, Columns] = Field(
        default_factory=dict, description="Columns by wave, where they differ: as many."
    )
    missing: dict[str, Text] = Field(
        default_factory=dict,
        description="Codes that mean missing, with their meaning; an empty cell always does.",
    )


class ScoreColumns(NamedColumns):
    """Columns with the plausible values of a score."""

    nests: int | None = Field(
        None,
        ge=2,
        description="Nests, where the values are drawn within each of several imputations; the "
        "columns come nest by nest.",
    )
    describe_units: bool = Field(
        False,
        description="Whether the values were drawn from a model that has the units, such as "
        "schools, so that effects of single units may be told; else they describe populations.",
    )


def _as_column(entry: object) -> object:
    return {"column": entry} if isinstance(entry, str) else entry


def _as_columns(entry: object) -> object:
    return {"columns": entry} if isinstance(entry, str | list | tuple) else entry


Column = Annotated[
    NamedColumn, BeforeValidator(_as_column, json_schema_input_type=Text | NamedColumn)
]
SeveralColumns = Annotated[
    NamedColumns,
    BeforeValidator(_as_columns, json_schema_input_type=Text | tuple[Text, ...] | NamedColumns),
]
Score = Annotated[
    ScoreColumns,
    BeforeValidator(_as_columns, json_schema_input_type=Text | tuple[Text, ...] | ScoreColumns),
]


def _columns_one_by_one(entry: object) -> object:
    return [entry] if isinstance(entry, str | dict) else entry


class MatchedErrors(ConfigurationPart):
    """Standard errors by the formula of a program."""

    match: Literal[tuple(PROGRAMS)] = Field(description="The program.")


class WeightEntry(NamedColumn):
    """A sampling weight: a column, or the product of several."""

    factors: tuple[Column, ...] = Field(
        (),
        description="Columns whose product is the weight, where the files have it in parts; "
        "column is then what the product is called.",
    )

    @model_validator(mode="after")
    def _check_factors(self) -> WeightEntry:
        if self.factors and (self.names or self.missing):
            raise ValueError("'names' and 'missing' of a product are those of its factors")
        if len({factor.column for factor in self.factors}) != len(self.factors):
            raise ValueError("a column is twice among the factors of a weight; name it once")
        return self

    @property
    def parts(self) -> tuple[NamedColumn, ...]:
        """The columns that are read."""
        return self.factors or (self,)


def _as_weight(entry: object) -> object:
    """A column or several; a product is called by its factors where it has no name."""
    if isinstance(entry, str):
        return {"column": entry}
    if isinstance(entry, list | tuple):
        entry = {"factors": list(entry)}
    factors = entry.get("factors") if isinstance(entry, dict) else None
    if not isinstance(factors, list | tuple) or not factors or "column" in entry:
        return entry
    if len(factors) == 1:
        return _as_column(factors[0])
    named = [factor.get("column") if isinstance(factor, dict) else factor for factor in factors]
    return {**entry, "column": PRODUCT.join(map(str, named))}


Weight = Annotated[
    WeightEntry,
    BeforeValidator(
        _as_weight,
        json_schema_input_type=Text | tuple[Text | NamedColumn, ...] | WeightEntry,
    ),
]


class SurveyReplicates(ConfigurationPart):
    """Replicates of the sample: weights that the files hold, or how they are made."""

    method: Method = Field(
        description="fay, brr (balanced repeated replication), jk1, jk2 (pairs), jkn (in strata), "
        "bootstrap."
    )
    columns: SeveralColumns | None = Field(
        None, description="Replicate weights: a list, or first and last (W_FSTR1-W_FSTR80)."
    )
    factor: float | None = Field(
        None, ge=0, lt=1, description="Fay's factor, required for fay; PISA and TALIS: 0.5."
    )
    zone: Column | None = Field(
        None, description="Where replicates are made: column of the pairs (jk2) or strata (jkn)."
    )
    unit: Column | None = Field(
        None,
        description="Where replicates are made: column of the clusters, or of the halves of a pair "
        "(jk2).",
    )
    halves: Literal["one", "both"] | None = Field(
        None, description="Of jk2: whether a pair has one replicate (default) or two."
    )
    scale: float | None = Field(
        None, gt=0, description="What each replicate counts for, in place of what the method says."
    )
    scales: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (), description="The same, one number a replicate; required for jkn with columns."
    )


class Sampling(ConfigurationPart):
    """How the units and rows of the survey were drawn."""

    programme: Text | None = Field(
        None,
        description="Programme whose public-use files these are, with its cycle: PISA 2018, TIMSS "
        "2019 grade 8; without it each wave is of the cycle of its year. It fills weights, "
        "weights_are, replicates, plausible_values and minimum_proficiency where they are not "
        "said: PISA, TIMSS, PIRLS, ICCS, ICILS, TALIS, PASEC, ERCE, NAEP.",
    )
    weights: dict[Identifier, Weight] = Field(
        min_length=1,
        description="Level: the column with the sampling weight of its units, or a list of columns "
        "whose product it is. The lowest level (or row) are the rows, where each row is a unit.",
    )
    weights_are: Kind = Field(
        "overall",
        description="overall: the inverse of the probability that a unit is in the sample; "
        "conditional: of that given that the unit around it is.",
    )
    scaling: Scaling = Field(
        "effective",
        description="What the weights inside each unit of every level are multiplied by, so that "
        "they sum to its effective number (effective), its number (size), or not at all (none); "
        "group_only leaves out those of rows, gk gives their mean to the unit.",
    )
    school_weight: Literal["mean"] | None = Field(
        None,
        description="mean: the units that the rows lie in have no weight in the files; each has "
        "the mean of its rows' instead.",
    )
    psu: (
        Annotated[
            tuple[Column, ...],
            BeforeValidator(
                _columns_one_by_one,
                json_schema_input_type=Text | NamedColumn | tuple[Text | NamedColumn, ...],
            ),
        ]
        | None
    ) = Field(
        None,
        description="The clusters that were drawn first: a level, or the columns of their ids; "
        "default: the outermost units of the models.",
    )
    strata: Column | None = Field(
        None, description="Column of the strata that the clusters were drawn in."
    )
    replicates: SurveyReplicates | None = Field(None, description="Replicates of the sample.")
    standard_errors: Errors | MatchedErrors | None = Field(
        None,
        description="replicates, linearised or jackknife; or {match: stata}, by the formula of a "
        f"program ({', '.join(PROGRAMS)}). Default: replicates where there are any, else the "
        "jackknife below 100 clusters, else linearised.",
    )


Positive = Annotated[float, Field(gt=0)]
LinkingErrors = Annotated[dict[str, Positive], Field(min_length=1)]
"""Standard errors of links by pairs of waves, as ``2018 to 2022``."""

TO = " to "
"""What stands between the two waves of a linking error."""


def _named_cuts(entry: object) -> object:
    return entry if isinstance(entry, dict) else {MINIMUM: entry}


Cuts = Annotated[
    dict[Text, float],
    Field(min_length=1),
    BeforeValidator(_named_cuts, json_schema_input_type=float | dict[Text, float]),
]
"""Cuts of a score by name; one without a name is the minimum proficiency."""
