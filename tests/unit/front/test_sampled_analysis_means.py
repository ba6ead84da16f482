"""Means and shares of an analysis of a sample: their errors, changes, gaps and links."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.front.sampled_analysis import analyse_rows
from mlm.rows.accumulating.sources import source_of
from tests.sampled_surveys import (
    CUT,
    DRAWS,
    KINDS,
    LINK,
    SCHOOLS,
    WAVES,
    plan_of_survey,
    results_of,
    rows_below,
    rows_of_survey,
)
from tests.survey_accounts import EMPTY

pytestmark = pytest.mark.slow

SAME = 1e-8  # relative: two ways to the same sums


@pytest.mark.parametrize("kind", ["replicates", "all"])
def test_means_and_shares_are_those_of_the_library(kind):
    results, rows = results_of(kind), rows_below()
    score = mlm.PlausibleValues("maths", [f"pv{m}" for m in range(1, DRAWS + 1)])
    score = score if kind == "all" else "score"
    design = plan_of_survey(kind).sampling.design
    means = mlm.means(rows, score, by="wave", design=design)
    shares = mlm.shares_at(rows, score, CUT, by="wave", design=design)
    for found, told in ((means, results.means), (shares, results.shares_at[0])):
        assert [w.estimate for w in told.waves] == pytest.approx(found.table["estimate"], rel=SAME)
        assert [w.std_error for w in told.waves] == pytest.approx(
            found.table["std_error"], rel=1e-6
        )
    change = means.difference(WAVES[1], WAVES[0])
    own = results.means.waves[1].change
    assert own.estimate == pytest.approx(change.estimate, rel=1e-6)
    assert own.std_error**2 == pytest.approx(change.std_error**2 + LINK**2, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_only_changes_of_score_points_hold_the_linking_error(kind):
    results = results_of(kind)
    _, later = results.over_time.adjusted_means
    assert later.change.linking_error == results.means.waves[1].change.linking_error == LINK
    parts = later.change.sampling_error**2 + (later.change.measurement_error or 0.0) ** 2
    assert later.change.std_error**2 == pytest.approx(parts + LINK**2, rel=SAME)
    shares = results.shares_at[0]
    assert shares.waves[1].change.linking_error is None
    assert shares.linking.kind == "share_has_no_link"
    for category in results.means.by[0].categories[1:]:
        moved = category.waves[1].moved
        assert moved.std_error**2 == pytest.approx(
            moved.sampling_error**2 + (moved.measurement_error or 0.0) ** 2, rel=SAME
        )


def test_waves_of_other_schools_are_independent_samples():
    for kind in KINDS:
        first, later = results_of(kind, new=True).means.waves
        change = later.change
        parts = np.array([first.sampling_error**2, later.sampling_error**2])
        assert change.sampling_error**2 == pytest.approx(parts.sum(), rel=1e-9), kind
        if kind == "weights":  # two schools a stratum, and each wave has its own
            assert max(first.df, later.df) <= SCHOOLS / 2
            own = change.df / (change.std_error / change.sampling_error) ** 4
            assert max(first.df, later.df) < own <= SCHOOLS


def test_gaps_are_differences_of_means():
    results = results_of("all")
    reference, other = results.means.by[-1].categories
    for first, second in zip(reference.waves, other.waves, strict=True):
        assert first.gap is None
        assert second.gap.estimate == pytest.approx(second.estimate - first.estimate, rel=1e-8)
    began, ended = other.waves
    assert ended.moved.estimate == pytest.approx(ended.gap.estimate - began.gap.estimate, abs=1e-8)


def test_a_category_that_a_wave_lacks_has_no_change():
    frames = dict(rows_of_survey())
    frames[WAVES[0]] = frames[WAVES[0]].query("kind == 'public'")
    sources = {wave: source_of(frame) for wave, frame in frames.items()}
    results, _ = analyse_rows(plan_of_survey("weights", slopes=()), sources, EMPTY)
    _, private = results.means.by[-1].categories
    (cell,) = private.waves
    assert cell.wave == WAVES[1] and cell.change is None and cell.moved is None
    assert cell.gap is not None
