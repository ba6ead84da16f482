"""Rows of a wave summed in parts, and the parts added up; what is wrong is told of the wave."""

from __future__ import annotations

import pytest

from mlm.commands.accumulate import accumulate
from mlm.commands.clean import clean
from mlm.commands.columns import columns
from mlm.commands.shared_out.accumulate_part import accumulate_part
from mlm.errors import SurveyError
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.property.equality import assert_equal
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

HEAD = "school,pupil,score,ses,sex,kind"
ROW = "0{school},{i:03d},{score},{ses},{sex},{kind}"
N = 24


def rows_of(scores: dict[int, object] | None = None, ses: dict[int, object] | None = None) -> str:
    """A wave of four schools; some scores and numbers of the home are others than usual."""
    cells = [
        ROW.format(
            school=1 + i // 6,
            i=i,
            score=(scores or {}).get(i, 40 + 7 * i % 30),
            ses=(ses or {}).get(i, 0.1 * (i % 7)),
            sex="gb"[i % 2],
            kind="xy"[i // 12],
        )
        for i in range(N)
    ]
    return "\n".join([HEAD, *cells, ""])


def summed(folder, text: str, parts: int) -> CrossProducts:
    """Sums of a wave of some rows, in one job or in some parts."""
    write_survey(folder, CONFIGURATION, a=text)
    config, table, recipe = folder / "small.yaml", folder / "a.parquet", folder / "columns.json"
    clean(config, "a", [folder / "a.csv"], table, folder / "a.json")
    columns(config, table, recipe)
    made = [folder / f"part-{i}" for i in range(parts)]
    for i, out in enumerate(made):
        accumulate_part(config, "a", table, recipe, out, number=i, of=parts)
    accumulate(config, "a", table, recipe, folder / "sums", part=made)
    return CrossProducts.load(folder / "sums" / "score.npz")


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_parts_give_the_sums_of_all_rows(tmp_path, parts):
    assert_equal(summed(tmp_path, rows_of(), parts), summed(tmp_path, rows_of(), 0))


def test_a_part_without_complete_rows_is_no_fault(tmp_path):
    text = rows_of(scores=dict.fromkeys(range(12), -9))
    assert_equal(summed(tmp_path, text, 2), summed(tmp_path, text, 0))
    assert not list((tmp_path / "part-0").iterdir())
    assert [path.name for path in (tmp_path / "part-1").iterdir()] == ["score.npz"]


def test_a_fault_that_all_parts_share_is_told_of_the_wave(tmp_path):
    one = dict.fromkeys(range(1, N), 50)
    with pytest.raises(SurveyError, match=r"wave a, analysis score: the outcome score has the sa"):
        summed(tmp_path, rows_of(scores=one, ses={0: ""}), 2)
