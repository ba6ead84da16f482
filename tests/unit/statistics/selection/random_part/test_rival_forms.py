"""Of two forms with as many parameters the one that fits better is taken."""

from __future__ import annotations

import pytest

from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.random_part import rival_forms
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from mlm.statistics.selection.random_part.rival_forms import better_rival
from tests.effects_over_waves import SCHOOL, common, decaying, prepared, rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]


@pytest.mark.parametrize(
    ("correlation", "better"), [(decaying(0.6), "autoregressive"), (common(0.5, 4), "part_by_wave")]
)
def test_the_form_that_fits_better_is_taken_from_the_other(correlation, better):
    plan, model, stats = prepared(rows(3, correlation, schools=60, size=6)[0])
    levels = recurring_levels(plan, stats)
    for form in ("part_by_wave", "autoregressive"):
        before = solve(levels[0].with_form(model, form), stats)
        found = better_rival(plan, levels, {SCHOOL: form}, before, (), ())
        assert (None if found is None else found[0].form) == (None if form == better else better)


@pytest.mark.parametrize("correlation", [decaying(0.6), common(0.5, 4)])
def test_a_form_that_does_not_fit_better_is_told_without_its_optimum(correlation):
    """Of two with as many parameters; the fit itself is not made."""
    plan, model, stats = prepared(rows(3, correlation, schools=60, size=6)[0])
    (level,) = recurring_levels(plan, stats)
    before = solve(level.with_form(model, "part_by_wave"), stats)
    other = level.with_form(model, "autoregressive")
    above = solve(other, stats).fit.deviance - before.fit.deviance
    assert abs(above) > 1.0
    stats.fits.clear()
    assert rival_forms._surely_above(other, before) is (above > 0.0)
    assert not stats.fits
