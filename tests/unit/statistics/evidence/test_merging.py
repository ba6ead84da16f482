"""Waves merged: every unit keeps the rows that it has in each of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.levels import WAVE
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
