"""Where slopes begin that another model lacks."""

from __future__ import annotations

import pytest

from mlm.statistics.fitting.leaving_bounds import _variance

LIFT = 0.02


def derivative(variance: float, error: float, square: float) -> float:
    """By a variance, each a group, where the effects of all groups are known equally well."""
    return (variance + error - square) / (variance + error) ** 2


@pytest.mark.parametrize("found", [1e-4, 2e-3, 0.015, 0.2])
@pytest.mark.parametrize("error", [1e-4, 1e-3, 0.05])
def test_a_variance_is_foreseen_where_groups_tell_equally_much(found, error):
    slope, there = (derivative(v, error, error + found) for v in (0.0, LIFT))
    assert _variance(slope, there, LIFT) == pytest.approx(found, rel=1e-9)


def test_where_no_such_effects_explain_the_derivatives_a_line_does():
    assert _variance(-10.0, 90.0, LIFT) == pytest.approx(0.1 * LIFT)
    assert _variance(-10.0, -9.9, LIFT) == LIFT
