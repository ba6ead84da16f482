"""Laws of cross-products: they add up, whatever the parts, their order and the names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import ResultError, StatisticsError
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.accumulate import accumulate
from mlm.statistics.evidence.crossproducts import CrossProducts
from tests.drawn_cases import cases
from tests.nested_rows import nested_rows
from tests.property.equality import assert_equal

SIZES = {"county": (2, 4), "school": (1, 4), "row": (1, 9)}
MODEL = parse_formula("y ~ x * kind + z + (1 + x | county) + (1 + x | county:school)")
EXAMPLES = settings(max_examples=cases(25), derandomize=True)


def sample(seed: int) -> tuple[pd.DataFrame, CrossProducts]:
    """Rows with all categories, and their cross-products in one pass."""
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, SIZES, {"county": 0.3, "school": 0.2})
    frame["kind"] = np.resize(np.array(["a", "b", "c"]), len(frame))
    return frame, statistics_of(MODEL, frame)


def again(frame: pd.DataFrame, like: CrossProducts) -> CrossProducts:
    """Cross-products of other rows by the recipe and levels of a sample."""
    levels = [(level.group, level.candidates) for level in like.levels]
    return accumulate(frame, like.columns, Hierarchy.of(levels))


@EXAMPLES
@given(st.integers(0, 10**6), st.integers(2, 6), st.randoms(use_true_random=False))
def test_merging_any_split_in_any_order_equals_one_pass(seed, n_parts, random):
    frame, whole = sample(seed)
    part = np.array([random.randrange(n_parts) for _ in range(len(frame))])
    chunks = [again(frame[part == i], whole) for i in range(n_parts) if (part == i).any()]
    random.shuffle(chunks)
    while len(chunks) > 1:
        first = chunks.pop(random.randrange(len(chunks)))
        second = chunks.pop(random.randrange(len(chunks)))
        chunks.append(first + second)
    assert_equal(chunks[0], whole)


@EXAMPLES
@given(st.integers(0, 10**6))
def test_permuting_rows_changes_nothing(seed):
    frame, whole = sample(seed)
    order = np.random.default_rng(seed).permutation(len(frame))
    assert_equal(again(frame.iloc[order].reset_index(drop=True), whole), whole)


@EXAMPLES
@given(st.integers(0, 10**6))
def test_a_row_twice_adds_its_products_twice(seed):
    frame, whole = sample(seed)
    twice = again(pd.concat([frame, frame], ignore_index=True), whole)
    assert_equal(twice, whole + whole)
    np.testing.assert_allclose(twice.total, 2 * whole.total, rtol=1e-12, atol=1e-9)


def test_missing_values_are_counted_the_same_in_parts_and_at_once():
    frame, whole = sample(3)
    frame.loc[frame.index[::7], "x"] = np.nan
    frame.loc[frame.index[::5], "y"] = np.nan
    at_once = again(frame, whole)
    assert at_once.dropped == {"x": frame["x"].isna().sum(), "y": frame["y"].isna().sum()}
    assert_equal(again(frame.iloc[:11], whole) + again(frame.iloc[11:], whole), at_once)


def test_outer_sums_are_sums_of_inner_ones():
    _, stats = sample(5)
    outer, inner = stats.levels
    for g in range(outer.size):
        inside = inner.sums[:, inner.parent == g].sum(axis=1)
        np.testing.assert_allclose(inside, outer.sums[:, g], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(outer.sums[0].sum(axis=0), stats.total[0], rtol=1e-12, atol=1e-12)


def test_leaving_a_level_out_equals_never_having_it():
    frame, whole = sample(8)
    for gone in whole.levels:
        levels = [(x.group, x.candidates) for x in whole.levels if x.group != gone.group]
        never = accumulate(frame, whole.columns, Hierarchy.of(levels))
        assert_equal(whole.without_levels(gone.group), never)


def test_save_and_load_keep_every_digit(tmp_path):
    _, stats = sample(13)
    stats.save(tmp_path / "stats.npz")
    loaded = CrossProducts.load(tmp_path / "stats.npz")
    assert loaded.columns == stats.columns
    assert loaded.dropped == stats.dropped
    assert np.array_equal(loaded.total, stats.total)
    for x, y in zip(loaded.levels, stats.levels, strict=True):
        assert (x.group, x.candidates) == (y.group, y.candidates)
        assert np.array_equal(x.sums, y.sums)
        assert np.array_equal(x.parent, y.parent)
        assert list(x.labels) == list(y.labels)
    assert_equal(loaded + stats, stats + stats)


@pytest.mark.parametrize("kind", ["cut off", "text", "array", "lacking", "empty"])
def test_a_file_that_is_not_ours_is_refused_by_name(tmp_path, kind):
    path = tmp_path / "stats.npz"
    sample(1)[1].save(path)
    if kind == "lacking":
        np.savez(path, total=np.eye(2))
    elif kind == "array":
        with open(path, "wb") as file:
            np.save(file, np.eye(2))
    else:
        whole = path.read_bytes()
        path.write_bytes({"cut off": whole[: len(whole) // 2], "text": b"a,b", "empty": b""}[kind])
    with pytest.raises(ResultError, match=r"stats\.npz: not a file of cross-products"):
        CrossProducts.load(path)


def test_recipes_with_other_origins_do_not_add():
    frame, whole = sample(21)
    shifted = type(whole.columns)(
        whole.columns.columns,
        {key: (origin + 1.0, unit) for key, (origin, unit) in whole.columns.scales.items()},
        whole.columns.categories,
    )
    other = accumulate(
        frame, shifted, Hierarchy.of((level.group, level.candidates) for level in whole.levels)
    )
    with pytest.raises(StatisticsError, match=r"origin and unit.*same Columns"):
        _ = whole + other


def test_parts_in_which_a_group_has_two_parents_do_not_add():
    rows = pd.DataFrame({"a": ["1", "1", "2", "2"], "b": list("uvwx"), "y": [1.0, 2.0, 4.0, 3.0]})
    model = parse_formula("y ~ 1 + (1 | a) + (1 | b)")
    first = statistics_of(model, rows)
    moved = again(rows.assign(a=rows["a"].to_numpy()[::-1]), first)
    with pytest.raises(StatisticsError, match="not nested in the sum"):
        _ = first + moved
