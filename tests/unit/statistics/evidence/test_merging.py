"""Waves merged: every unit keeps the rows that it has in each of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.evidence import merging
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.evidence.wave_parts import WaveParts, whole_part
from tests.plans import make_plan, merged


@pytest.mark.parametrize("schools", [127, 128, 129, 130])
def test_the_last_of_as_many_units_as_a_small_integer_counts_keeps_its_rows(schools):
    ids = [f"{i:03}" for i in range(schools)]
    rows = pd.DataFrame({"school": ids * 2, WAVE: np.repeat(["w0", "w1"], schools)})
    rows = rows.assign(county=rows["school"], y=np.arange(2.0 * schools), x=0.5, z=1.0, kind="a")
    rows["x"], rows["kind"] = rows["y"] % 7, np.resize(["a", "b", "c"], len(rows))
    stats = merged(make_plan("same_schools", waves=("w0", "w1"), by_time=()), rows)
    for level in stats.levels[:2]:
        assert (np.asarray(level.sums)[0, :, 0] == 2.0).all(), level.name


def test_one_wave_is_merged_as_it_is(tmp_path):
    ids = [f"{i:02}" for i in range(30)]
    rows = pd.DataFrame({"school": ids * 3, WAVE: "w0"})
    rows = rows.assign(county=rows["school"].str[0], y=np.arange(90.0) % 17, z=1.0)
    rows["x"], rows["kind"] = rows["y"] % 7, np.resize(["a", "b", "c"], len(rows))
    plan = make_plan("cross_section", waves=("w0",), by_time=())
    stats = merged(plan, rows)
    assert all(isinstance(level.sums, np.ndarray) for level in stats.levels)
    stats.save(tmp_path / "w0.npz")
    wave = CrossProducts.load(tmp_path / "w0.npz", lazily=True)
    again = merge_waves(plan, {"w0": wave})
    again.save(tmp_path / "all.npz")
    assert (tmp_path / "all.npz").read_bytes() == (tmp_path / "w0.npz").read_bytes()


def test_more_sums_than_fit_are_kept_by_wave(monkeypatch):
    sums = WaveParts((2, 50, 3), [whole_part(np.ones((2, 50, 3)))] * 3)
    assert not merging.pays(sums)
    monkeypatch.setattr(merging, "LARGEST_WHOLE", 299)
    assert merging.pays(sums)
