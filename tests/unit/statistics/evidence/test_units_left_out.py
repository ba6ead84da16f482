"""Bundles of units: their sums, units left out, units drawn again; against the rows themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_term
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import WAVE, PlannedLevel
from mlm.rows.accumulating import bundle_sums
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.bundle_sums import BundledUnits
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.answers.diagnostics.deletion import unit_deletion
from mlm.statistics.evidence.bundles import SHARED
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.evidence.unit_totals import unit_totals
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.selection.resampling import _pieces, resampled
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, waves_of

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
ROUNDING = 1e-9  # sums in another order
OPTIMUM = 1e-3  # of a standard error: two searches stop within 1e-8 of the least deviance
UNITS = ("county",), ("county", "school")


def surveyed(counties: int = 8, seed: int = 1):
    """Plan, sample with bundles, and rows of the same schools in two waves."""
    rng = np.random.default_rng(seed)
    sizes = {"county": counties, "school": 4, WAVE: 2, "row": (4, 9)}
    frame = nested_rows(rng, sizes, {"county": 0.4, "school": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_schools", waves=("w0", "w1"))
    return plan, with_bundles(plan, frame), frame


def with_bundles(plan, frame, units=UNITS) -> CrossProducts:
    parts = waves_of(plan, frame)
    recipe = next(iter(parts.values())).columns
    waves = []
    for wave in plan.time.waves:
        wanted = Wanted(recipe, Hierarchy(()), bundled=BundledUnits(wave, recipe.columns, *units))
        (found,) = accumulate_together(source_of(frame[frame[WAVE] == wave]), [wanted])
        waves += found.cross_products().bundles
    return replace(merge_waves(plan, parts), bundles=tuple(waves))


def test_bundles_hold_the_products_of_their_rows_in_any_order_of_rows():
    plan, stats, frame = surveyed()
    part = excerpt(plan.full_model(), stats)
    mixed = unit_totals(plan, with_bundles(plan, frame.sample(frac=1.0, random_state=2)))
    whole = unit_totals(plan, stats)
    names = dict(zip(zip(mixed.units, mixed.part, strict=True), mixed.totals, strict=True))
    for unit, place, total in zip(whole.units, whole.part, whole.totals, strict=True):
        assert total == pytest.approx(names[unit, place], abs=ROUNDING)
    rows = dict.fromkeys(whole.units, 0.0)
    for unit, total in zip(whole.units, whole.totals[:, 0, 0], strict=True):
        rows[unit] += total
    assert rows == frame["county"].value_counts().to_dict()
    found = unit_totals(plan, part)
    assert found.totals.sum(axis=0) == pytest.approx(part.total, abs=1e-6)
    for level in part.levels[1:]:
        places = found.places(level.keys, level.group)
        held = np.bincount(places, level.rows, minlength=len(found.units))
        assert held == pytest.approx(found.totals[:, 0, 0])
    assert found.places(part.levels[0].keys, part.levels[0].group) is None


def test_bundles_fold_and_are_shared_when_they_are_many(monkeypatch):
    plan, stats, frame = surveyed(40)
    k = len(stats.bundles[0].columns)
    monkeypatch.setattr(bundle_sums, "MAX_BUNDLED", 40 * k * k)
    folded = with_bundles(plan, frame)
    assert {b.bits for b in folded.bundles} == {0}
    monkeypatch.setattr(bundle_sums, "MAX_BUNDLED", 10 * k * k)
    shared = with_bundles(plan, frame)
    for sample in (folded, shared):
        assert unit_totals(plan, sample).totals.sum(axis=0) == pytest.approx(stats.total)
    assert {b.bits for b in shared.bundles} == {SHARED}
    for sample, bits in ((folded, 0), (shared, SHARED)):
        for one, other in zip(sample.bundles, stats.bundles, strict=True):
            late = other.folded(bits)  # whole, and folded when all rows were summed
            assert (one.units == late.units).all() and (one.part == late.part).all()
            assert one.totals == pytest.approx(late.totals, abs=ROUNDING)


def test_waves_folded_differently_and_samples_without_bundles():
    plan, stats, _ = surveyed()
    first, second = stats.bundles
    mixed = replace(stats, bundles=(first.folded(0), second))
    assert unit_totals(plan, mixed).bits == 0
    assert unit_totals(plan, replace(stats, bundles=(first,))) is None
    assert unit_totals(plan, replace(stats, bundles=())) is None
    assert unit_totals(plan, replace(stats, total=2.0 * stats.total)) is None


def test_bundles_are_kept_in_the_file(tmp_path):
    plan, stats, _ = surveyed()
    stats.save(tmp_path / "s.npz")
    again = CrossProducts.load(tmp_path / "s.npz")
    one, other = unit_totals(plan, stats), unit_totals(plan, again)
    assert (one.totals == other.totals).all() and (one.units == other.units).all()
    assert again.bundles[0].columns == stats.bundles[0].columns


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_units_left_out_are_as_in_fits_to_the_other_rows(criterion):
    plan, stats, frame = surveyed()
    model = plan.full_model()
    fit = fit_model(model, stats, criterion)
    found = unit_deletion(plan, fit, stats, exact=3)
    assert found.exact.sum() == 3 and found.exact[np.argmax(found.distance)]
    error = np.sqrt(np.diagonal(fit.covariance))
    for unit, (name,) in enumerate(found.units):
        other = fit_model(model, merged(plan, frame[frame["county"] != name]), criterion)
        moved = other.beta - fit.beta
        change = np.array([other.variance(group) for group in found.groups])
        close = OPTIMUM if found.exact[unit] else 0.05
        assert found.change[unit] == pytest.approx(moved / error, abs=close)
        distance = moved @ np.linalg.inv(fit.covariance) @ moved / moved.size
        assert found.distance[unit] == pytest.approx(distance, rel=0.05, abs=close)
        near = 1e-3 if found.exact[unit] else 0.15
        assert found.variances[unit] == pytest.approx(change, rel=near, abs=0.02)


def test_a_unit_that_alone_has_a_category_is_not_left_out():
    plan, _, frame = surveyed()
    terms = (*plan.terms, parse_term("group_kind"))
    plan = replace(plan, terms=terms)
    frame = frame.assign(group_kind=np.where(frame["county"] == "3", "c", "a"))
    stats = with_bundles(plan, frame.assign(kind=frame["kind"]))
    found = unit_deletion(plan, fit_model(plan.full_model(), stats), stats, exact=1)
    assert sorted({(str(county),) for county in range(8)} - set(found.units)) == [("3",)]
    assert np.isfinite(found.distance).all() and np.isfinite(found.variances).all()


def changing_schools():
    """Plan, sample with bundles, and rows of followed pupils, of whom a third change school."""
    rng = np.random.default_rng(6)
    sizes = {"county": 1, "school": 12, "pupil": 9, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"school": 0.5, "pupil": 0.5})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    frame["pupil"] = frame["school"] + "-" + frame["pupil"]
    moved = frame["pupil"].isin(rng.choice(frame["pupil"].unique(), 36, False))
    moved &= frame[WAVE] != "w0"
    frame.loc[moved, "school"] = rng.integers(12, size=int(moved.sum())).astype(str)
    levels = (("school", ("school",)), ("pupil", ("pupil",)), ("row", ()))
    plan = make_plan("same_pupils", by_time=(), terms=("x", "kind"))
    plan = replace(plan, levels=tuple(PlannedLevel(*level) for level in levels))
    return plan, with_bundles(plan, frame, (("school",), ("school",))), frame


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_schools_left_out_beside_pupils_who_change_school(criterion):
    plan, stats, frame = changing_schools()
    model = plan.full_model()
    fit = fit_model(model, stats, criterion)
    found = unit_deletion(plan, fit, stats, exact=4)
    assert found.groups == ("school", "pupil", "residual") and len(found.units) == 12
    error = np.sqrt(np.diagonal(fit.covariance))
    for unit, (name,) in enumerate(found.units):
        left = merged(plan, frame[frame["school"] != name])
        other = fit_model(model, left, criterion)
        close = OPTIMUM if found.exact[unit] else 0.05
        assert found.change[unit] == pytest.approx((other.beta - fit.beta) / error, abs=close)
        near = 1e-3 if found.exact[unit] else 0.1
        change = [other.variance(group) for group in found.groups]
        assert found.variances[unit] == pytest.approx(change, rel=near, abs=0.02)


def test_units_with_pupils_in_two_schools_in_one_wave_are_not_left_out():
    plan, _, frame = changing_schools()
    twice = frame.iloc[[0]].assign(school="11" if frame["school"].iloc[0] != "11" else "10")
    stats = with_bundles(plan, pd.concat([frame, twice]), (("school",), ("school",)))
    assert unit_deletion(plan, fit_model(plan.full_model(), stats), stats) is None


def test_deletion_needs_single_units():
    plan, stats, _ = surveyed()
    fit = fit_model(plan.full_model(), stats)
    assert unit_deletion(plan, fit, replace(stats, bundles=())) is None
    shared = tuple(b.folded(SHARED) for b in stats.bundles)
    assert unit_deletion(plan, fit, replace(stats, bundles=shared)) is None


def test_a_draw_of_units_is_the_sample_with_these_units_repeated():
    """Against rows: schools drawn twice stand in their county under a second name."""
    plan, stats, frame = surveyed()
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
    level = part.level(("county", "school"))
    bundle = found.places(level.keys, level.group)
    copies = []
    for county, school, place in zip(*level.keys, bundle, strict=True):
        own = frame[(frame["county"] == county) & (frame["school"] == school)]
        for copy in range(int(weights[place])):
            copies.append(own.assign(school=f"{school}-{copy}"))
    repeated = excerpt(model, merged(plan, pd.concat(copies)))
    other = working_statistics(model, repeated, pooled=False)
    expected = evaluate(other, list(at.omegas), False)
    (origin, unit), (other_origin, other_unit) = working.response, other.response
    beta = unit * np.linalg.inv(working.transform) @ drawn.beta
    again = other_unit * np.linalg.inv(other.transform) @ expected.beta
    beta[0], again[0] = beta[0] + origin, again[0] + other_origin
    assert beta == pytest.approx(again)
    assert drawn.residual * unit**2 == pytest.approx(expected.residual * other_unit**2)


def test_drawn_units_keep_what_matters_and_drop_noise():
    plan, stats, _ = surveyed(12, 3)
    fit = fit_model(plan.full_model(), stats, "ML")
    found = resampled(plan, fit, stats, (), 60)
    assert found.group == ("county", "school") and found.bundles >= 30 and found.failed == 0
    kept = dict(zip(map(str, found.inclusion.terms), found.inclusion.kept, strict=True))
    assert kept["x"] == 1.0 and kept["year:x"] < 0.5
    assert resampled(plan, fit, replace(stats, bundles=()), ()) is None
