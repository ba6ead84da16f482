"""Intervals with unequal sides, such as those by profile, pooled over imputations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.distributions import TWO_SIDED_95, student_quantile
from mlm.statistics.inference.profile import Ends
from mlm.statistics.pooling.scales import IDENTITY, UPPER, Transformation


def pooled_ends(values: Sequence[float], intervals: Sequence[Ends], scale: Transformation) -> Ends:
    """The mean of a quantity over imputations, with an interval from those inside them.

    The squared reach to each side is that inside an imputation, on average, and what the spread of
    the imputations adds: the variance recovered from an end stands for Rubin's variance within.

    Parameters
    ----------
    values : sequence of float
        The estimate of each of M imputations.
    intervals : sequence of Ends
        95 % intervals inside some of them, one at least.
    scale : Transformation
        On which reaches are taken; that of the quantity itself where an imputation or an end lies
        on a bound.

    Source
    ------
    Zou and Donner (2008), Stat. Med. 27, 1693-1702 (variances from ends of intervals); Rubin
    (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3.
    """
    found = np.asarray(values, float)
    centre = float(found[0] + np.mean(found - found[0]))
    ends = np.array([[each.value, each.lower, each.upper] for each in intervals], dtype=float)
    if (ends == ends[0]).all() and (found == found[0]).all():
        return Ends(centre, float(ends[0, 1]), float(ends[0, 2]))
    whole = np.concatenate([found, ends.ravel()])
    used = scale if scale.holds(whole[np.isfinite(whole)]).all() else IDENTITY
    moved = used.to(ends)
    between = (1.0 + 1.0 / found.size) * float(np.var(used.to(found), ddof=1))
    reaches = [
        _reach(np.mean((moved[:, 0] - moved[:, side]) ** 2), between, found.size) for side in (1, 2)
    ]
    at = float(used.to(np.float64(centre)))
    lower, upper = (
        float(used.back(np.float64(at + sign * reach)))
        for sign, reach in zip((-1.0, 1.0), reaches, strict=True)
    )
    return Ends(centre, max(lower, scale.lowest), min(upper, scale.highest))


def _reach(within: float, between: float, m: int) -> float:
    """Reach of an interval from its square inside an imputation and the variance between them."""
    if not between > 0.0:
        return float(np.sqrt(within))
    variance = within / TWO_SIDED_95**2
    df = (m - 1) * ((variance + between) / between) ** 2
    return float(student_quantile(UPPER, df) * np.sqrt(variance + between))
