"""Likelihood-ratio tests of several imputations as one, whatever their reference distribution."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.results.test import AnyTest, Test


def median_test(tests: Sequence[AnyTest]) -> AnyTest:
    """The test with the median p-value of those of all imputations.

    Rules that combine statistics (D2 to D4) know chi-squared alone; variances that may be zero have
    mixtures. The p-value of the middle one needs no distribution.

    Parameters
    ----------
    tests : sequence of Test or RefusedTest
        Of each imputation.

    Returns
    -------
    Test or RefusedTest
        Of an even number the larger of both in the middle; the first refusal where half of them or
        more were refused; a single test as it is.

    Source
    ------
    Eekhout, van de Wiel and Heymans (2017), BMC Med. Res. Methodol. 17, 129 (median p-rule).
    """
    if len(tests) == 1:
        return tests[0]
    made = sorted((t for t in tests if isinstance(t, Test)), key=lambda t: t.p_value)
    if 2 * len(made) <= len(tests):
        return next(t for t in tests if not isinstance(t, Test))
    return made[len(made) // 2].model_copy(update={"pooled": "median"})
