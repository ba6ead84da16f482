"""Where a trial begins when the larger model sees few or none of its parameters."""

import numpy as np
import pytest

from mlm.statistics.fitting.over_covariances.descent import descend_over_covariances
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood import working as workings
from mlm.statistics.selection.random_part import trial
from mlm.statistics.selection.random_part.search import tried_form
from mlm.statistics.selection.random_part.trial import GAIN, _seen
from tests.effects_over_waves import common, level_of, prepared, rows, with_form


@pytest.mark.parametrize("bends", [[0.0, 0.0, 0.0], [0.0, 0.0, 3.0], [0.0, 2.0, 3.0]])
def test_what_is_not_seen_bends_as_others_do(bends):
    """Correlations of one, and those of effects without variance, do not bend the criterion."""
    found = _seen(np.diag(bends))
    assert np.isfinite(found).all() and np.linalg.eigvalsh(found).min() > 0.0
    seen = [i for i, bend in enumerate(bends) if bend]
    assert np.diagonal(found)[seen] == pytest.approx(np.array(bends)[seen])


@pytest.mark.parametrize("sds", [(1, 1, 1, 1), (0.5, 2, 1, 0.3), (3, 1, 1, 1)])
def test_a_trial_ends_at_the_optimum_however_far_that_is(sds):
    """The larger model does not see how a variance of nearly nothing bends the criterion."""
    frame, _ = rows(3, np.diag(sds) @ common(-0.2, 4) @ np.diag(sds), 60, size=40)
    plan, _, stats = prepared(frame)
    large, optimum = (with_form(plan, stats, form) for form in ("unstructured", "constant"))
    found = tried_form(plan, large, level_of(plan, stats), "unstructured", "constant")
    assert found.deviance == pytest.approx(optimum.fit.deviance, abs=2.0 * GAIN)


@pytest.mark.parametrize("form", ["variances_by_wave", "autoregressive_variances"])
def test_of_many_groups_the_curvature_by_covariances_is_that_of_the_larger_model(form, monkeypatch):
    """A trial then takes no evaluation for each entry of the covariances."""
    counts = []

    def counted(search, theta, gain, bend):
        found = descend_over_covariances(search, theta, gain, bend)
        counts.append((bend, search.count))
        return found

    frame, _ = rows(3, np.diag([1.0, 1.5, 1.0, 0.8]) @ common(0.5, 4), 60, size=40)
    plan, _, stats = prepared(frame)
    optimum = with_form(plan, stats, form)
    monkeypatch.setattr(workings, "TAKES_LONG", 0)
    monkeypatch.setattr(trial, "descend_over_covariances", counted)
    plan, _, fresh = prepared(frame)
    first = with_form(plan, fresh, "unstructured")
    large = solve(first.fit.model, fresh.without_levels(), start=first.fit)
    assert large.best.bend is not None
    found = tried_form(plan, large, level_of(plan, fresh), "unstructured", form)
    ((bend, count),) = counts
    assert bend is not None and count < 20
    assert found.deviance == pytest.approx(optimum.fit.deviance, abs=1e-3)
