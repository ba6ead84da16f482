"""Linking error: what independent calibrations add to differences between waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """A difference between two waves whose scales were linked.

    Attributes
    ----------
    estimate : float
        Later less earlier.
    std_error : float
        With the linking error where the quantity is in score points.
    linking_error : float
        What was added to it, in score points; 0 where the quantity has no such unit.
    """

    estimate: float
    std_error: float
    linking_error: float


def difference(
    earlier: tuple[float, float],
    later: tuple[float, float],
    linking_error: float,
    in_score_points: bool = True,
) -> Difference:
    """Difference of a quantity between two waves of independent samples.

    Parameters
    ----------
    earlier, later : tuple of float
        Estimate and standard error.
    linking_error : float
        Standard error of the link between the scales of the two waves, in score points.
    in_score_points : bool
        Whether the quantity is measured in them, as means and slopes are: shares of the variance,
        shares of pupils and correlations carry no linking error of this kind.

    Source
    ------
    OECD (2009), PISA Data Analysis Manual, chapter on trends: the variance of the link is added to
    those of both estimates.
    """
    link = float(linking_error) if in_score_points else 0.0
    error = float(np.sqrt(earlier[1] ** 2 + later[1] ** 2 + link**2))
    return Difference(later[0] - earlier[0], error, link)
