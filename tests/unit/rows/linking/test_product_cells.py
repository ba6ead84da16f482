"""Cells of products are counted as row-by-row code counts them."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from mlm.rows.linking.linking import link_waves
from tests.unit.rows.small_survey import CONFIGURATION, write_survey


def frame(*rows: str) -> pd.DataFrame:
    cells = [row.split() for row in rows]
    table = pd.DataFrame(cells, columns=["school", "pupil", "score", "sex", "kind"])
    return table.assign(score=table["score"].astype(float), ses=0.0)


WAVES = {
    "a": frame("1 p1 5 g x", "1 p2 6 b x", "1 p3 7 g x", "2 p4 8 b y", "2 p5 9 b y", "3 p6 5 g x"),
    "b": frame("1 p1 5 g x", "2 p2 6 b y", "2 p3 7 g y", "3 p4 8 b x", "3 p6 9 g x"),
}


@pytest.mark.parametrize("product", ["sex:kind", "kind:sex"])
def test_rows_and_units_of_each_cell(tmp_path, product):
    text = CONFIGURATION.replace('"sex:ses"', f'"{product}"')
    assert product in text
    survey = link_waves(write_survey(tmp_path, text), WAVES)
    found = {
        (cell.wave, cell.other_category, cell.category): (cell.rows, cell.units, cell.level)
        for cell in survey.product_cells
    }
    expected = {}
    for (wave, rows), sex, kind in itertools.product(WAVES.items(), "bg", "xy"):
        both = [row for row in rows.itertuples() if (row.sex, row.kind) == (sex, kind)]
        expected[wave, sex, kind] = (len(both), len({row.school for row in both}), "school")
    assert found == expected


def test_a_term_of_one_variable_has_no_cells(tmp_path):
    assert link_waves(write_survey(tmp_path, CONFIGURATION), WAVES).product_cells == ()
