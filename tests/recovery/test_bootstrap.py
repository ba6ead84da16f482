"""Bootstrap tests keep their level; what is drawn is what rows would give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.inference.bootstrap import bootstrap_test, draw_statistics
from tests.bands import FALSE_ALARM
from tests.dense_rows import dense
from tests.nested_rows import nested_rows
from tests.quiet_fits import quiet


@pytest.mark.study
def test_the_size_of_the_test_is_its_level():
    """P-values of data from the null model are uniform; few groups, fixed effect of a group."""
    rng, values = np.random.default_rng(10), []
    rows = nested_rows(rng, {"a": 6, "row": 4}, {"a": 0.5})
    text = "y ~ z + (1 | a)"
    small_text = "y ~ 1 + (1 | a)"
    truth = quiet(small_text, statistics_of(parse_formula(text), rows), "ML")
    truth = replace(truth, omegas=(np.array([[0.5]]),))
    drawing = drawing_of(truth, statistics_of(parse_formula(text), rows))
    for _ in range(60):
        stats = drawing.draw(rng)
        small, large = quiet(small_text, stats, "ML"), quiet(text, stats, "ML")
        values.append(bootstrap_test(small, large, stats, draws=49).p_value)
    assert kstest(values, "uniform").pvalue > FALSE_ALARM


@pytest.mark.study
def test_drawn_statistics_agree_with_simulated_rows():
    rows = nested_rows(np.random.default_rng(6), {"a": 6, "row": 4}, {"a": 0.4})
    stats = statistics_of(parse_formula("y ~ x + (1 + x | a)"), rows)
    small, large = quiet("y ~ x + (1 | a)", stats), quiet("y ~ x + (1 + x | a)", stats)
    drawn = draw_statistics(small, large, stats, 150, seed=1)
    matrices = dense(small.model, rows)
    root = np.linalg.cholesky(
        matrices.covariance([small.sigma2 * o for o in small.omegas], small.sigma2)
    )
    rng = np.random.default_rng(7)
    simulated = []
    for _ in range(150):
        frame = rows.assign(y=matrices.x @ small.beta + root @ rng.standard_normal(len(rows)))
        again = statistics_of(parse_formula("y ~ x + (1 + x | a)"), frame)
        pair = [quiet(text, again).deviance for text in (small.formula, large.formula)]
        simulated.append(max(pair[0] - pair[1], 0.0))
    assert ks_2samp(drawn, simulated).pvalue > FALSE_ALARM
