"""The licence to rank: what must hold before units may be shown in order."""

from __future__ import annotations

from collections.abc import Mapping

from mlm.nouns.fewest import FEWEST_RANKED
from mlm.results.units import LicenceCheck
from mlm.statistics.answers.units.unit_comparison import UnitComparison

Estimate = tuple[float | None, float | None]  # a number and the lower end of its 95 % interval


def ranking_licence(
    comparison: UnitComparison,
    p_value: float | None,
    stability: tuple[float | None, float | None],
    thresholds: Mapping[str, float],
    alpha: float,
    with_stability: bool,
) -> tuple[LicenceCheck, ...]:
    """Conditions under which a list of units may be shown in order.

    Reliability and stability are judged by the lower ends of their 95 % intervals. The share of
    pairs is no estimate: it counts intervals, which hold the error of the variances themselves.

    Parameters
    ----------
    comparison : UnitComparison
        The units compared.
    p_value : float or None
        Test that the level's variance is zero.
    stability : tuple of float or None
        Correlation of the true effects between waves, and the lower end of its interval; None where
        they could not be estimated.
    thresholds : mapping
        ``reliability``, ``separable`` and ``stability``.
    alpha : float
        Level of the variance test.
    with_stability : bool
        Whether units are seen in several waves, so that stability is asked for.

    Returns
    -------
    tuple of LicenceCheck
        The licence is granted when all have passed.
    """

    return licence_checks(
        int(comparison.ranked.sum()),
        p_value,
        (comparison.mean_reliability, comparison.reliability_lower),
        comparison.separable,
        stability if with_stability else None,
        thresholds,
        alpha,
    )


def licence_checks(
    units: int,
    p_value: float | None,
    reliability: Estimate,
    separable: float,
    stability: Estimate | None,
    thresholds: Mapping[str, float],
    alpha: float,
) -> tuple[LicenceCheck, ...]:
    """The same from the numbers that are judged, however they were found.

    Parameters
    ----------
    units : int
        Units that are ranked.
    p_value : float or None
        Test that the level's variance is zero.
    reliability : tuple of float or None
        Mean reliability of what is ranked, and the lower end of its 95 % interval.
    separable : float
        Share of pairs that are told apart.
    stability : tuple of float or None, optional
        Correlation between waves and its lower end; None where it is not asked for.
    thresholds : mapping
        ``reliability``, ``separable`` and ``stability``.
    alpha : float
        Level of the variance test.
    """

    def at_least(check: str, value: float | None, lower: float | None) -> LicenceCheck:
        needed = thresholds[check]
        passed = value is not None and lower is not None and min(value, lower) >= needed
        return LicenceCheck(check=check, value=value, lower=lower, threshold=needed, passed=passed)

    clear, enough = p_value is not None and p_value < alpha, units >= FEWEST_RANKED
    checks = [
        LicenceCheck(check="units", value=units, threshold=FEWEST_RANKED, passed=enough),
        LicenceCheck(check="variance", value=p_value, threshold=alpha, passed=clear),
        at_least("reliability", *reliability),
        LicenceCheck(
            check="separable",
            value=separable,
            threshold=thresholds["separable"],
            passed=separable >= thresholds["separable"],
        ),
    ]
    if stability is not None:
        checks.append(at_least("stability", *stability))
    return tuple(checks)
