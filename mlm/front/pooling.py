"""The front door for several fits that are one conclusion: imputations and plausible values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.errors import ModelError, NotPooled, StatisticsError
from mlm.front.comparison import Comparison
from mlm.front.replicating import by_rows_where_needed, with_replicates
from mlm.front.weighting import check_made_with
from mlm.nouns.fewest import FEWEST_IMPUTATIONS
from mlm.nouns.model import INTERCEPT, Model
from mlm.nouns.plausible_values import PlausibleValues, models_of, scores_of
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.model_statistics import statistics_of, statistics_of_models
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting import effects
from mlm.statistics.fitting.effects import PosteriorMeans
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.terms import columns_of_terms
from mlm.statistics.pooling import pool as pooling
from mlm.statistics.pooling.copies import refuse_copies
from mlm.statistics.pooling.draws import solutions_of_draws
from mlm.statistics.pooling.likelihood_tests import Method, pooled_likelihood_ratio
from mlm.statistics.pooling.naming import Naming
from mlm.statistics.pooling.pooled_effects import pooled_effects
from mlm.statistics.pooling.pooled_fit import PooledFit
from mlm.statistics.pooling.wald import as_test, pooled_wald_test


def fit_draws(
    model: Model,
    data,
    criterion: str,
    precision: str | None,
    plausible_values,
    design: SamplingDesign | None = None,
) -> PooledFit:
    """Fit a model to each draw of some scores, from one pass over the rows, and pool the fits.

    Parameters
    ----------
    model : Model
        Names the scores.
    data, criterion, precision, design
        As ``mlm.fit`` takes them.
    plausible_values : PlausibleValues or sequence of PlausibleValues
        The scores.

    Raises
    ------
    ModelError
        When the scores do not fit the model or each other, or the draws of one are copies.
    """
    scores = scores_of(plausible_values)
    models = models_of(model, scores)
    stats = sample_of_draws(models, scores, data, precision, design)
    fits = [each.fit for each in solutions_of_draws(models, stats, criterion)]
    naming = Naming.by_scores(model, scores, fits[0])
    found = pooling.pool(fits, [stats] * len(fits), naming, scores[0].nests)
    return by_rows_where_needed(found, stats, data)


def sample_of_draws(
    models: Sequence[Model],
    scores: Sequence[PlausibleValues],
    data,
    precision: str | None,
    design: SamplingDesign | None = None,
) -> CrossProducts:
    """Cross-products with the columns of all draws, from one pass over the rows.

    Parameters
    ----------
    models : sequence of Model
        One a draw.
    scores : sequence of PlausibleValues
        Their draws.
    data, precision, design
        As ``mlm.fit`` takes them.
    """
    stats = data
    if not isinstance(data, CrossProducts):
        _refuse_names(scores, source_of(data).names)
        alike = [score.columns for score in scores]
        stats = statistics_of_models(models, data, precision, alike, design)
        stats = with_replicates(stats, data)
    else:
        check_made_with(data, precision, design)
    for score in scores:
        refuse_copies(score, stats)
    return stats


def _refuse_names(scores: Sequence[PlausibleValues], names: Sequence[str]) -> None:
    """Refuse scores that are called as a column is: which one a formula means would be a guess."""
    taken = [score.name for score in scores if score.name in names]
    if taken:
        raise ModelError(
            f"plausible values of {taken[0]}: the data have a column of that name too, and a "
            "formula could mean either. Give the score another name; a column with the mean of "
            "its plausible values is not to be analysed."
        )


def pooled_term_tests(fit: PooledFit, method: str):
    """D1 of each term but the intercept, as a frame with index term.

    Parameters
    ----------
    fit : PooledFit
        A pooled fit.
    method : {"satterthwaite", "wald"}
        Degrees of freedom with complete data: the mean of those of a term's columns, or infinite.

    Raises
    ------
    NotPooled
        For the method of Kenward and Roger.
    """
    import pandas as pd

    if method not in ("satterthwaite", "wald"):
        raise NotPooled(
            f"df {method!r} is not pooled over imputations; expected 'satterthwaite' or 'wald'."
        )
    terms = [term for term in dict.fromkeys(fit.terms) if term != INTERCEPT]
    degrees = np.mean([each.degrees for each in fit.fits], axis=0)
    rows = []
    for term in terms:
        own = columns_of_terms(fit.terms, [term])
        df = float(degrees[own].mean()) if method == "satterthwaite" else None
        test = pooled_wald_test(fit, [term], df)
        denominator = test.reference.denominator
        rows.append((test.df, denominator or math.inf, test.statistic, test.p_value))
    index = pd.Index(terms, name="term")
    return pd.DataFrame(rows, index, ["df", "denominator_df", "statistic", "p_value"])


def pooled_comparison(
    small: PooledFit, large: PooledFit, data, method: Method | None
) -> Comparison:
    """Likelihood-ratio test of pooled fits; by D4 with the sample, by D2 without it.

    Parameters
    ----------
    small, large : PooledFit
        Fits by ML to the same draws, which differ in fixed terms.
    data : DataFrame, path, list of paths, CrossProducts, or None
        Their sample.
    method : {"D2", "D3", "D4"} or None
        How the statistics are pooled.
    """
    chosen = method or ("D2" if data is None else "D4")
    stats = None if data is None else sample_again(large, data)
    return Comparison.of(as_test(pooled_likelihood_ratio(small, large, stats, chosen)))


def posterior_means_of_draws(fit: PooledFit, data) -> PosteriorMeans:
    """Posterior means of each draw, pooled.

    Raises
    ------
    NotPooled
        For fits of imputed files, each of which has a sample of its own.
    """
    if not fit.scores:
        raise NotPooled(
            "posterior means are pooled of plausible values, whose rows are the same; of imputed "
            "files ask each of fits[m] with its own file."
        )
    if fit.nests is not None:
        raise NotPooled("posterior means of nested draws are not pooled: ask each of fits[m].")
    stats = sample_again(fit, data)
    draws = [effects.posterior_means(evaluation_of(each, stats)) for each in fit.fits]
    return pooled_effects(draws, fit.random_names)


def sample_again(fit: PooledFit, data) -> CrossProducts:
    """The cross-products of a fit's draws: given as they are, or as rows, which are read."""
    if isinstance(data, CrossProducts):
        return data
    models, one = [each.model for each in fit.fits], fit.fits[0]
    design = None if one.design is None else one.design.sampling
    return sample_of_draws(models, fit.scores, data, one.precision, design)


def pool(fits: Sequence[Fit] | Sequence[Sequence[Fit]], data: Sequence | None = None) -> PooledFit:
    """Fits of one model to M imputed data sets as one conclusion, by Rubin's rules.

    Parameters
    ----------
    fits : sequence of Fit, or sequence of sequences of Fit
        One an imputation, of the same model by the same criterion; of nested imputations, such as
        plausible values in imputed files, a sequence a nest.
    data : sequence of (DataFrame, path, list of paths, or CrossProducts), optional
        The sample of each fit, from which the errors of variances and shares come.

    Returns
    -------
    PooledFit

    Raises
    ------
    NotPooled
        When there are fewer than two fits, or they are not of one model.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "y": [1.0, 2, 4, 5, 2, 3, 7, 8]})
    >>> fits = [mlm.fit("y ~ 1 + (1 | g)", rows.assign(y=rows["y"] + move * (rows["g"] == "a")))
    ...         for move in (0.0, 0.2, 0.4)]
    >>> mlm.pool(fits).fixed_effects[["estimate", "imputation_error"]].round(3).values.tolist()
    [[4.05, 0.058]]
    """
    fits, nests = list(fits), None
    if fits and all(isinstance(nest, Sequence) for nest in fits):
        fits, nests = _of_nests(fits)
    if data is None:
        return pooling.pool(fits, nests=nests)
    if len(data) != len(fits):
        raise StatisticsError(
            f"{len(fits)} fits and {len(data)} samples: expected the sample of each fit."
        )
    samples = [
        each if isinstance(each, CrossProducts) else statistics_of(fit.model, each, fit.precision)
        for fit, each in zip(fits, data, strict=True)
    ]
    return pooling.pool(fits, samples, nests=nests)


def _of_nests(nests: list[Sequence[Fit]]) -> tuple[list[Fit], int]:
    """The fits of all nests in one list, and how many nests there are."""
    sizes = {len(nest) for nest in nests}
    if len(nests) < FEWEST_IMPUTATIONS or len(sizes) > 1 or min(sizes) < FEWEST_IMPUTATIONS:
        raise NotPooled(
            f"nests of {', '.join(str(len(nest)) for nest in nests)} fits: expected "
            f"{FEWEST_IMPUTATIONS} nests or more with as many fits in each, "
            f"{FEWEST_IMPUTATIONS} or more. Pool the fits of one nest as a single list."
        )
    return [fit for nest in nests for fit in nest], len(nests)
