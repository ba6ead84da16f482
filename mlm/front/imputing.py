"""The front door for missing values: imputations drawn from a joint model, as cross-products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlm.errors import ModelError
from mlm.nouns.formula import parse_formula
from mlm.nouns.model import Factor, Model, Term
from mlm.results.missing.joint_model import Convergence, NotCompatible
from mlm.rows.accumulating.model_statistics import categorical, recipe_of_models, variables_of
from mlm.rows.accumulating.sources import Source, check_columns, source_of
from mlm.rows.imputing.claim import (
    Claim,
    not_compatible,
    number_column,
    parse_claim,
    predictor_columns,
    usual_claim,
    with_responses,
)
from mlm.rows.imputing.pattern_rows import accumulate_patterns
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.pattern_sums import PatternSums
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.completion import Completion
from mlm.statistics.imputation.joint_model import JointModel
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.sampling import ChainPlan, sampled
from mlm.statistics.imputation.streams import DrawnFor, stream


@dataclass(frozen=True)
class Imputations(Sequence):
    """Completed cross-products, one an imputation, and how they came about.

    Attributes
    ----------
    statistics : tuple of CrossProducts
        What ``mlm.fit`` takes, one an imputation.
    missing : dict of str to int
        Rows that lacked each variable.
    responses : tuple of str
        Variables that the joint model explained together.
    predictors : tuple of str
        Complete columns that explained them.
    convergence : Convergence
        Whether the chains came to say the same.
    not_compatible : tuple of NotCompatible
        Terms of the analyses that the joint model does not imply.
    """

    statistics: tuple[CrossProducts, ...]
    missing: dict[str, int]
    responses: tuple[str, ...]
    predictors: tuple[str, ...]
    convergence: Convergence
    not_compatible: tuple[NotCompatible, ...] = ()

    def __len__(self) -> int:
        return len(self.statistics)

    def __getitem__(self, place):
        return self.statistics[place]

    def __iter__(self) -> Iterator[CrossProducts]:
        return iter(self.statistics)


def impute(
    formula: str | Model | Sequence[str | Model],
    data,
    draws: int = 20,
    *,
    auxiliary: Sequence[str] = (),
    model: str | None = None,
    seed: int = 1,
    chains: int = 4,
    burn_in: int = 100,
    between: int = 20,
) -> Imputations:
    """Draw what rows lack from a multilevel normal model, as completed cross-products.

    The joint model has random intercepts at every level of the analyses. The outcome and all
    incomplete variables respond, complete terms explain them. Rows without the outcome are left
    out. The rows are read once; imputations cost what the groups cost, however many rows there are.

    Parameters
    ----------
    formula : str, Model, or sequence of them
        The analyses of one outcome that the imputations are to serve.
    data : DataFrame, path, or list of paths
        Rows in any order; a path is a Parquet file or a folder of them.
    draws : int
        Imputations.
    auxiliary : sequence of str
        Further variables that tell why values are missing, or what they are.
    model : str, optional
        What responds and what explains: ``"x + z ~ y + (1 | school)"``; default: as above.
    seed : int
        Of the random numbers; the same seed gives the same imputations on every machine.
    chains, burn_in, between : int
        Chains of the sampler, iterations of each that are left out, and iterations from one
        imputation of a chain to the next.

    Returns
    -------
    Imputations
        ``[mlm.fit(formula, each) for each in imputations]`` is what ``mlm.pool`` takes.

    Raises
    ------
    ModelError
        When formulas are malformed or of several outcomes, levels are not nested, or a variable
        has no value at all.
    SurveyError
        When the data lack a column or no row has the outcome.

    Source
    ------
    Schafer & Yucel (2002), J. Comput. Graph. Stat. 11, 437-457.

    Examples
    --------
    >>> import mlm, numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"g": np.arange(200) // 10, "x": rng.normal(size=200)})
    >>> rows["y"] = rows["x"] + rng.normal(size=20)[rows["g"]] + rng.normal(size=200)
    >>> rows.loc[rng.random(200) < 0.3, "x"] = np.nan
    >>> drawn = mlm.impute("y ~ x + (1 | g)", rows, draws=5)
    >>> pooled = mlm.pool([mlm.fit("y ~ x + (1 | g)", each) for each in drawn])
    >>> bool(abs(pooled.fixed_effects.loc["x", "estimate"] - 1.0) < 0.3)
    True
    """
    given = [formula] if isinstance(formula, str | Model) else list(formula)
    models = [parse_formula(each) if isinstance(each, str) else each for each in given]
    how = ChainPlan(draws, seed, chains, burn_in, between)
    sums, claim = _sums_by_pattern(models, auxiliary, model, source_of(data))
    incomplete = {name for name, rows in sums.missing.items() if rows}
    if claim is None:
        claim = usual_claim(models, auxiliary, incomplete)
    _refuse_rows(models, claim, incomplete, sums)
    aligned = Aligned.of(sums)
    joint = _joint_model(claim, sums, aligned)
    table = PatternTable.of(aligned, joint)
    levels = [level.group for level in aligned.patterns[0].stats.levels]
    found = sampled(table, joint, levels, how)
    completion = Completion(aligned, joint)
    statistics = tuple(
        completion.draw(each.state, stream(seed, each.chain, each.iteration, DrawnFor.COMPLETION))
        for each in found.states
    )
    return Imputations(
        statistics,
        {name: rows for name, rows in sums.missing.items() if rows},
        tuple(column.name for column in joint.responses),
        tuple(column.name for column in joint.predictors),
        found.convergence,
    )


def _sums_by_pattern(
    models: Sequence[Model], auxiliary: Sequence[str], model: str | None, source: Source
) -> tuple[PatternSums, Claim | None]:
    """Sums of everything that analyses, auxiliary variables or a given model name."""
    outcome = _one_outcome(models)
    claim = None if model is None else parse_claim(model)
    further = Model(outcome, tuple(Term((Factor(name),)) for name in auxiliary))
    served = [*models, further, *(with_responses(claim, models) if claim else [])]
    variables = list(dict.fromkeys(name for each in served for name in variables_of(each)))
    ids = [name for each in served for term in each.random for name in term.group]
    check_columns(source, [*variables, *ids])
    texts = categorical(source, variables)
    categories = {v: tuple(map(str, c)) for v, c in source.distinct(texts).items()}
    columns, hierarchy = recipe_of_models(served, categories, source, {})
    if not hierarchy.levels:
        raise ModelError(
            f"{models[0].formula}: no level; expected a random intercept such as (1 | school), "
            "over whose groups the missing values have effects."
        )
    lacking = [name for name in variables if name != outcome]
    sums = accumulate_patterns(source, columns, hierarchy, lacking)
    for name, rows in sums.missing.items():
        if rows == sums.n_obs:
            raise ModelError(
                f"{name} is missing in all {rows} rows that have {outcome}: there is nothing to "
                "impute it from. Leave it out."
            )
    return sums, claim


def _one_outcome(models: Sequence[Model]) -> str:
    outcomes = list(dict.fromkeys(model.response for model in models))
    if len(outcomes) != 1:
        raise ModelError(
            f"{len(outcomes)} outcomes ({', '.join(outcomes)}); expected analyses of one outcome, "
            "whose rows are imputed together."
        )
    return outcomes[0]


def _joint_model(claim: Claim, sums: PatternSums, aligned: Aligned) -> JointModel:
    """The model in stored columns, without predictors that others add up to."""
    responses = tuple(number_column(name) for name in claim.responses)
    predictors = predictor_columns(claim.terms, sums.columns)
    table = PatternTable.of(aligned, JointModel(responses, predictors))
    return JointModel(responses, tuple(predictors[i] for i in table.independent))


def _refuse_rows(
    models: Sequence[Model], claim: Claim, incomplete: set[str], sums: PatternSums
) -> None:
    """Refuse what needs the rows to be completed one by one."""
    told = not_compatible(models, incomplete)
    if told:
        names = ", ".join(":".join(each.variables) for each in told)
        raise ModelError(
            f"{names}: not linear in what is missing ({', '.join(sorted(incomplete))}), so that "
            "completed sums do not tell it."
        )
    texts = sorted(incomplete & set(sums.columns.categories))
    if texts:
        raise ModelError(f"{', '.join(texts)}: a category that is missing in some rows.")
    unknown = sorted(incomplete - set(claim.responses))
    if unknown:
        raise ModelError(
            f"{', '.join(unknown)}: missing in some rows, and no response of the model of missing "
            "values. Add it to the left side."
        )
