"""Back-tests of followed pupils, whose effects stay in the means of their schools."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.over_time.back_test import back_test
from mlm.statistics.answers.over_time.carried_forward import carried_model
from mlm.statistics.selection.random_part.search import settled_forms
from tests.bands import binomial_band, correlation_band
from tests.effects_over_waves import followed, level_of

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]


def test_followed_pupils_do_not_make_a_back_test_look_better_than_it_is():
    """Units of a survey share its variances: they are worth half their number."""
    tests = []
    for seed in range(16):
        plan, model, stats, _ = followed(seed)
        settled = settled_forms(plan, model, stats, 0.05).reml
        carried = carried_model(plan, settled, level_of(plan, stats))
        tests.append(back_test(plan, settled, carried))
    units = sum(t.units for t in tests)
    low, high = binomial_band(units // 2, 0.95)
    assert low <= np.average([t.coverage for t in tests]) <= high
    low, high = correlation_band(np.mean([t.expected for t in tests]), units)
    assert low <= np.mean([t.correlation for t in tests]) <= high
    assert all(0.8 < t.returning < 0.95 for t in tests)
