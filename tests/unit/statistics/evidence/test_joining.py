"""Groups of samples put together: equal ids are one group, however they are written."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mlm.statistics.evidence.joining import joined

IDS = {
    "digits": (["12", "45", "30"], ["45", "99"]),
    "more digits": (["12", "45"], ["445", "112", "450"]),
    "zeros in front": (["07", "12"], ["7", "12"]),
    "letters": (["12", "45"], ["a2", "45"]),
    "other letters": (["12", "4é"], ["45", "4é"]),
    "long digits": (["1" * 19, "2" * 19], ["2" * 19, "3" * 19]),
    "ends": (["5", "9", ":"], ["/", "9"]),
}


@pytest.mark.parametrize("kind", IDS)
def test_groups_with_equal_ids_are_one(kind):
    samples = IDS[kind]
    levels = [
        SimpleNamespace(name="school", keys=(np.array(ids),), parent=np.zeros(len(ids), np.intp))
        for ids in samples
    ]
    found = joined(levels, None)
    expected = list(dict.fromkeys(text for ids in samples for text in ids))
    assert found.keys[0].tolist() == expected
    for ids, places in zip(samples, found.places, strict=True):
        assert [expected[place] for place in places] == ids
