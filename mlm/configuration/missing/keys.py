"""What becomes of rows that lack a covariate, as the configuration says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from mlm.configuration.names import Identifier
from mlm.configuration.parts import ConfigurationPart, Text
from mlm.errors import ModelError
from mlm.nouns.fewest import FEWEST_IMPUTATIONS, MANY_LEFT_OUT
from mlm.nouns.missing_values import FEWEST_ITERATIONS, MOST_ITERATIONS, USUAL_DRAWS, Method
from mlm.nouns.replicates import columns_of


def _listed(entry: object) -> object:
    return [entry] if isinstance(entry, str) else entry


def _one_by_one(files: tuple[str, ...]) -> tuple[str, ...]:
    """Files one by one, where ``{1..20}`` in a name stands for many."""
    try:
        found = (columns_of((name,)) if "{" in name else (name,) for name in files)
        return tuple(name for names in found for name in names)
    except ModelError as error:
        raise ValueError(str(error).rstrip(".")) from None


ImputedFiles = Annotated[
    tuple[Text, ...],
    BeforeValidator(_listed, json_schema_input_type=Text | tuple[Text, ...]),
    AfterValidator(_one_by_one),
    Field(min_length=1),
]
"""Files of a wave, relative to the project's folder."""


class Missing(ConfigurationPart):
    """What becomes of rows that have the outcome and lack a covariate."""

    method: Method | None = Field(
        None,
        description="complete: they are left out; files: the imputations that files hold; joint: "
        "imputations drawn from a multilevel normal model of outcome, covariates and auxiliary "
        "variables. Where none is named, joint for each analysis that would lose more than "
        f"{MANY_LEFT_OUT:.0%} of the rows with the outcome, complete for the others.",
    )
    draws: int | None = Field(
        None,
        ge=FEWEST_IMPUTATIONS,
        description=f"Imputations that are drawn, {USUAL_DRAWS} by default, or that `column` "
        "numbers.",
    )
    auxiliary: tuple[Identifier, ...] = Field(
        (),
        description="Variables that imputations are drawn from and that are neither outcome nor "
        "term.",
    )
    iterations: int | None = Field(
        None,
        ge=FEWEST_ITERATIONS,
        description="Iterations of a chain after which values are drawn though the chains do not "
        f"agree; {MOST_ITERATIONS:,} by default. They end sooner where the chains agree.",
    )
    shift: dict[Identifier, float] = Field(
        default_factory=dict,
        description="Variable: what is added to its imputed values, in its unit, in a second "
        "analysis: how much rests on values being missing at random.",
    )
    files: ImputedFiles | dict[str, ImputedFiles] = Field(
        default_factory=dict,
        description="Wave: the files with its imputations, one each ('imputed{1..20}.csv'), or all "
        "below each other where `column` numbers them; of a single wave the files alone.",
    )
    column: Text | None = Field(
        None,
        description="Column that numbers the imputations of a stacked file, 0 or empty for the "
        "observed rows: .imp (mice), Imputation (jomo), _mi_m (Stata), Imputation_ (SPSS). Without "
        "`files` those of the waves are stacked and hold the observed rows too.",
    )
    row: Text | None = Field(
        None,
        description="Column that numbers the rows within an imputation: .id (mice), id (jomo), "
        "_mi_id (Stata). Default: rows are known by their ids, or, without ids, by their order.",
    )
