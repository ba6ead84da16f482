"""Products that are said to be the same are the same to the last bit, and are summed once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlm
from mlm.nouns.columns import CONSTANT, Column, Columns, closure
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating import group_table
from mlm.rows.accumulating.accumulate import accumulate, accumulate_together
from mlm.rows.accumulating.column_blocks import BlockBuilder
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.evidence.arrays import distinct_sums
from mlm.statistics.evidence.arrays.array_files import StoredArray
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums, distinct_products
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.row_parts import add_row_parts
from tests.drawn_cases import cases

NUMBERS = ("a", "b")
CATEGORIES = {"sex": ("f", "m"), "kind": ("x", "y", "z")}
SCALES = {(name, "identity"): (0.3, 1.7) for name in NUMBERS}
A, B = (Column(powers=((name, "identity", 1),)) for name in NUMBERS)
GIRL = Column((("sex", "m"),))
indicators = st.dictionaries(st.sampled_from(sorted(CATEGORIES)), st.integers(1, 2), max_size=2)
powers = st.dictionaries(st.sampled_from(NUMBERS), st.integers(1, 2), max_size=2)


def column_of(own: dict, numbers: dict) -> Column:
    found = {name: CATEGORIES[name][min(i, len(CATEGORIES[name]) - 1)] for name, i in own.items()}
    of_numbers = tuple((name, "identity", e) for name, e in sorted(numbers.items()))
    return Column(tuple(sorted(found.items())), of_numbers)


columns = st.lists(st.builds(column_of, indicators, powers), min_size=1, max_size=4)


def values_of(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(n)
    numbers = {name: rng.normal(size=n) for name in NUMBERS}
    return numbers | {name: rng.integers(0, len(c), n) for name, c in CATEGORIES.items()}


@given(columns)
@settings(max_examples=cases(100), deadline=None)
def test_products_of_one_number_are_the_same_to_the_bit(wanted):
    recipe = Columns(closure(wanted), SCALES, CATEGORIES)
    block = BlockBuilder(recipe).block(values_of(200), slice(0, 200))
    which = distinct_products(recipe.columns, recipe.columns)
    products = block[:, None] * block[None]
    first = np.unique(which, return_index=True)[1]
    once = products.reshape(-1, 200)[first]
    assert np.array_equal(products, once[which])


def test_what_is_rounded_otherwise_is_another_product():
    squared, both = Column(powers=(("a", "identity", 2),)), A.times(B)
    which = distinct_products([A, B], [CONSTANT, A, B, squared, both])
    assert which[0, 2] == which[1, 1]  # a times b
    assert which[0, 4] != which[1, 3]  # a (a b), b (a a)


def test_of_a_survey_four_candidates_and_18_columns_make_40_products():
    ses, age, boy = A, B, GIRL
    kinds = [Column((("kind", name),)) for name in "yz"]
    terms = [CONSTANT, ses, age, boy, *kinds, boy.times(ses)]
    square = [Column(powers=((name, "identity", 2),)) for name in NUMBERS]
    more = [*square, age.times(ses), boy.times(age)]
    more += [kind.times(each) for each in (ses, age, boy) for kind in kinds]
    score = Column(powers=(("score", "identity", 1),))
    which = distinct_products([CONSTANT, ses, age, boy], [*terms, *more, score])
    assert which.shape == (4, 18) and which.max() == 39


def rows_of(n: int) -> pd.DataFrame:
    rows = pd.DataFrame(values_of(n))
    for name, texts in CATEGORIES.items():
        rows[name] = np.array(texts)[rows[name]]
    rows.insert(0, "school", np.sort(np.random.default_rng(1).integers(0, n // 7, n)).astype(str))
    return rows.assign(county="c" + rows["school"].str[:1]).sort_values(["county", "school"])


RECIPE = Columns(closure([A.times(B), A.times(GIRL), Column((("kind", "y"),))]), SCALES, CATEGORIES)
HIERARCHY = Hierarchy.of([(("county",), [A, GIRL]), (("county", "school"), [A, B, GIRL])])


def filed(tmp_path, rows: pd.DataFrame) -> CrossProducts:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
    wanted = Wanted(RECIPE, HIERARCHY, may_file=True)
    return accumulate_together(source_of(path), [wanted])[0].cross_products()


def assert_same(found: CrossProducts, expected: CrossProducts) -> None:
    for own, other in zip(found.levels, expected.levels, strict=True):
        assert np.array_equal(own.sums, other.sums)
        for i in range(len(own.candidates)):
            assert np.array_equal(own.sums[i], np.asarray(other.sums)[i])
        assert np.array_equal(own.rows, other.rows)


@pytest.mark.parametrize("held", [10**9, 500])
@pytest.mark.parametrize("largest", [None, 0])
def test_files_hold_each_product_once(held, largest, tmp_path, monkeypatch):
    monkeypatch.setattr(group_table, "HELD_NUMBERS", held)
    monkeypatch.setattr(group_table, "DONE_GROUPS", 8)
    rows = rows_of(3000)
    expected, found = accumulate(rows, RECIPE, HIERARCHY), filed(tmp_path, rows)
    sums = found.levels[1].sums
    assert isinstance(sums, DistinctSums) and sums.held.shape[2] < sums.which.size
    assert_same(found, expected)
    found.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as stored:
        assert stored["sums_1"].shape == sums.held.shape
    for lazily in (False, True):
        again = CrossProducts.load(tmp_path / "a.npz", lazily, largest)
        in_file = lazily or largest == 0
        assert isinstance(again.levels[1].sums, DistinctSums if in_file else np.ndarray)
        assert not in_file or not again.levels[1].sums.is_in_memory
        assert_same(again, expected)
        again.save(tmp_path / "b.npz")
    assert (tmp_path / "b.npz").read_bytes() == (tmp_path / "a.npz").read_bytes()


def test_sums_with_weights_are_rounded_each_for_itself():
    rows = rows_of(500).assign(w=np.random.default_rng(2).uniform(0.5, 2.0, 500))
    (sample,) = accumulate_together(source_of(rows), [Wanted(RECIPE, HIERARCHY, precision="w")])
    sums = sample.cross_products().levels[1].sums
    own = [HIERARCHY.levels[1].candidates.index(c) for c in (A, B)]
    a, b = (RECIPE.positions[c] for c in (A, B))
    np.testing.assert_allclose(sums[own[0]][:, b], sums[own[1]][:, a], rtol=1e-12)
    assert not np.array_equal(sums[own[0]][:, b], sums[own[1]][:, a])


def test_parts_of_rows_are_chained_product_by_product(tmp_path):
    rows = rows_of(2000)
    whole, parts = filed(tmp_path, rows), []
    for i, own in enumerate((rows[:800], rows[800:])):
        filed(tmp_path, own).save(tmp_path / f"{i}.npz")
        parts.append(CrossProducts.load(tmp_path / f"{i}.npz", lazily=True))
    found = add_row_parts(parts)
    assert isinstance(found.levels[1].sums, DistinctSums)
    np.testing.assert_allclose(found.levels[1].sums, np.asarray(whole.levels[1].sums), rtol=1e-12)
    found.save(tmp_path / "all.npz")
    again = CrossProducts.load(tmp_path / "all.npz")
    assert np.array_equal(again.levels[1].sums, np.asarray(found.levels[1].sums))


def test_parts_in_files_are_read_some_groups_at_a_time(tmp_path):
    filed(tmp_path, rows_of(3000)).save(tmp_path / "a.npz")
    sums = CrossProducts.load(tmp_path / "a.npz", lazily=True).levels[1].sums
    assert isinstance(sums.held, StoredArray) and not sums.is_in_memory
    expected = np.asarray(sums)
    for candidate in range(len(expected)):
        assert np.array_equal(sums.part(candidate, 20, 70), expected[candidate, 20:70])


@pytest.mark.parametrize("in_file", [False, True])
def test_some_of_the_sums_are_those_of_all(in_file, tmp_path, monkeypatch):
    monkeypatch.setattr(distinct_sums, "GROUPS_IN_CACHE", 50)
    sample = filed(tmp_path, rows_of(2000))
    sample.save(tmp_path / "a.npz")
    if in_file:
        sample = CrossProducts.load(tmp_path / "a.npz", largest=0)
    sums = sample.levels[1].sums
    whole, size = np.asarray(sums), sums.shape[1]
    rows, columns, groups = [2, 0], [3, 1, 1, 4], slice(30, 170)
    assert size > 170 and np.array_equal(sums.taken(rows, columns), whole[rows][:, :, columns])
    assert np.array_equal(sums.block(rows, groups), whole[rows, groups])
    assert np.array_equal(sums.block(rows, groups, columns), whole[rows, groups][:, :, columns])
    some = sums.some(rows, columns=columns)
    assert isinstance(some, DistinctSums) and np.array_equal(some, whole[rows][:, :, columns])
    kept = np.arange(size) % 3 == 0
    assert np.array_equal(sums.some(groups=kept), whole[:, kept])
    assert np.array_equal(sums[1, :, 2], whole[1, :, 2])
    assert np.array_equal(sums[1, 5:9, 2], whole[1, 5:9, 2])
    assert np.array_equal(sums[1, 5:9], whole[1, 5:9])


@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_models_are_fitted_to_sums_that_stay_in_the_file(tmp_path):
    filed(tmp_path, rows_of(3000)).save(tmp_path / "a.npz")
    fits = []
    for largest in (None, 0):
        sample = CrossProducts.load(tmp_path / "a.npz", largest=largest)
        for formula in ("b ~ a * sex + (1 | county/school)", "b ~ a + (1 + a | county:school)"):
            fits.append(mlm.fit(formula, sample))
    for own, other in zip(fits[:2], fits[2:], strict=True):
        assert own.deviance == pytest.approx(other.deviance, rel=1e-12)
        assert own.theta == pytest.approx(other.theta, rel=1e-9, abs=1e-9)
