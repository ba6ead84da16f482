"""Likelihood-ratio tests of models that were fitted to several imputations."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from mlm.errors import NotPooled, NotUnderWeights, SingularFit
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.stacked import stacked
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.pooling.deviance_at import deviance_at
from mlm.statistics.pooling.joint_tests import JointTest, d2, d3, d4
from mlm.statistics.pooling.pooled_fit import PooledFit

Method = Literal["D2", "D3", "D4"]


def pooled_likelihood_ratio(
    small: PooledFit, large: PooledFit, stats: CrossProducts | None, method: Method
) -> JointTest:
    """Likelihood-ratio test of a model against a larger one, both fitted by ML to M imputations.

    Parameters
    ----------
    small, large : PooledFit
        Models that differ in fixed terms, fitted to the same imputations.
    stats : CrossProducts or None
        The sample with the columns of all plausible values; D2 does without it.
    method : {"D2", "D3", "D4"}
        D4 pools by the likelihood averaged over the imputations (Chan and Meng 2022), D3 by the
        likelihoods at averaged parameters (Meng and Rubin 1992), D2 by the statistics alone (Li et
        al. 1991).

    Raises
    ------
    NotPooled
        When the models are not so, or the method cannot do it, with the reason.
    """
    df = _check(small, large, stats, method)
    pairs = list(zip(small.fits, large.fits, strict=True))
    statistics = np.array([max(s.deviance - f.deviance, 0.0) for s, f in pairs])
    if method == "D2":
        return d2(statistics, df)
    if method == "D3":
        return d3(statistics, _at_means(small, stats) - _at_means(large, stats), df)
    gain = _of_stack(small, stats) - _of_stack(large, stats)
    return d4(statistics, gain, df)


def _at_means(pooled: PooledFit, stats: CrossProducts) -> np.ndarray:
    """Deviance (M,) of each draw at the parameters averaged over all."""
    fits = pooled.fits
    by_term = zip(*(fit.covariances for fit in fits), strict=True)
    covariances = [np.mean(parts, axis=0) for parts in by_term]
    beta, sigma2 = np.mean([f.beta for f in fits], axis=0), pooled.sigma2
    return np.array([deviance_at(f.model, stats, beta, covariances, sigma2) for f in fits])


def _of_stack(pooled: PooledFit, stats: CrossProducts) -> float:
    """Least deviance of the likelihood averaged over the draws."""
    draws = range(len(pooled.fits))
    names = [{score.columns[m]: score.name for score in pooled.scores} for m in draws]
    stack = stacked([fit.model for fit in pooled.fits], stats, names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)  # told of the draws
        return fit_model(pooled.model, stack, "ML").deviance / len(pooled.fits)


def _check(small: PooledFit, large: PooledFit, stats: CrossProducts | None, method: Method) -> int:
    """Refuse what cannot be tested so; the number of parameters that are tested."""
    if any(fit.design is not None for fit in (*small.fits, *large.fits)):
        raise NotUnderWeights(
            "a likelihood-ratio test of plausible values",
            "a weighted likelihood is no likelihood, and its ratio depends on the unit of weights.",
            "Test terms by mlm.wald_test (D1).",
        )
    if {small.criterion, large.criterion} != {"ML"}:
        raise NotPooled(
            "likelihoods are compared of fits by ML, and these are by "
            f'{small.criterion} and {large.criterion}. Fit both with criterion="ML", or test terms '
            "by mlm.wald_test."
        )
    if large.nests is not None:
        raise NotPooled(
            "D2 to D4 are of imputations that are not nested. Look at the columns one by one in "
            "fixed_effects."
        )
    if len(small.fits) != len(large.fits) or any(
        s.fingerprint != f.fingerprint for s, f in zip(small.fits, large.fits, strict=False)
    ):
        raise NotPooled("the models were fitted to different samples: accumulate once for both.")
    if small.model.random != large.model.random or not set(small.names) <= set(large.names):
        raise NotPooled(
            "the models are not nested in their fixed terms with the same random part. Variances "
            "at zero have no pooled likelihood-ratio test: look at fits[m] one by one."
        )
    df = len(large.names) - len(small.names)
    if not df:
        raise NotPooled("the models have the same terms: there is nothing to test.")
    if method not in ("D2", "D3", "D4"):
        raise NotPooled(f"method {method!r}: expected 'D2', 'D3' or 'D4'.")
    if method != "D2":
        _check_sample(large, stats, method)
    return df


def _check_sample(large: PooledFit, stats: CrossProducts | None, method: Method) -> None:
    if stats is None or not large.scores:
        raise NotPooled(
            f"{method} needs the likelihood at other parameters: the sample, data=, of fits to "
            'plausible values. Of imputed files only method="D2" is known, or mlm.wald_test (D1).'
        )
    has_forms = any(fit.n_covariance is not None or fit.ratios is not None for fit in large.fits)
    if method == "D3" and has_forms:
        raise NotPooled(
            "D3 averages parameters, and those of covariances with forms or of residual variances "
            'by category have no mean of their kind. Use method="D4".'
        )
