"""Units drawn again, against samples with their rows repeated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.unit_totals import unit_totals
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.selection.inclusion import RESAMPLING_SEED, BackwardOnEstimates
from mlm.statistics.selection.unit_resampling import _pieces, resampled
from tests.bundled_rows import bundled_survey
from tests.plans import merged

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
ROUNDING = 1e-9  # sums in another order


def test_a_draw_of_units_is_the_sample_with_these_units_repeated():
    """Against rows: schools drawn twice stand in their county under a second name."""
    plan, stats, frame = bundled_survey()
    model = plan.full_model()
    fit = fit_model(model, stats, "ML")
    part = excerpt(model, stats)
    found = unit_totals(plan, part)
    evaluated = evaluation_of(fit, part)
    working, at = evaluated.working, evaluated.at
    pieces = _pieces(evaluated, found)
    same = pieces.drawn(working, at, np.ones(len(found.units)))
    assert same.beta == pytest.approx(at.beta) and same.residual == pytest.approx(at.residual)
    n = len(found.units)
    weights = np.random.default_rng(4).multinomial(n, np.full(n, 1 / n)).astype(float)
    drawn = pieces.drawn(working, at, weights)
    together = pieces.totals_under(np.stack([np.ones(n), weights]))
    assert pieces.drawn(working, at, weights, together[1]).deviance == pytest.approx(drawn.deviance)
    level = part.level(("county", "school"))
    bundle = found.places(level.keys, level.group)
    copies = []
    for county, school, place in zip(*level.keys, bundle, strict=True):
        own = frame[(frame["county"] == county) & (frame["school"] == school)]
        for copy in range(int(weights[place])):
            copies.append(own.assign(school=f"{school}-{copy}"))
    repeated = excerpt(model, merged(plan, pd.concat(copies)))
    other = working_statistics(model, repeated, pooled=False)
    expected = evaluate(other, list(at.omegas), "ML")
    (origin, unit), (other_origin, other_unit) = working.response, other.response
    beta = unit * np.linalg.inv(working.transform) @ drawn.beta
    again = other_unit * np.linalg.inv(other.transform) @ expected.beta
    beta[0], again[0] = beta[0] + origin, again[0] + other_origin
    assert beta == pytest.approx(again)
    assert drawn.residual * unit**2 == pytest.approx(expected.residual * other_unit**2)


def test_drawn_units_keep_what_matters_and_drop_noise():
    plan, stats, _ = bundled_survey(12, 3)
    fit = fit_model(plan.full_model(), stats, "ML")
    found = resampled(plan, fit, stats, (), 60)
    assert found.group == ("county", "school") and found.bundles >= 30 and found.failed == 0
    kept = dict(zip(map(str, found.inclusion.terms), found.inclusion.kept, strict=True))
    assert kept["x"] == 1.0 and kept["year:x"] < 0.5
    assert resampled(plan, fit, replace(stats, bundles=()), ()) is None


def test_each_draw_of_units_is_reduced_with_its_own_number_of_rows(monkeypatch):
    plan, stats, _ = bundled_survey(40)
    full = fit_model(plan.full_model(), stats, "ML")
    run, seen = BackwardOnEstimates.run, []

    def noted(self, fixed):
        seen.append(fixed.degrees)
        return run(self, fixed)

    monkeypatch.setattr(BackwardOnEstimates, "run", noted)
    found = resampled(plan, full, stats, replicates=5)
    rows = unit_totals(plan, excerpt(full.model, stats)).totals[:, 0, 0]
    rng = np.random.default_rng(RESAMPLING_SEED)
    even = np.full(found.bundles, 1.0 / found.bundles)
    assert seen == [round(float(rng.multinomial(rows.size, even) @ rows)) for _ in range(5)]
    assert len(set(seen)) > 1
