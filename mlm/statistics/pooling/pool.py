"""Fits of one model to a pooled fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import NotPooled, listed
from mlm.nouns.fewest import FEWEST_IMPUTATIONS
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.pooling.components import components_of, share_weights
from mlm.statistics.pooling.naming import Naming
from mlm.statistics.pooling.nested import pooled_nested
from mlm.statistics.pooling.pooled_components import ShareByDesign, pooled_components, pooled_shares
from mlm.statistics.pooling.pooled_fit import PooledFit
from mlm.statistics.pooling.rubin import pooled


def pool(
    fits: Sequence[Fit],
    samples: Sequence[CrossProducts] | None = None,
    naming: Naming | None = None,
    nests: int | None = None,
) -> PooledFit:
    """Fits of a model to M imputations or plausible values as one conclusion.

    Parameters
    ----------
    fits : sequence of Fit
        One an imputation, of the same model by the same criterion.
    samples : sequence of CrossProducts, optional
        The sample of each, from which the errors of variances come.
    naming : Naming, optional
        The names to say it with, where those of the fits differ by the draws' columns.
    nests : int, optional
        Nests, where imputations are nested; the fits come nest by nest, as many in each.

    Raises
    ------
    NotPooled
        When there are fewer than two fits, or they are not of one model.

    Source
    ------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3; Barnard and Rubin (1999),
    Biometrika 86, 948-955, with the mean of Satterthwaite's degrees of freedom for those of
    complete data, or those of the design of the sample; nested imputations: Rubin (2003), Stat.
    Neerl. 57, 3-18.
    """
    fits = tuple(fits)
    check_poolable(fits, named=naming is not None)
    named = naming or Naming.of(fits[0])
    shape = (len(fits),) if nests is None else (nests, len(fits) // nests)
    p = fits[0].beta.size
    effects = (pooled if nests is None else pooled_nested)(
        np.array([fit.beta for fit in fits]).reshape(*shape, p),
        np.array([fit.covariance for fit in fits]).reshape(*shape, p, p),
        np.mean([fit.degrees for fit in fits], axis=0),
    )
    known = [None] * len(fits) if samples is None else samples
    parts = [components_of(f, named.random_names, s) for f, s in zip(fits, known, strict=True)]
    weights = [
        share_weights(fit, part.entries, stats)
        for fit, part, stats in zip(fits, parts, known, strict=True)
    ]
    shares = None
    if all(w is not None for w in weights):
        shares = pooled_shares(parts, weights, shape, shares_by_design(fits))
    return PooledFit(
        named.model,
        named.names,
        named.terms,
        named.coefficients,
        fits,
        effects,
        pooled_components(parts, shape),
        named.random_names,
        shares,
        named.scores,
        nests,
    )


def shares_by_design(fits: Sequence[Fit]) -> dict[str, ShareByDesign]:
    """Errors of shares by grouping factor, by the design of the sample; empty without one."""
    if any(fit.design is None for fit in fits):
        return {}
    return {
        same[0].group: ShareByDesign(
            float(np.mean([share.df for share in same])),
            float(np.mean([share.skewness for share in same])),
            np.array([share.logit_error for share in same]),
        )
        for same in zip(*(fit.design.shares for fit in fits), strict=True)
    }


def check_poolable(fits: Sequence[Fit], named: bool = False) -> None:
    """Refuse fits that are not of one model to several imputations.

    Parameters
    ----------
    fits : sequence of Fit
        To be pooled.
    named : bool
        Whether their columns differ in names alone.

    Raises
    ------
    NotPooled
        Saying what differs, and in which fit first.
    """
    wrong = [type(fit).__name__ for fit in fits if not isinstance(fit, Fit)]
    if wrong:
        raise NotPooled(f"{listed(wrong)} is no fit; expected the fits of all imputations.")
    if len(fits) < FEWEST_IMPUTATIONS:
        raise NotPooled(
            f"{len(fits)} fit: the spread of imputations needs {FEWEST_IMPUTATIONS} or more. Give "
            "the fits of all imputations; a single one hides what is not known."
        )
    for place, fit in enumerate(fits[1:], start=2):
        found = _difference(fits[0], fit, named)
        if found:
            raise NotPooled(
                f"fit {place} ({fit.formula}) is not of the same model as fit 1: {found}. Fit the "
                "same model to each imputation, by the same criterion."
            )


def _difference(first: Fit, fit: Fit, named: bool) -> str | None:
    """In what a fit differs from the first one; None where they are of one model."""
    if fit.criterion != first.criterion:
        return f"one is by {fit.criterion}, the other by {first.criterion}"
    if named:
        lengths = (fit.beta.size, first.beta.size)
        return (
            f"it has {lengths[0]} fixed columns, not {lengths[1]}"
            if len(set(lengths)) > 1
            else None
        )
    if fit.names != first.names:
        alone = sorted(set(fit.names) ^ set(first.names)) or ["their order"]
        return f"the fixed columns differ ({listed(alone)})"
    if fit.model.random != first.model.random or fit.random_names != first.random_names:
        return "the random terms differ"
    return None
