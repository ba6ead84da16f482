"""The licence to rank: what must hold before units may be shown in order."""

from __future__ import annotations

from collections.abc import Mapping

from mlm.nouns.fewest import FEWEST_RANKED
from mlm.results.units import LicenceCheck
from mlm.statistics.answers.units.unit_comparison import UnitComparison


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

    def at_least(check: str, value: float | None, lower: float | None) -> LicenceCheck:
        needed = thresholds[check]
        passed = value is not None and lower is not None and min(value, lower) >= needed
        return LicenceCheck(check=check, value=value, lower=lower, threshold=needed, passed=passed)

    clear, units = p_value is not None and p_value < alpha, int(comparison.ranked.sum())
    enough = units >= FEWEST_RANKED
    checks = [
        LicenceCheck(check="units", value=units, threshold=FEWEST_RANKED, passed=enough),
        LicenceCheck(check="variance", value=p_value, threshold=alpha, passed=clear),
        at_least("reliability", comparison.mean_reliability, comparison.reliability_lower),
        LicenceCheck(
            check="separable",
            value=comparison.separable,
            threshold=thresholds["separable"],
            passed=comparison.separable >= thresholds["separable"],
        ),
    ]
    if with_stability:
        checks.append(at_least("stability", *stability))
    return tuple(checks)
