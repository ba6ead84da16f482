"""Bundles of a wave that is read in many batches are those that its rows give by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.columns import CONSTANT, Column, Columns, closure
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating import bundle_sums, frame_source, parquet_source
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.bundle_sums import BundledUnits
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.evidence import bundles as bundles_module
from mlm.statistics.evidence.bundles import (
    MAX_BITS,
    SHARED,
    Bundles,
    hashed,
    hashes,
    shared_name,
)

X, Y = (Column(powers=((name, "identity", 1),)) for name in ("x", "y"))
KIND = Column(indicators=(("kind", "b"),))
SCALES = {("x", "identity"): (1.0, 2.0), ("y", "identity"): (-3.0, 0.5)}
RECIPE = Columns(closure([X, KIND, X.times(KIND), Y]), SCALES, {"kind": ("a", "b")})
KEPT = (X, KIND, Y)  # not their product
UNITS = ("county",), ("county", "school")
ROUNDING = 1e-12  # over the largest number: sums in another order


@pytest.fixture
def rows() -> pd.DataFrame:
    """3,000 rows of 9 counties with 40 schools each, in any order; some are not complete."""
    rng = np.random.default_rng(3)
    n = 3_000
    frame = pd.DataFrame(
        {
            "county": rng.integers(9, size=n).astype(str),
            "school": rng.integers(40, size=n).astype(str),
            "kind": rng.choice(["a", "b"], size=n),
            "x": rng.normal(1.0, 2.0, size=n),
            "y": rng.normal(-3.0, 0.5, size=n),
        }
    )
    frame.loc[::11, "x"] = np.nan
    return frame


def bundles_of(data, units=UNITS):
    wanted = Wanted(RECIPE, Hierarchy.of([(units[1], [])]), bundled=BundledUnits("w", KEPT, *units))
    (found,) = accumulate_together(source_of(data), [wanted])
    (bundles,) = found.cross_products().bundles
    return bundles


def by_brute_force(rows: pd.DataFrame, bits: int) -> dict[tuple[str, int], np.ndarray]:
    """Sum over its rows of the outer product of each row's columns, by unit and part."""
    totals = {}
    for row in rows.dropna().to_dict("records"):
        z = np.array([1.0, (row["x"] - 1.0) / 2.0, row["kind"] == "b", (row["y"] + 3.0) / 0.5])
        unit, part = row["county"], 0
        if bits == SHARED:
            unit = shared_name(unit)
        else:
            part = hashed(f"{row['county']}:{row['school']}") % 2**bits
        totals[unit, part] = totals.get((unit, part), 0.0) + np.outer(z, z)
    return totals


def assert_same(bundles, expected) -> None:
    names = list(zip(bundles.units.tolist(), bundles.part.tolist(), strict=True))
    assert set(names) == set(expected) and len(names) == len(expected)
    for name, total in zip(names, bundles.totals, strict=True):
        np.testing.assert_allclose(total, expected[name], atol=ROUNDING * 3_000, rtol=0)


def is_sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["county", "school"])


@pytest.mark.battery
@pytest.mark.parametrize("order", [is_sorted, lambda rows: rows], ids=["sorted", "any order"])
@pytest.mark.parametrize("batch", [7, 500, 10_000])
@pytest.mark.parametrize("short", [0, 1 << 60], ids=["run by run", "runs together"])
def test_units_that_lie_in_several_batches(rows, tmp_path, monkeypatch, order, batch, short):
    for module in (frame_source, parquet_source):
        monkeypatch.setattr(module, "BATCH_ROWS", batch)
    monkeypatch.setattr(bundle_sums, "SHORT", short)
    path = tmp_path / "w.parquet"
    order(rows).to_parquet(path, row_group_size=1_100)
    expected = by_brute_force(rows, MAX_BITS)
    for data in (path, order(rows)):
        bundles = bundles_of(data)
        assert bundles.columns == (CONSTANT, *KEPT) and bundles.bits == MAX_BITS
        assert_same(bundles, expected)


@pytest.mark.parametrize(
    ("most", "bits"), [(1_000, MAX_BITS), (9 * 16, 4), (9, 0), (8, SHARED), (1, SHARED)]
)
def test_parts_are_put_together_as_soon_as_they_are_more_than_the_limit(
    rows, monkeypatch, most, bits
):
    k = len(KEPT) + 1
    monkeypatch.setattr(bundle_sums, "MAX_BUNDLED", most * k * k)
    monkeypatch.setattr(frame_source, "BATCH_ROWS", 100)
    held = []
    reserve = bundle_sums.BundleSums._reserve
    monkeypatch.setattr(
        bundle_sums.BundleSums,
        "_reserve",
        lambda self, size: held.append(size) or reserve(self, size),
    )
    bundles = bundles_of(rows)
    assert bundles.bits == bits
    assert max(held) <= max(most, 9)
    assert_same(bundles, by_brute_force(rows, bits))


@pytest.mark.parametrize("units", [UNITS, (("county",), ("county",))])
@pytest.mark.parametrize("most", [1_000, 9 * 16, 20, 9, 8])
def test_bundles_of_parts_of_the_rows_are_those_of_all(rows, monkeypatch, units, most):
    for module in (bundle_sums, bundles_module):
        monkeypatch.setattr(module, "MAX_BUNDLED", most * (len(KEPT) + 1) ** 2)
    rows = rows.sort_values(["county", "school"])
    whole = bundles_of(rows, units)
    parts = [bundles_of(rows[i : i + 800], units) for i in range(0, len(rows), 800)]
    added = Bundles.added(parts)
    own, other = (np.lexsort([found.part, found.units]) for found in (added, whole))
    assert (added.bits, len(own)) == (whole.bits, len(other))
    assert added.units[own].tolist() == whole.units[other].tolist()
    assert added.part[own].tolist() == whole.part[other].tolist()
    atol = ROUNDING * whole.totals.max()
    np.testing.assert_allclose(added.totals[own], whole.totals[other], atol=atol)


def test_units_that_have_no_parts_are_whole(rows):
    bundles = bundles_of(rows, (("county",), ("county",)))
    assert bundles.bits == 0
    assert_same(bundles, by_brute_force(rows, 0))


@pytest.mark.parametrize(
    "texts", [["a", "county:school", "", "x" * 40], ["é", "a"], [], ["1:2", "1:3"]]
)
def test_many_texts_are_hashed_as_each_alone(texts):
    assert hashes(np.array(texts, dtype=str)).tolist() == [hashed(text) for text in texts]
