"""The back-test estimates all without the last wave, the mean included."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Term
from mlm.statistics.answers.over_time.all_waves import at_all_waves
from mlm.statistics.answers.over_time.back_test import back_test, earlier_model, wave_means
from mlm.statistics.answers.over_time.carried_forward import carried_model
from mlm.statistics.evidence.by_wave import without_wave
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.selection.random_part.forms import covariance_over_waves, form_of
from mlm.statistics.selection.random_part.slopes import with_slope
from tests.effects_over_waves import SCHOOL, WAVES, common, level_of, prepared, rows, with_form
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


def sample():
    frame, _ = rows(3, common(0.6, 3), schools=40, size=6)
    return frame, *prepared(frame, WAVES[:3])


def test_what_the_last_wave_adds_to_the_mean_is_foretold_from_the_wave_before():
    """A slope of x by wave: that of the wave before holds, whatever the last wave shows."""
    frame, *_ = sample()
    last = frame[WAVE] == "w2"
    frame.loc[last, "y"] += 3.0 * frame.loc[last, "x"]
    plan = make_plan("same_schools", waves=WAVES[:3], by_time=("x",), terms=("x",), slopes=())
    stats = merged(plan, frame).without_levels(("county",))
    model = plan.full_model()
    model = model.with_random([r for r in model.random if r.group != ("county",)])
    fit = fit_model(model, without_wave(plan, stats, "w2"))
    found = wave_means(plan, fit, SCHOOL, stats, "w2")
    beta = dict(zip(fit.names, fit.beta, strict=True))
    slope = beta["x"] + next(b for name, b in beta.items() if "w1" in name and "x" in name)
    level = beta["Intercept"] + next(
        b for name, b in beta.items() if "w1" in name and "x" not in name
    )
    rest = (frame["y"] - level - slope * frame["x"])[last]
    expected = rest.groupby(frame["school"][last]).mean()
    labels = [label.split(":")[1] for label in stats.level(SCHOOL).labels]
    assert found == pytest.approx(expected[labels].to_numpy(), abs=1e-8)


@pytest.mark.battery(2)
@pytest.mark.parametrize("form", ["constant", "part_by_wave", "unstructured", "autoregressive"])
def test_the_last_wave_is_held_against_any_form(form):
    _, plan, _, stats = sample()
    settled = with_form(plan, stats, form)
    carried = carried_model(plan, settled, level_of(plan, stats))
    found = back_test(plan, settled, carried)
    assert (found.wave, found.units, found.returning) == ("w2", 40, 0.0)
    assert 0.8 <= found.coverage <= 1.0
    assert -1.0 <= found.expected_low < found.expected < found.expected_high <= 1.0
    assert 0.0 < found.known < 1.0 and 0.0 < found.reliability < 1.0
    assert np.isfinite(found.correlation)


def test_the_earlier_model_reaches_beyond_its_waves():
    _, plan, _, stats = sample()
    earlier = without_wave(plan, stats, "w2")
    for form, shorter in {"unstructured": "variances_by_wave", "constant": "part_by_wave"}.items():
        settled = with_form(plan, stats, form)
        carried = carried_model(plan, settled, level_of(plan, stats))
        model = earlier_model(plan, settled.fit.model, carried, earlier)
        assert form_of(plan, model, SCHOOL) == shorter
        assert model.terms == settled.fit.model.terms


@pytest.mark.battery(2)
@pytest.mark.parametrize("form", ["constant", "autoregressive", "autoregressive_variances", "line"])
def test_what_slopes_make_last_is_expected_too(form):
    """The earlier model has no slopes; its effects vary as those of all waves at the means."""
    rng = np.random.default_rng(5)
    frame, _ = rows(3, common(0.6, 4), schools=40, size=6)
    frame["x"] += 2.0
    frame["y"] += 0.5 * rng.normal(size=40)[frame["school"].astype(int)] * frame["x"]
    plan, _, stats = prepared(frame, coding="trend")
    level = level_of(plan, stats)
    model = with_slope(with_form(plan, stats, form).fit.model, SCHOOL, Term((Factor("x"),)))
    settled = solve(model, stats)
    carried = carried_model(plan, settled, level)
    earlier = without_wave(plan, stats, "w3")
    shorter = earlier_model(plan, settled.fit.model, carried, earlier)
    found = at_all_waves(plan, solve(shorter, earlier), carried.solution)
    whole = carried.solution
    expected = covariance_over_waves(plan, whole, SCHOOL)[:3, :3] / whole.fit.sigma2
    mine = covariance_over_waves(plan, found, SCHOOL) / found.fit.sigma2
    assert np.trace(mine) == pytest.approx(np.trace(expected), rel=0.05)
    apart = np.triu_indices(3, 1)
    assert mine[apart].mean() == pytest.approx(expected[apart].mean(), rel=0.1)
    alone = whole.fit.covariances[0][0, 0] / whole.fit.sigma2
    assert np.trace(mine) / 3 > 1.2 * alone or form in ("constant", "line")
