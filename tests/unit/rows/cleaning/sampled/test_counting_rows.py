"""What rows with a weight lack is told with its place; rows without one may lack it."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import SurveyError
from tests.cleaned_waves import clean_wave
from tests.cycles import write_cycles

LACKING = {
    "a stratum": (
        {"STRATUM": [4]},
        "STRATUM: missing in 1 row with a weight (2022.csv line 6); each needs one",
    ),
    "replicates": (
        {"W_FSTR3": [1, 2], "W_FSTR4": [2]},
        "replicate weights (W_FSTR3, W_FSTR4) are missing or negative in 2 rows with a weight "
        "(2022.csv lines 3, 4); expected zero or more in each",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_rows_that_count_need_them(tmp_path, case):
    cells, expected = LACKING[case]

    def spoil(frame):
        for name, rows in cells.items():
            frame.loc[rows, name] = np.nan

    with pytest.raises(SurveyError) as caught:
        clean_wave(write_cycles(tmp_path, spoil), "2022")
    assert expected in str(caught.value)

    def without(frame):
        spoil(frame)
        for rows in cells.values():
            frame.loc[rows, "W_FSTUWT"] = 0.0

    table, _ = clean_wave(write_cycles(tmp_path, without), "2022")
    assert table.num_rows == 100


def test_a_negative_replicate_is_told(tmp_path):
    with pytest.raises(SurveyError, match=r"\(W_FSTR1\) are missing or negative in 1 row with"):
        clean_wave(
            write_cycles(tmp_path, lambda frame: frame.loc.__setitem__((0, "W_FSTR1"), -1.0)),
            "2022",
        )
