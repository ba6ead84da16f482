"""Values are numbered as they first appear, however they are looked up."""

import numpy as np
import pytest

from mlm.nouns.ids import appearance
from mlm.nouns.ids.appearance import as_they_appear

KEYS = {
    "close": lambda rng: rng.integers(-20, 20, 300),
    "far apart": lambda rng: rng.integers(0, 40, 300) * 10_007,
    "text": lambda rng: rng.integers(0, 40, 300).astype(str),
    "unsigned": lambda rng: rng.integers(0, 40, 300).astype(np.uint64) * 10_007,
    "none": lambda rng: np.zeros(0, dtype=np.int64),
}


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_values_are_numbered_as_they_first_appear(key, short, monkeypatch):
    if not short:
        monkeypatch.setattr(appearance, "SHORT_COLUMN", 0)
    own = key(np.random.default_rng(3))
    codes, values = as_they_appear(own)
    known = list(dict.fromkeys(own.tolist()))
    assert values.tolist() == known
    assert codes.tolist() == [known.index(each) for each in own.tolist()]
    assert values.dtype.kind in (own.dtype.kind, "O")
