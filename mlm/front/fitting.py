"""The front door for one model: a formula and data (rows or cross-products) to a fit."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from mlm.errors import ModelError, NotPooled, WeaklyIdentified
from mlm.front.pooling import fit_draws, posterior_means_of_draws
from mlm.front.replicating import by_rows_where_needed, with_replicates
from mlm.front.weighting import check_made_with, default_criterion
from mlm.nouns.formula import parse_formula
from mlm.nouns.model import Model
from mlm.nouns.plausible_values import PlausibleValues
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting import effects
from mlm.statistics.fitting.effects import PosteriorMeans
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.fit_by_design import solve_by_design
from mlm.statistics.inference.profile import Profile
from mlm.statistics.pooling.pooled_fit import PooledFit


def fit(
    formula: str | Model,
    data,
    criterion: str | None = None,
    precision: str | None = None,
    plausible_values: PlausibleValues | Sequence[PlausibleValues] | None = None,
    design: SamplingDesign | None = None,
) -> Fit | PooledFit:
    """Fit a multilevel linear model.

    Parameters
    ----------
    formula : str or Model
        lme4 formula, for example ``"math ~ year * sex + (1 + year | school/pupil)"``. A covariance
        over waves may have a form, ``ar1(0 + wave | pupil)``: ``us``, ``cs``, ``csh``, ``ar1``,
        ``ar1h``, ``toeph``, ``adh`` or ``diag``, as SAS and the R package mmrm name them; where
        each unit has one row a wave, that of the lowest units takes the residual's place. A
        residual variance for each wave is ``diag(0 + wave | residual)``.
    data : DataFrame, path, list of paths, or CrossProducts
        Rows, which are read once (a path is a Parquet file or a folder of them), or the
        cross-products of an earlier pass.
    criterion : {"REML", "ML"}, optional
        What is optimised; default: REML, or ML where rows have sampling weights.
    precision : str, optional
        Column of known precisions w: the residual variance of a row is sigma^2 / w, as when a row
        is the mean of w observations. These are not sampling weights.
    plausible_values : PlausibleValues or sequence of PlausibleValues, optional
        Scores that the formula names, as response or covariates, and that are known by draws: the
        model is fitted to each draw, and the fits are pooled. Draws of several scores pair by
        their number.
    design : SamplingDesign, optional
        How the rows were drawn: sampling weights by level, clusters, strata. The pseudo-likelihood
        is then as large as it can be, and errors are those of the design. Cross-products know
        theirs.

    Returns
    -------
    Fit or PooledFit
        Pooled where there are plausible values.

    Raises
    ------
    ModelError
        When the formula is malformed; ``NotIdentified`` when the data cannot tell variances apart.
    SurveyError
        When the data lack a column, hold a missing id or a precision that is not positive;
        ``SamplingError`` when weights, clusters or strata are not those of the design.
    StatisticsError
        When cross-products were made with other precisions or weights than those named;
        ``NotUnderWeights`` for what has no meaning with sampling weights, such as REML.
    FitError
        When the criterion has no optimum.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "y": [1.0, 2, 4, 5, 2, 3, 7, 8]})
    >>> round(mlm.fit("y ~ 1 + (1 | g)", rows).sigma2, 6)
    0.5
    """
    model = parse_formula(formula) if isinstance(formula, str) else formula
    criterion = criterion or default_criterion(data, design)
    if plausible_values is not None:
        return fit_draws(model, data, criterion, precision, plausible_values, design)
    rows = data
    if isinstance(data, CrossProducts):
        check_made_with(data, precision, design)
    else:
        data = with_replicates(statistics_of(model, data, precision, design), data)
    if data.sampled is not None:
        return by_rows_where_needed(solve_by_design(model, data, criterion).fit, data, rows)
    found = fit_model(model, data, criterion)
    if found.certificate.weak:
        _warn_of_weak(found, data)
    return found


def _warn_of_weak(fit: Fit, stats: CrossProducts) -> None:
    """Warn of variances that can hardly be told from the others, with the intervals of shares."""
    shares = {share.group: share for share in Profile(fit, stats).shares()}
    told = [
        f"the share of the variance that lies between groups of {group} is anything from "
        f"{shares[group].lower:.2f} to {shares[group].upper:.2f} (estimate "
        f"{shares[group].estimate:.2f}, 95 % profile interval)"
        for group in fit.certificate.weak
        if group in shares
    ]
    warnings.warn(
        f"{fit.formula}: weakly identified: the variances over "
        f"{' and '.join(fit.certificate.weak)} rest on little in these {fit.n_obs} rows (condition "
        f"number {fit.certificate.condition:.1e}): {'; '.join(told)}.",
        WeaklyIdentified,
        stacklevel=3,
    )


def sample_of(fit: Fit, data) -> CrossProducts:
    """The cross-products of a fit's sample: given as they are, or as rows, which are read."""
    if isinstance(fit, PooledFit):
        raise NotPooled(
            "this is asked of one fit, and several were pooled: ask each of fits[m], or see "
            "fixed_effects, variance_components and shares of the pooled one."
        )
    if isinstance(data, CrossProducts):
        return data
    design = None if fit.design is None else fit.design.sampling
    return with_replicates(statistics_of(fit.model, data, fit.precision, design), data)


def posterior_means(fit: Fit | PooledFit, data) -> PosteriorMeans:
    """Posterior means of the groups' effects, from rows or cross-products.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit. Those of plausible values are pooled: the errors hold the spread of the draws. The
        draws are made for populations, and shrink differences between units where the model that
        they were drawn from knows no units.
    data : DataFrame, path, list of paths, or CrossProducts
        The sample it was fitted to.

    Returns
    -------
    PosteriorMeans
        ``.table`` has per group and term the estimate, its conditional and comparative standard
        error and its reliability. Those of a term in the residual's place are what the fixed part
        and all other effects leave of the rows.
    """
    if isinstance(fit, PooledFit):
        return posterior_means_of_draws(fit, data)
    return effects.posterior_means(evaluation_of(fit, sample_of(fit, data)))


def residuals(fit: Fit, data, by: str | None = None, stats: CrossProducts | None = None):
    """Residuals of the rows under a fit, summarised in one more pass over them.

    Parameters
    ----------
    fit : Fit
        A fit; its factors may be crossed and its rows have known precisions.
    data : DataFrame, path, or list of paths
        The rows it was fitted to (a path is a Parquet file or a folder of them). Memory is taken by
        one batch of rows and by the sums, not by the file.
    by : str, optional
        A category, such as the wave, by which residuals are summarised too.
    stats : CrossProducts, optional
        The sample of the fit, where it is at hand; else it is made by a pass of its own.

    Returns
    -------
    ResidualsByCategory
        Moments, normal quantiles and a histogram of the standardised residuals; mean and spread
        along the fixed part, along each numeric variable and by category.

    Raises
    ------
    StatisticsError
        When the sample is not the one of the fit.
    SurveyError
        When the rows are not those of the sample.
    """
    from mlm.rows.accumulating.sources import source_of
    from mlm.rows.residuals.residuals import residuals_of

    source = source_of(data)
    return residuals_of(fit, stats or sample_of(fit, data), source, by)


def predict(fit: Fit, frame, level: str | None = None, data=None):
    """Predicted response of the rows of a frame.

    Parameters
    ----------
    fit : Fit
        A fit.
    frame : DataFrame of n rows
        Holds the variables of the model, and the ids of the levels that are used.
    level : str, optional
        Innermost grouping factor whose effects are added, such as ``"school"``, with those of all
        factors that have fewer groups; default: fixed effects alone. Groups unknown to the fit get
        an effect of zero; those that it has in another spelling are told in a warning.
    data : DataFrame, path, list of paths, or CrossProducts, optional
        The sample of the fit, needed with ``level``.

    Returns
    -------
    ndarray (n,)
        In units of the response; NaN where a variable is missing.

    Raises
    ------
    ModelError
        When ``level`` is given without ``data``, or is no level of the fit.
    """
    from mlm.front.prediction import predicted

    if level is None:
        return predicted(fit, frame, None)
    if data is None:
        raise ModelError("predict with a level needs data=, the sample the model was fitted to.")
    return predicted(fit, frame, posterior_means(fit, data), level)


def fit_by_stratum(formula: str | Model, frame, variable: str, criterion: str = "REML"):
    """Fit a model with a residual variance of its own in each category of a variable.

    Parameters
    ----------
    formula : str or Model
        lme4 formula.
    frame : DataFrame
        Rows.
    variable : str
        A category with few values, such as the wave.
    criterion : {"REML", "ML"}
        What is optimised.

    Returns
    -------
    StrataFit
        ``.fit``, ``.variances`` by category, and ``.test`` against one residual variance.

    Raises
    ------
    ModelError, SurveyError, FitError
        As ``fit``; also when the search does not converge.
    """
    from mlm.nouns.characters import nfc
    from mlm.rows.accumulating.frame_source import in_normal_form
    from mlm.statistics.inference import residual_variances

    model = parse_formula(formula) if isinstance(formula, str) else formula
    variable = nfc(variable)
    frame = in_normal_form(frame, [variable])
    frame = frame[frame[variable].notna()]
    frame = frame.assign(**{variable: frame[variable].astype(str)})
    stats = statistics_of(model.with_residual(variable), frame)
    return residual_variances.fit_by_stratum(model, stats, variable, criterion)
