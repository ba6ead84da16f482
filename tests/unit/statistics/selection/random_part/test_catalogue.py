"""The catalogue of forms over waves: sizes, nesting, and distributions of their tests."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mlm.nouns.model import Factor, Term
from mlm.results.reference import ChiSquared, Mixture
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.selection.random_part.catalogue import LevelOverWaves, recurring_levels
from tests.effects_over_waves import decaying, followed, prepared, rows

YEAR = Term((Factor("year"),))


def level(size=500, n_waves=4, time=YEAR, has_part=True, is_lowest=False, equal_steps=True):
    return LevelOverWaves(("g",), size, n_waves, "wave", time, has_part, is_lowest, equal_steps)


def richest(over):
    return over.outermost(over.forms)


LEVELS = [
    level(n_waves=n, has_part=part, is_lowest=lowest, time=time)
    for n, (part, lowest), time in itertools.product(
        (2, 3, 4, 6, 7), ((True, False), (False, False), (False, True)), (YEAR, None)
    )
]


@pytest.mark.parametrize("over", LEVELS)
def test_simpler_forms_have_fewer_parameters_and_end_in_few(over):
    assert over.forms[0] == over.simplest
    for form in over.forms:
        for below in over.simpler(form):
            assert below in over.forms
            assert over.n_parameters(below) < over.n_parameters(form)
    ends = {form for form in over.forms if not over.simpler(form)}
    assert over.simplest in ends
    assert ends <= {over.simplest, *(["autoregressive"] if over.is_lowest or over.has_part else [])}


@pytest.mark.parametrize("survey", ["visited", "followed"])
def test_parameters_are_those_of_the_fit(survey):
    if survey == "visited":
        plan, model, stats = prepared(rows(1, decaying(0.6), schools=120, size=4)[0])
    else:
        plan, model, stats = followed(1, schools=60, pupils=4)[:3]
    found = recurring_levels(plan, stats)[-1]
    fits = {form: fit_model(found.with_form(model, form), stats) for form in found.forms}
    counts = {fit.n_params - found.n_parameters(form) for form, fit in fits.items()}
    assert len(counts) == 1
    for form, fit in fits.items():
        for below in found.simpler(form):
            assert fits[below].deviance >= fit.deviance - 1e-6, (form, below)


def test_few_units_carry_few_parameters():
    assert richest(level(size=50)) == ("unstructured",)
    assert set(richest(level(size=49))) == {
        "variances_by_wave",
        "autoregressive_variances",
        "line",
    }
    assert level(size=9).forms == ("part_by_wave",)
    assert level(size=4, has_part=False).forms == ("constant",)
    assert "autoregressive" not in level(equal_steps=False).forms
    assert "line" not in level(time=None).forms


def test_followed_units_have_any_covariance_up_to_six_waves():
    assert richest(level(is_lowest=True, has_part=False, n_waves=6)) == ("unstructured",)
    assert "unstructured" not in level(is_lowest=True, has_part=False, n_waves=7).forms


def test_two_waves_know_no_more_than_three_parameters():
    over = level(n_waves=2, has_part=False)
    assert over.forms == ("constant", "part_by_wave", "unstructured")
    assert over.simpler("unstructured") == ("part_by_wave",)


def test_references_are_by_the_place_of_the_simpler_form():
    over, alone, lowest = level(), level(has_part=False), level(has_part=False, is_lowest=True)
    half = {0: 0.5, 1: 0.5}

    def weights(reference):
        assert isinstance(reference, Mixture)
        return {part.df: part.weight for part in reference.parts}

    assert over.reference("unstructured", "variances_by_wave") == ChiSquared(df=5)
    assert over.reference("variances_by_wave", "part_by_wave") == ChiSquared(df=3)
    assert weights(alone.reference("part_by_wave", "constant")) == half
    assert weights(alone.reference("autoregressive", "constant")) == half
    assert weights(over.reference("line", "part_by_wave")) == {1: 0.5, 2: 0.5}
    assert weights(alone.reference("line", "constant")) == {1: 0.5, 2: 0.5}
    assert over.reference("unstructured", "line") == ChiSquared(df=6)
    singular = ChiSquared(df=7, conservative="on_bound")
    assert alone.reference("unstructured", "line") == singular
    assert lowest.reference("variances_by_wave", "constant") == ChiSquared(df=3)
    assert lowest.reference("autoregressive_variances", "autoregressive") == ChiSquared(df=3)


def test_levels_that_recur_are_those_without_the_wave_among_their_ids():
    plan, _, stats = prepared(rows(1, np.eye(4), schools=12, size=2)[0])
    assert [found.group for found in recurring_levels(plan, stats)] == [("county", "school")]
    plan, _, stats, _ = followed(1, schools=12, pupils=2)
    found = recurring_levels(plan, stats)
    assert [each.is_lowest for each in found] == [False, True]
