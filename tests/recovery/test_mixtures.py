"""Mixtures of chi-squared distributions against the bootstrap with many groups."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.inference.bootstrap import draw_statistics
from mlm.statistics.inference.reference import mixture
from tests.bands import FALSE_ALARM, binomial_band
from tests.nested_rows import nested_rows
from tests.quiet_fits import quiet

CONSERVATIVE = 0.05


@pytest.mark.study
@pytest.mark.parametrize(
    "small,large",
    [
        ("y ~ x", "y ~ x + (1 | a) + (1 | a:b)"),
        ("y ~ x", "y ~ x + (1 + x | a)"),
        ("y ~ x + (1 | a)", "y ~ x + (1 + x | a) + (1 | a:b)"),
    ],
)
def test_mixtures_are_near_the_bootstrap_with_many_groups(small, large):
    """Mixtures are conservative with 60 groups: 0.40 instead of 0.44 of a 2 x 2 matrix exceed 1.

    What is drawn may be rarer by as much as ``CONSERVATIVE``.
    """
    sizes = {"a": 60, "b": 3, "row": 4}
    rows = nested_rows(np.random.default_rng(10), sizes, {"a": 0.4 if "a" in small else 0.0})
    stats = statistics_of(parse_formula("y ~ x + (1 + x | a) + (1 | a:b)"), rows)
    one, other = quiet(small, stats), quiet(large, stats)
    drawn = draw_statistics(one, other, stats, 400, seed=1)
    reference = mixture(one, other, stats)
    for statistic in (0.2, 1.0, 3.0):
        at = reference.tail(statistic)
        near = (max(at - CONSERVATIVE, 0.0), min(at + CONSERVATIVE, 1.0))
        low, high = binomial_band(drawn.size, near, FALSE_ALARM / 3)
        assert low <= np.mean(drawn >= statistic) <= high
