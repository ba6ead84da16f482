"""Likelihood-ratio tests of several imputations as one, whatever their reference distribution."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.results.test import AnyTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test


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


def median_ratio_test(pairs: Sequence[tuple[Fit, Fit, CrossProducts]]) -> AnyTest:
    """The likelihood-ratio test with the median p-value, of a model fitted to all imputations.

    By one reference distribution the median p-value is that of the median statistic. A mixture,
    which takes many evaluations, is that of the imputation which has this statistic.

    Parameters
    ----------
    pairs : sequence of (Fit, Fit, CrossProducts)
        The smaller and the larger model, and the sample, of each imputation.

    Returns
    -------
    Test or RefusedTest
        As ``median_test``.
    """
    if len(pairs) == 1:
        return likelihood_ratio_test(*pairs[0])
    rough = [likelihood_ratio_test(small, large) for small, large, _ in pairs]
    made = [(i, test) for i, test in enumerate(rough) if isinstance(test, Test)]
    if 2 * len(made) <= len(rough):
        return median_test(rough)
    if any(test.reference != made[0][1].reference for _, test in made):
        return median_test([likelihood_ratio_test(*pair) for pair in pairs])
    made.sort(key=lambda each: -each[1].statistic)
    found = likelihood_ratio_test(*pairs[made[len(made) // 2][0]])
    return found.model_copy(update={"pooled": "median"})
