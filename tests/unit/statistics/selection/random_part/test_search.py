"""Forms settled together: trials are fits, what is there is found, few units are left alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mlm.errors import ModelError
from mlm.nouns.model import Factor, Term
from mlm.results.reference import ChiSquared
from mlm.statistics.fitting.solution import fit_model, ordered_model, solve
from mlm.statistics.inference import reference
from mlm.statistics.selection.random_part import search, trial
from mlm.statistics.selection.random_part.catalogue import recurring_levels
from mlm.statistics.selection.random_part.crossover import Crossover
from mlm.statistics.selection.random_part.forms import form_of
from mlm.statistics.selection.random_part.path import TriedForm
from mlm.statistics.selection.random_part.search import settled_forms, simplified
from mlm.statistics.selection.random_part.slopes import with_slope
from mlm.statistics.selection.random_part.trial import tried
from tests.effects_over_waves import SCHOOL, decaying, followed, prepared, rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]

LASTING = np.full((4, 4), 0.5) + 0.5 * np.eye(4)


@pytest.fixture(scope="module")
def visited():
    return prepared(rows(3, decaying(0.7), schools=60, size=4)[0], coding="trend")


@pytest.fixture(scope="module")
def seen_again():
    return followed(3, schools=60, pupils=3)[:3]


@pytest.mark.parametrize("survey", ["visited", "seen_again"])
def test_a_trial_has_the_deviance_of_the_fit(survey, request):
    plan, model, stats = request.getfixturevalue(survey)
    level = recurring_levels(plan, stats)[-1]
    for before in level.forms:
        large = solve(level.with_form(model, before), stats)
        for form in level.simpler(before):
            small = ordered_model(level.with_form(model, form), stats)
            ends = (large.fit.model, before), (small, form)
            down, up = (Crossover(level, plan.time.times, *e) for e in (ends, ends[::-1]))
            found = tried(large, small, down, up, stats)
            expected = fit_model(small, stats).deviance
            assert found.deviance == pytest.approx(expected, abs=0.01), (before, form)
            again = solve(found.model, stats, "REML", found.start)
            assert again.fit.deviance == pytest.approx(expected, abs=1e-6)


def test_a_trial_keeps_slopes(visited):
    plan, model, stats = visited
    (level,) = recurring_levels(plan, stats)
    model = with_slope(level.with_form(model, "part_by_wave"), SCHOOL, Term((Factor("x"),)))
    for before, form in itertools.pairwise(("unstructured", "line", "part_by_wave")):
        large = solve(level.with_form(model, before), stats)
        small = ordered_model(level.with_form(model, form), stats)
        ends = (large.fit.model, before), (small, form)
        down, up = (Crossover(level, plan.time.times, *e) for e in (ends, ends[::-1]))
        expected = fit_model(small, stats).deviance
        found = tried(large, small, down, up, stats)
        assert found.deviance == pytest.approx(expected, abs=0.01)


def test_effects_that_last_with_a_part_by_wave_are_found():
    plan, model, stats = prepared(rows(2, LASTING, schools=60, size=6)[0])
    path = settled_forms(plan, model, stats, 0.05)
    assert path.forms == {SCHOOL: "part_by_wave"}
    assert form_of(plan, path.reml.fit.model, SCHOOL) == "part_by_wave"
    assert [step.taken for step in path.tried].count(True) >= 1
    assert all(step.test.p_value > 0.05 for step in path.tried if step.taken)


@pytest.mark.study
def test_correlations_that_fall_are_kept_at_both_levels(seen_again):
    plan, model, stats = seen_again
    path = settled_forms(plan, model, stats, 0.05)
    school, pupil = path.forms.values()
    assert school in ("autoregressive", "autoregressive_variances", "variances_by_wave")
    assert pupil == "constant"
    last = {step.group: step.form for step in path.tried if step.taken}
    assert last == path.forms


def test_few_units_are_left_as_the_levels_say():
    plan, model, stats = prepared(rows(2, decaying(0.3), schools=9, size=4)[0])
    path = settled_forms(plan, model, stats, 0.05)
    assert path.forms == {SCHOOL: "part_by_wave"} and path.tried == ()


def test_a_richest_form_that_is_refused_gives_way_to_the_next(visited, monkeypatch):
    plan, model, stats = visited
    refused, whole = [], trial.solve

    def solving(model, *arguments, **options):
        if form_of(plan, model, SCHOOL) == "unstructured":
            refused.append(model)
            raise ModelError("cannot be told apart")
        return whole(model, *arguments, **options)

    monkeypatch.setattr(trial, "solve", solving)
    path = settled_forms(plan, model, stats, 0.05)
    assert refused
    assert path.tried[0].before in ("autoregressive_variances", "variances_by_wave", "line")


def test_a_step_whose_model_is_refused_gives_way_to_the_next(seen_again, monkeypatch):
    """The search does not end there: other steps that the tests allow are left."""
    plan, model, stats = seen_again
    refused, whole = [], search._fitted

    def fitted(trial, *arguments):
        if not refused:
            return refused.append(trial.model)
        return whole(trial, *arguments)

    monkeypatch.setattr(search, "_fitted", fitted)
    path = settled_forms(plan, model, stats, 0.05)
    first = [step for step in path.tried if step.round == 1]
    losses = sorted((step.test.p_value for step in first), reverse=True)
    assert [step.test.p_value for step in first if step.taken] == [losses[1]]
    assert losses[1] > 0.05 and refused


def test_what_was_refused_for_certain_is_not_tried_again(seen_again, monkeypatch):
    plan, model, stats = seen_again
    monkeypatch.setattr(search, "CLEAR", 1.0)
    path = settled_forms(plan, model, stats, 0.05)
    steps = [(step.group, step.before, step.form) for step in path.tried]
    assert len(steps) == len(set(steps))


def test_forms_are_looked_at_again_from_where_they_are(visited):
    plan, model, stats = visited
    path = settled_forms(plan, model, stats, 0.05)
    again = simplified(plan, path.reml, stats, 0.05)
    assert again.forms == path.forms
    assert not any(step.taken for step in again.tried)


@pytest.mark.parametrize(
    ("lost", "chosen"), [((3e-6, 0.0, 2.0), 0), ((1.0, 0.1, 2.0), 1), ((0.6, 0.03, 2.0), 0)]
)
def test_of_forms_that_lose_as_much_the_first_is_taken(monkeypatch, lost, chosen):
    """What differs by the end of a descent does not choose: rounding would, on each processor."""
    tests = [reference.tested(each, 5, ChiSquared(df=5)) for each in lost]
    steps = [TriedForm(SCHOOL, "unstructured", "line", test, False) for test in tests]
    monkeypatch.setattr(search, "_fitted", lambda trial, *_: trial)
    found = list(zip(steps, "abc", strict=True))
    assert search._taken(found, None, 0.05, True) == (chosen, "abc"[chosen])
