"""Weighted means of a variable over rows and units, against their definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from tests.drawn_schools import ROWS, WEIGHTS

OVERALL = mlm.SamplingDesign(WEIGHTS)
INSIDE = ROWS.assign(w=ROWS["w"] / ROWS["ws"])
CONDITIONAL = mlm.SamplingDesign(WEIGHTS, are="conditional")


def means(rows, design, by=()) -> np.ndarray:
    return mlm.weighted_means(rows, "x", design, by).to_numpy()


def test_means_of_units_and_of_all_rows_are_weighted():
    found = mlm.weighted_means(ROWS, "x", OVERALL, by="school")
    for school, own in ROWS.groupby("school"):
        mean = np.average(own["x"], weights=own["w"])
        assert found[own.index].to_numpy() == pytest.approx(mean), school
    grand = mlm.weighted_means(ROWS, "x", OVERALL)
    assert grand.unique() == pytest.approx([np.average(ROWS["x"], weights=ROWS["w"])])


@pytest.mark.parametrize("by", [(), "school", "county:school", ["county"]])
def test_conditional_weights_say_the_same(by):
    assert means(INSIDE, CONDITIONAL, by) == pytest.approx(means(ROWS, OVERALL, by))


def test_rows_without_a_value_or_a_weight_are_left_out():
    rows = ROWS.assign(x=ROWS["x"].where(ROWS.index % 3 > 0), w=ROWS["w"].where(ROWS.index > 20, 0))
    found = mlm.weighted_means(rows, "x", OVERALL, "school")
    assert found[rows["school"] < 3].isna().all()
    last = rows[(rows["school"] == 20) & rows["x"].notna()]
    mean = np.average(last["x"], weights=last["w"])
    assert found[last.index].to_numpy() == pytest.approx(mean)


def test_far_origins_keep_their_digits():
    rows = ROWS.assign(x=1e9 + ROWS["x"])
    found = means(rows, OVERALL, "school") - 1e9
    assert found == pytest.approx(means(ROWS, OVERALL, "school"), abs=1e-6)


def test_weights_of_units_alone_are_not_guessed_from():
    two = mlm.SamplingDesign({"school": "ws", "county": "w"})
    with pytest.raises(mlm.MLMError, match="no weight of their own"):
        mlm.weighted_means(ROWS, "x", two)
    one = mlm.SamplingDesign({"school": "ws"})
    assert isinstance(mlm.weighted_means(ROWS, "x", one), pd.Series)
