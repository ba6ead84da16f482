"""What `mlm check` says of a sample beside its faults."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.commands.words.sample_words import sample_words
from tests.cleaned_waves import clean_wave
from tests.cycles import write_cycles

SCORE = {"label": "M", "type": "number", "level": "row", "unit": "points"}


def _words(folder, spoil=None, **changes) -> list[str]:
    configuration = write_cycles(folder, spoil, **changes)
    ledgers = [clean_wave(configuration, wave)[1] for wave in configuration.wave_names]
    return list(sample_words(configuration, ledgers))


def test_rows_without_a_weight_are_told_with_their_places(tmp_path):
    def spoil(frame):
        frame.loc[[0, 3, 5, 8], "W_FSTUWT"] = 0.0
        frame.loc[2, "W_FSTUWT"] = np.nan

    assert _words(tmp_path, spoil) == [
        "wave 2022: rows that lack the weight W_FSTUWT: 1 (2022.csv line 4); they stay in the "
        "clean data and count for nothing",
        "wave 2022: rows that have a weight of zero in W_FSTUWT: 4 (2022.csv lines 2, 5, 7 and 1 "
        "more); they stay in the clean data and count for nothing",
    ]


@pytest.mark.parametrize(
    ("cut", "score", "expected"),
    [
        (4.2, SCORE, "4.2, far from all values in the files, whose mean is"),
        (1200, {**SCORE, "range": [0, 1000]}, "1200, outside the range of math, 0 to 1000"),
    ],
)
def test_a_cut_of_another_scale_is_in_doubt(tmp_path, cut, score, expected):
    (text,) = _words(tmp_path, math=score, minimum_proficiency={"math": cut})
    assert expected in text
    assert text.startswith("please look: minimum_proficiency: math: minimum_proficiency is")


def test_a_sound_sample_needs_no_words(tmp_path):
    assert _words(tmp_path) == []
