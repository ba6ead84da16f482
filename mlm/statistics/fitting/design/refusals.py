"""What a model with sampling weights cannot be: each refused by name."""

from __future__ import annotations

from mlm.errors import NotUnderWeights
from mlm.nouns.model import Model
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.evaluation import Criterion


def check_weighted(model: Model, criterion: Criterion) -> None:
    """Refuse REML, and residual variances that differ between categories.

    Raises
    ------
    NotUnderWeights
    """
    if criterion != "ML":
        raise NotUnderWeights(
            "the REML criterion",
            "log|X'V^-1X| does not grow with the weights, so that estimates would depend on their "
            "unit.",
            'Fit by criterion="ML"; the jackknife removes the bias of variances from few clusters.',
        )
    if model.residual is not None:
        raise NotUnderWeights(
            f"residual variances by {model.residual}",
            "sums by category and cluster are not kept.",
            "Leave diag(...) out, or the weights.",
        )


REFUSED = {
    "profile intervals": (
        "a likelihood of weighted rows falls as fast as the weights are large, not as the sample.",
        "Use fit.shares and the errors of fit.variance_components, which are those of the design.",
    ),
    "the parametric bootstrap": (
        "responses that are drawn from the model know nothing of the design.",
        "Use the jackknife over clusters.",
    ),
    "Kenward and Roger's errors": (
        "they are of REML and of a covariance that the model alone gives.",
        "Coefficients have t tests with the degrees of freedom of the design.",
    ),
    "Satterthwaite's degrees of freedom": (
        "they are of a covariance that the model alone gives.",
        'Use df="design": clusters less strata.',
    ),
    "residuals of rows": (
        "their sums have no weights yet.",
        "Take fit.beta and mlm.predict, or fit without weights to look at residuals.",
    ),
}


def check_unweighted(fit: Fit, what: str) -> None:
    """Refuse one of ``REFUSED`` for a fit whose rows have sampling weights.

    Raises
    ------
    NotUnderWeights
    """
    if fit.design is not None:
        raise NotUnderWeights(what, *REFUSED[what])
