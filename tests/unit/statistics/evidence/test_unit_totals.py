"""Bundles of units: their sums, against the rows themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.rows.accumulating import bundle_sums
from mlm.statistics.evidence.bundles import SHARED
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.unit_totals import unit_totals
from tests.bundled_rows import bundled_survey, with_bundles

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
ROUNDING = 1e-9  # sums in another order


def test_bundles_hold_the_products_of_their_rows_in_any_order_of_rows():
    plan, stats, frame = bundled_survey()
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
    plan, stats, frame = bundled_survey(40)
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
    plan, stats, _ = bundled_survey()
    first, second = stats.bundles
    mixed = replace(stats, bundles=(first.folded(0), second))
    assert unit_totals(plan, mixed).bits == 0
    assert unit_totals(plan, replace(stats, bundles=(first,))) is None
    assert unit_totals(plan, replace(stats, bundles=())) is None
    assert unit_totals(plan, replace(stats, total=2.0 * stats.total)) is None


def test_bundles_are_kept_in_the_file(tmp_path):
    plan, stats, _ = bundled_survey()
    stats.save(tmp_path / "s.npz")
    again = CrossProducts.load(tmp_path / "s.npz")
    one, other = unit_totals(plan, stats), unit_totals(plan, again)
    assert (one.totals == other.totals).all() and (one.units == other.units).all()
    assert again.bundles[0].columns == stats.bundles[0].columns
