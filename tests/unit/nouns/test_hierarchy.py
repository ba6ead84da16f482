"""Labels of groups tell units apart, and levels with one child each count as one."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.hierarchy import are_one, group_codes, group_labels
from mlm.nouns.ids import appearance


def labels(*units: tuple[str, ...]) -> list[str]:
    return group_labels([np.array(ids) for ids in zip(*units, strict=True)]).tolist()


def test_ids_are_joined_by_colons():
    assert labels(("a", "1"), ("b", "1")) == ["a:1", "b:1"]
    assert group_labels([np.array([3, 12]), np.array(["x", "y"])]).tolist() == ["3:x", "12:y"]


def test_one_id_is_the_label_as_it_is():
    assert labels(("a:b",), ("\\",)) == ["a:b", "\\"]


@pytest.mark.parametrize(
    "units",
    [
        [("a:b", "c"), ("a", "b:c")],
        [("a\\", "b"), ("a", "\\b"), ("a\\:b", ""), ("a", ":b")],
        [("a", "b", "c:d"), ("a", "b:c", "d"), ("a:b", "c", "d")],
    ],
)
def test_other_units_have_other_labels(units):
    assert len(set(labels(*units))) == len(units)


@pytest.mark.parametrize(("children", "expected"), [(100, True), (102, True), (103, False)])
def test_levels_are_one_where_almost_all_groups_have_one_child(children, expected):
    assert are_one(100, children) is expected


KEYS = {
    "dense": lambda rng, n: rng.integers(5, 9, n),
    "sparse": lambda rng, n: rng.integers(0, 4, n) * 10**12 - 10**12,
    "small integers": lambda rng, n: rng.integers(-2, 3, n).astype(np.int8),
    "texts": lambda rng, n: rng.integers(0, 4, n).astype(str),
}


@pytest.mark.parametrize("first", KEYS)
@pytest.mark.parametrize("second", [*KEYS, "inside the first", None])
def test_groups_are_numbered_as_they_first_appear(first, second):
    rng = np.random.default_rng(len(first) + len(second or ""))
    for n in (1, 7, 60):
        keys = [KEYS[first](rng, n)]
        if second == "inside the first":
            places = np.unique(keys[0], return_inverse=True)[1]
            keys.append(places * 3 + rng.integers(0, 3, n))
        elif second:
            keys.append(KEYS[second](rng, n))
        codes, rows = group_codes(iter(keys))
        units = list(zip(*(key.tolist() for key in keys), strict=True))
        known = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
        assert codes.tolist() == [known[unit] for unit in units]
        assert rows.tolist() == [units.index(unit) for unit in known]
    codes, rows = group_codes([np.zeros(0, dtype=np.int64)])
    assert codes.size == rows.size == 0


@pytest.mark.parametrize("kind", ["text", "integers far apart"])
def test_short_columns_are_numbered_as_long_ones(kind, monkeypatch):
    rng = np.random.default_rng(4)
    keys = [rng.integers(0, 40, 300) * 10_007, rng.integers(0, 3, 300)]
    keys = [key.astype(str) for key in keys] if kind == "text" else keys
    short = group_codes(keys)
    monkeypatch.setattr(appearance, "SHORT_COLUMN", 0)
    for one, other in zip(short, group_codes(keys), strict=True):
        assert np.array_equal(one, other) and one.dtype == other.dtype
