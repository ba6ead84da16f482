"""Residual variances that differ between strata, such as waves, against one for all rows."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.nouns.model import Model
from mlm.results.reference import ChiSquared
from mlm.results.test import Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.reference import tested
from mlm.statistics.likelihood.evaluation import Criterion


@dataclass(frozen=True)
class StrataFit:
    """A fit with a residual variance of its own in every stratum.

    Attributes
    ----------
    variable : str
        The categorical variable that makes the strata.
    fit : Fit
        The model; its ``sigma2`` is the mean residual variance of the rows.
    test : Test
        Against one residual variance for all rows.
    """

    variable: str
    fit: Fit
    test: Test

    @property
    def variances(self) -> dict[str, float]:
        """Residual variance of each stratum, in squared units of the response."""
        return self.fit.residual_variances


def fit_by_stratum(
    model: Model,
    stats: CrossProducts,
    variable: str,
    criterion: Criterion = "REML",
    start: Fit | None = None,
    degrees: bool = True,
) -> StrataFit:
    """Fit a model with a residual variance for each category of a variable, and test them.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        A sample whose waves were merged, where the variable is the wave (``plan.time.factor``), or
        that was accumulated for a model with these residual variances.
    variable : str
        The variable that makes the strata.
    criterion : {"REML", "ML"}
        What is optimised.
    start : Fit, optional
        A fit of a similar model.
    degrees : bool
        Whether degrees of freedom are needed, as for ``solve``.

    Returns
    -------
    StrataFit
        The likelihood-ratio test has chi-squared with one degree of freedom less than strata.

    Raises
    ------
    StatisticsError
        When the sample does not tell the strata apart.
    ModelError
        When a stratum has too few rows, or a term takes the residual's place.
    FitError
        When the residual variance of a stratum is zero.

    Source
    ------
    Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, section 5.2 (``varIdent``).
    """
    equal = fit_model(model.with_residual(None), stats, criterion, start, degrees)
    fit = fit_model(model.with_residual(variable), stats, criterion, equal, degrees)
    return StrataFit(variable, fit, equality_of(equal, fit))


def equality_of(equal: Fit, fit: Fit) -> Test:
    """Likelihood-ratio test of one residual variance for all rows against one for each stratum.

    Parameters
    ----------
    equal, fit : Fit
        The model with one residual variance, and with one for each stratum.
    """
    statistic, df = max(equal.deviance - fit.deviance, 0.0), len(fit.residual_variances) - 1
    return tested(statistic, df, ChiSquared(df=df))
