"""A fit at parameters other than its estimates."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.fitting.at_parameters import evaluated_at
from mlm.statistics.fitting.form_search import FormSearch
from tests.effects_over_waves import WAVES, common, prepared, rows, with_engine, with_form


@pytest.mark.parametrize("form", ["csh", None])
def test_at_the_estimates_it_is_the_fit(form):
    frame, _ = rows(4, common(0.6, 3), schools=30, size=6)
    plan, _, stats = prepared(frame, WAVES[:3])
    fitted = with_engine(plan, stats, form) if form else with_form(plan, stats, "part_by_wave")
    found = evaluated_at(fitted.evaluated, fitted.best.theta).fit
    assert found.deviance == pytest.approx(fitted.fit.deviance, abs=1e-7)
    for mine, its in zip(found.covariances, fitted.fit.covariances, strict=True):
        assert mine == pytest.approx(its, rel=1e-7)
    moved = 1.1 * fitted.best.theta
    elsewhere = evaluated_at(fitted.evaluated, moved).fit.deviance
    search = FormSearch(fitted.working, "REML")
    assert elsewhere == pytest.approx(search.value(moved), abs=1e-7)
    assert elsewhere > fitted.fit.deviance and np.isfinite(elsewhere)
