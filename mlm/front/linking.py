"""The front door for linking errors of differences between waves."""

from __future__ import annotations

from collections.abc import Mapping

from mlm.errors import StatisticsError, listed
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.pooling.linking import linked
from mlm.statistics.pooling.pooled_fit import PooledFit

MOST_COEFFICIENTS = 8  # that a message names


def with_linking_error(fit: Fit | PooledFit, errors: Mapping[str, float]) -> Fit | PooledFit:
    """A fit whose standard errors hold the error of the link between the scales of waves.

    Scales of waves that were calibrated apart are linked by items that they have in common; the
    error of the link is the same for all pupils, so that no sample of them shows it. A change of
    means over waves is too certain without it. Shares, variances and correlations carry none.

    Parameters
    ----------
    fit : Fit or PooledFit
        A fit.
    errors : mapping of str to float
        By coefficient that is a difference between waves, such as ``"wave[T.2012]"``: the standard
        error of the link, in units of the response, as it is published with the waves.

    Returns
    -------
    Fit or PooledFit
        The same estimates; ``sampling_error`` and ``imputation_error`` of a pooled fit are without
        the link.

    Raises
    ------
    StatisticsError
        When a name is that of no coefficient, or an error is negative.

    Examples
    --------
    >>> import mlm, pandas as pd
    >>> rows = pd.DataFrame({"g": list("aabbccdd"), "wave": list("12121212"),
    ...                      "y": [1.0, 2, 4, 6, 2, 3, 7, 8]})
    >>> fit = mlm.fit("y ~ wave + (1 | g)", rows)
    >>> linked = mlm.with_linking_error(fit, {"wave[T.2]": 0.5})
    >>> bool(abs(linked.covariance[1, 1] - fit.covariance[1, 1] - 0.25) < 1e-12)
    True
    """
    unknown = [name for name in errors if name not in fit.names]
    if unknown:
        raise StatisticsError(
            f"no coefficient {listed(unknown)}; the fit has {listed(fit.names, MOST_COEFFICIENTS)}."
        )
    negative = [name for name, error in errors.items() if not error >= 0.0]
    if negative:
        raise StatisticsError(
            f"the linking error of {listed(negative)} is no standard error: expected zero or more."
        )
    return linked(fit, [float(errors.get(name, 0.0)) for name in fit.names])
