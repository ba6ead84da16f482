"""The front door for missing values: imputations drawn from a joint model, as cross-products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlm.nouns.formula import parse_formula
from mlm.nouns.missing_values import MOST_ITERATIONS
from mlm.nouns.model import Model
from mlm.results.missing.joint_model import Convergence, NotCompatible
from mlm.rows.accumulating.model_statistics import recipe_of_models
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import Source, source_of
from mlm.rows.imputing.claim import parse_claim
from mlm.rows.imputing.imputed_sums import accumulate_imputed
from mlm.rows.imputing.joint_draws import JointDraws, joint_draws
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.imputation.completion import Completion
from mlm.statistics.imputation.sampling import ChainPlan
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
    responses_of_units : tuple of tuple of str
        For each level that has some, outermost first and crossed ones last, incomplete variables
        of its units.
    """

    statistics: tuple[CrossProducts, ...]
    missing: dict[str, int]
    responses: tuple[str, ...]
    predictors: tuple[str, ...]
    convergence: Convergence
    not_compatible: tuple[NotCompatible, ...] = ()
    responses_of_units: tuple[tuple[str, ...], ...] = ()

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
    burn_in: int | None = None,
    between: int | None = None,
    iterations: int = MOST_ITERATIONS,
) -> Imputations:
    """Draw what rows lack from a multilevel normal model, as completed cross-products.

    The joint model has random intercepts at every level of the analyses, nested or crossed. The
    outcome and all incomplete variables respond, complete terms explain them; categories have
    latent normal variables, variables of units one value a unit. Rows without the outcome are left
    out. Where levels are nested and numbers of rows enter linearly, the rows are read once and
    imputations cost what the groups cost, however many rows there are; else one more pass fills
    the rows in.

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
        Chains of the sampler, iterations of each that are left out (default: until the chains
        agree), and from one imputation of a chain to the next (default: as the iterations allow).
    iterations : int
        Iterations of a chain after which it ends though the chains do not agree, where no burn-in
        is given.

    Returns
    -------
    Imputations
        ``[mlm.fit(formula, each) for each in imputations]`` is what ``mlm.pool`` takes.

    Raises
    ------
    ModelError
        When formulas are malformed or of several outcomes, a variable has no value at all, or one
        of units is of too few units.
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
    claim = None if model is None else parse_claim(model)
    source, how = source_of(data), ChainPlan(draws, seed, chains, burn_in, between, iterations)
    found = joint_draws(models, source, auxiliary, claim, how)
    return Imputations(
        _by_sums(found) if found.by_sums else _by_rows(found, models, source),
        found.missing,
        tuple(column.name for column in found.model.responses),
        tuple(column.name for column in found.model.predictors),
        found.sampled.convergence,
        found.not_compatible,
        tuple(tuple(column.name for column in own.columns) for own in found.units),
    )


def _by_sums(found: JointDraws) -> tuple[CrossProducts, ...]:
    """Completed cross-products, without a row."""
    completion = Completion(found.aligned, found.model)
    return tuple(
        completion.draw(
            each.state, stream(found.seed, each.chain, each.iteration, DrawnFor.COMPLETION)
        )
        for each in found.sampled.states
    )


def _by_rows(
    found: JointDraws, models: Sequence[Model], source: Source
) -> tuple[CrossProducts, ...]:
    """Cross-products of completed rows, all imputations in one pass."""
    known = found.sums.columns
    columns, hierarchy = recipe_of_models(models, known.categories, source, known.scales)
    samples = accumulate_imputed(source, found.imputer(), [Wanted(columns, hierarchy)])
    return tuple(sample.cross_products() for (sample,) in samples)
