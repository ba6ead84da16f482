"""The pass over rows: the same statistics from frames and files, whatever their order and parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mlm
from mlm.errors import ModelError, SurveyError
from mlm.nouns.formula import parse_formula
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.ids.identifier import normal_id
from mlm.rows.accumulating import accumulate as door
from mlm.rows.accumulating import frame_source, parquet_source
from mlm.rows.accumulating.accumulate import accumulate, accumulate_together
from mlm.rows.accumulating.model_statistics import recipe_of_models, statistics_of
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from tests.nested_rows import nested_rows
from tests.property.equality import assert_equal

pytestmark = pytest.mark.slow

SIZES = {"county": 4, "school": (2, 5), "pupil": (3, 9), "row": (1, 3)}
FORMULA = "y ~ x * kind + z + (1 + x | county/school) + (1 | county:school:pupil)"
NEAR = 1e-6  # deviance


@pytest.fixture
def rows() -> pd.DataFrame:
    """A few hundred rows with text ids that are local to their parent."""
    variances = {"county": 0.3, "school": 0.2, "pupil": 0.4}
    return nested_rows(np.random.default_rng(7), SIZES, variances)


@pytest.fixture
def batch_rows(monkeypatch):
    """Sets the number of rows of a batch."""

    def of(n: int) -> None:
        monkeypatch.setattr(parquet_source, "BATCH_ROWS", n)
        monkeypatch.setattr(frame_source, "BATCH_ROWS", n)

    return of


def again(data, like, formula=FORMULA):
    """Statistics of data by the recipe and levels of others."""
    levels = [(level.group, level.candidates) for level in like.levels]
    return accumulate(data, like.columns, Hierarchy.of(levels))


def written(rows: pd.DataFrame, path, **options):
    """The path of a Parquet file with some rows."""
    rows.to_parquet(path, index=False, **options)
    return path


def sample(rows: pd.DataFrame, formula: str = FORMULA):
    return statistics_of(parse_formula(formula), rows)


@pytest.mark.battery
@pytest.mark.parametrize("n", [1, 13, 100_000])
@pytest.mark.parametrize("group_bytes", [0, parquet_source.GROUP_BYTES])
def test_one_file_gives_what_the_frame_gives(
    rows, tmp_path, batch_rows, monkeypatch, n, group_bytes
):
    monkeypatch.setattr(parquet_source, "GROUP_BYTES", group_bytes)
    whole = sample(rows)
    path = written(rows, tmp_path / "rows.parquet", row_group_size=50)
    batch_rows(n)
    assert_equal(again(path, whole), whole)
    assert_equal(again(str(path), whole), whole)
    assert_equal(again(rows, whole), whole)


@pytest.mark.parametrize("n", [17, 100_000])
def test_shuffled_rows_in_many_files_give_the_same(rows, tmp_path, batch_rows, n):
    whole = sample(rows)
    order = np.random.default_rng(1).permutation(len(rows))
    paths = [
        written(rows.iloc[part], tmp_path / f"{i}.parquet")
        for i, part in enumerate(np.array_split(order, 5))
    ]
    batch_rows(n)
    assert_equal(again(paths, whole), whole)
    assert_equal(again(tmp_path, whole), whole)
    assert_equal(again([paths[0], *paths[1:]], whole), whole)


def test_a_fit_to_files_is_the_fit_to_the_frame(rows, tmp_path, batch_rows):
    written(rows.iloc[:100], tmp_path / "a.parquet")
    written(rows.iloc[100:], tmp_path / "b.parquet")
    batch_rows(40)
    from_files, from_rows = mlm.fit(FORMULA, tmp_path), mlm.fit(FORMULA, rows)
    assert from_files.deviance == pytest.approx(from_rows.deviance, abs=NEAR)
    assert from_files.names == from_rows.names
    np.testing.assert_allclose(from_files.beta, from_rows.beta, rtol=1e-5, atol=1e-6)


IDS = {
    "small integers": lambda codes: codes.astype(np.int16),
    "negative and far apart": lambda codes: codes * 1_000_000 - 3_000_000,
    "wider than a table": lambda codes: codes * (2**55 + 1) - 2**60,
    "unsigned": lambda codes: codes.astype(np.uint64) + np.uint64(2**63),
    "whole floats": lambda codes: codes.astype(float),
    "fractions": lambda codes: codes + 0.25,
    "fractions that come late": lambda codes: np.where(codes < 6, codes, codes + 0.5),
    "texts": lambda codes: np.char.add("school ", codes.astype(str)).astype(object),
    "categories": lambda codes: pd.Categorical.from_codes(codes, [f"s{i}" for i in range(99)]),
    "truth values": lambda codes: codes % 2 == 0,
}


@pytest.mark.battery
@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("inside", [False, True])
def test_groups_are_told_apart_by_ids_of_any_kind(rows, tmp_path, batch_rows, kind, inside):
    codes = pd.factorize(rows["county"] + ":" + rows["school"])[0]
    if inside:
        codes %= 11
    ids = IDS[kind](codes)
    frame = rows.assign(place=ids, county=rows["county"].astype(int))
    group = "county:place" if inside or kind == "truth values" else "place"
    labels = np.array([normal_id(value) for value in ids])
    labels = frame["county"].astype(str).to_numpy() + ":" + labels if ":" in group else labels
    expected = pd.Series(labels).value_counts()
    path = written(frame.sample(frac=1.0, random_state=3), tmp_path / "rows.parquet")
    batch_rows(23)
    for data in (frame, path):
        level = sample(data, f"y ~ x + (1 | {group})").levels[-1]
        assert dict(zip(level.labels, level.rows, strict=True)) == expected.to_dict()


def test_rows_with_missing_values_are_left_out_and_counted(rows, tmp_path, batch_rows):
    rows.loc[::7, "x"] = np.nan
    rows.loc[::5, "kind"] = None
    rows.loc[3:4, "pupil"] = None
    rows.loc[3:4, "y"] = np.nan  # an id may be missing where the row is left out anyway
    whole = sample(rows)
    assert whole.dropped == {name: int(rows[name].isna().sum()) for name in ("y", "x", "kind")}
    assert whole.n_obs == len(rows[["y", "x", "kind"]].dropna())
    path = written(rows, tmp_path / "rows.parquet")
    batch_rows(4)
    assert_equal(again(path, whole), whole)


def test_whole_numbers_with_gaps_and_other_types_are_numbers(rows, tmp_path, batch_rows):
    frame = rows.assign(x=rows["x"].round(), w=rows["x"].astype(np.float32))
    frame.loc[::6, "x"] = np.nan
    nullable = frame.assign(x=frame["x"].astype("Int64"))
    whole = sample(nullable, "y ~ x + w + (1 | county)")
    batch_rows(10)
    path = written(nullable, tmp_path / "rows.parquet")
    assert_equal(again(path, whole), whole)
    assert_equal(again(frame, whole), whole)


def test_categories_keep_the_order_of_their_list_and_texts_are_sorted(rows, tmp_path):
    listed = pd.Categorical(rows["kind"], ["c", "a", "unused", "b"])
    path = written(rows.assign(kind=listed), tmp_path / "rows.parquet")
    for data in (path, rows.assign(kind=listed)):
        assert sample(data).columns.categories["kind"] == ("c", "a", "b")
    assert sample(written(rows, path)).columns.categories["kind"] == ("a", "b", "c")


def test_a_category_without_a_complete_row_makes_no_column(rows, tmp_path, batch_rows):
    rows.loc[rows["kind"] == "a", "y"] = np.nan
    batch_rows(30)
    stats = sample(written(rows, tmp_path / "rows.parquet"))
    assert stats.columns.categories["kind"] == ("b", "c")
    assert_equal(sample(rows), again(rows, sample(rows)))
    rows.loc[rows["kind"] == "b", "y"] = np.nan
    with pytest.raises(ModelError, match=r"kind has one category only \(c\)"):
        sample(rows)


def test_an_origin_far_from_the_rows_is_moved(rows, tmp_path, batch_rows):
    frame = rows.assign(x=rows["x"] + 1e7)
    frame.loc[:9, "x"] = np.nan
    batch_rows(10)
    path = written(frame, tmp_path / "rows.parquet")
    origin, unit = sample(path, "y ~ x + (1 | county)").columns.scales["x", "identity"]
    assert abs(origin - frame["x"].mean()) < 1e-6
    assert 0.5 < unit / frame["x"].std() < 2.0
    moved, known = mlm.fit("y ~ x + (1 | county)", path), mlm.fit("y ~ x + (1 | county)", frame)
    assert moved.deviance == pytest.approx(known.deviance, abs=NEAR)


def test_levels_are_ordered_by_all_rows_not_by_the_first(rows, tmp_path, batch_rows):
    ids = pd.factorize(rows["county"] + ":" + rows["school"])[0]
    frame = rows.assign(place=ids, county=rows["county"].astype(int))
    first = frame.groupby("place").head(1).groupby("county").head(1)
    frame = pd.concat([first, frame.drop(first.index)])
    whole = sample(frame, "y ~ x + (1 | county) + (1 | place)")
    batch_rows(len(first))
    path = written(frame, tmp_path / "rows.parquet")
    for formula in ("y ~ x + (1 | place) + (1 | county)", "y ~ x + (1 | county) + (1 | place)"):
        stats = sample(path, formula)
        assert [level.name for level in stats.levels] == ["county", "place"]
        assert_equal(again(path, whole), whole)


def test_factors_that_cross_in_a_late_row_only_are_crossed(rows, tmp_path, batch_rows):
    ids = pd.factorize(rows["county"] + ":" + rows["school"])[0]
    frame = rows.assign(place=ids, county=rows["county"].astype(int))
    frame.loc[len(frame) - 1, "place"] = 0
    formula = "y ~ x + (1 + x | place) + (1 | county)"
    whole = sample(frame, formula)
    batch_rows(19)
    parts = sample(written(frame, tmp_path / "rows.parquet"), formula)
    assert [f.name for f in parts.crossing.factors] == ["county"]
    assert parts.levels[0].name == "place"
    dense = [
        [link.toarray() for row in s.crossing.factors[0].links for link in row]
        for s in (parts, whole)
    ]
    assert dense[0][0].sum() == len(frame)
    assert mlm.fit(formula, parts).deviance == pytest.approx(
        mlm.fit(formula, whole).deviance, abs=NEAR
    )


def test_only_the_columns_of_the_model_are_read(rows, tmp_path, monkeypatch):
    seen = []
    taken = door.CompleteRows.of
    monkeypatch.setattr(
        door.CompleteRows,
        "of",
        lambda self, batch: seen.append(set(batch.columns)) or taken(self, batch),
    )
    sample(written(rows, tmp_path / "rows.parquet"), "y ~ x + (1 | county/school)")
    assert seen == [{"y", "x", "county", "school"}]


@pytest.mark.parametrize("group_bytes", [0, parquet_source.GROUP_BYTES])
def test_memory_is_that_of_a_batch_or_group_not_of_the_file(
    tmp_path, batch_rows, monkeypatch, group_bytes
):
    monkeypatch.setattr(parquet_source, "GROUP_BYTES", group_bytes)
    n, groups, size = 150_000, 50, 2048
    rng = np.random.default_rng(0)
    names = ["y", *(f"x{i}" for i in range(9))]
    rows = pd.DataFrame(rng.normal(size=(n, len(names))), columns=names)
    path = written(
        rows.assign(g=rng.integers(groups, size=n)),
        tmp_path / "rows.parquet",
        row_group_size=15_000,
    )
    batch_rows(size)
    held, counts = [], []
    taken = door.CompleteRows.of

    def watched(self, batch):
        held.append(pa.total_allocated_bytes())
        counts.append(batch.rows)
        return taken(self, batch)

    monkeypatch.setattr(door.CompleteRows, "of", watched)
    before = pa.total_allocated_bytes()
    stats = sample(path, "y ~ " + " + ".join(names[1:]) + " + (1 | g)")
    assert stats.n_obs == sum(counts) == n
    assert max(counts) <= size
    assert len(counts) >= n // size
    assert max(held) - before < 0.4 * rows.to_numpy().nbytes


FAULTS = {
    "no such column": ({"x": "exx"}, SurveyError, r"column x is not in .*rows.parquet"),
    "text": ({}, SurveyError, "column x holds values that are no numbers"),
    "infinite": ({}, SurveyError, r"x is not finite in 2 rows \(row 40 of .*, row 90 of"),
    "no id": ({}, SurveyError, r"id column county is missing in 2 rows \(row 40 of .*, row 90 of"),
    "category": ({}, SurveyError, r"kind: 2 rows have a category that .* \(row 40 of .*a, b, c"),
    "incomplete": ({}, SurveyError, "no row is complete: x is missing in"),
    "empty": ({}, SurveyError, "no rows"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_their_place(rows, tmp_path, batch_rows, fault):
    whole = sample(rows)
    names, kind, message = FAULTS[fault]
    rows = rows.rename(columns=names)
    if fault == "text":
        rows = rows.assign(x="high")
    elif fault == "infinite":
        rows.loc[[40, 90], "x"] = np.inf
    elif fault == "no id":
        rows.loc[[40, 90], "county"] = None
    elif fault == "category":
        rows.loc[[40, 90], "kind"] = "d"
    elif fault == "incomplete":
        rows["x"] = np.nan
    elif fault == "empty":
        rows = rows.iloc[:0]
    batch_rows(37)
    with pytest.raises(kind, match=message):
        again(written(rows, tmp_path / "rows.parquet"), whole)


def test_places_that_hold_no_rows_are_named(rows, tmp_path):
    other = tmp_path / "rows.csv"
    rows.to_csv(other)
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(SurveyError, match="there is no such file or folder"):
        sample(tmp_path / "nowhere.parquet")
    with pytest.raises(SurveyError, match="holds no file that ends in .parquet"):
        sample(folder)
    with pytest.raises(SurveyError, match="not a readable Parquet file"):
        sample(other)
    with pytest.raises(SurveyError, match="expected a DataFrame, the path"):
        sample(7)


def test_files_of_unlike_columns_are_refused(rows, tmp_path):
    a = written(rows, tmp_path / "a.parquet")
    b = written(rows.assign(x=rows["x"].astype(str)), tmp_path / "b.parquet")
    c = written(rows.drop(columns="x"), tmp_path / "c.parquet")
    with pytest.raises(SurveyError, match=r"column x is double in .*a.parquet and .*b.parquet"):
        sample([a, b])
    with pytest.raises(SurveyError, match="column x is not in every one of 2 files"):
        sample([a, c])


def test_a_file_without_rows_beside_others_changes_nothing(rows, tmp_path):
    whole = sample(rows)
    empty = pq.ParquetFile(written(rows, tmp_path / "b.parquet")).schema_arrow.empty_table()
    pq.write_table(empty, tmp_path / "a.parquet")
    assert_equal(again(tmp_path, whole), whole)


@pytest.mark.parametrize("crossed", [False, True])
def test_samples_of_the_same_rows_number_their_groups_once_and_add_up_as_each_alone(
    rows, crossed, batch_rows
):
    batch_rows(50)
    if crossed:
        rows = rows.assign(taught=np.arange(len(rows)) % 7)
    formula = (
        "y ~ x + (1 | county:school) + (1 | taught)" if crossed else "y ~ x + (1 | county/school)"
    )
    source, model = source_of(rows), parse_formula(formula)
    wanted = [Wanted(*recipe_of_models([model], {}, source, {})) for _ in range(3)]
    samples = accumulate_together(source, wanted, alike=1)
    alone = accumulate_together(source, wanted[:1])
    if not crossed:
        numbers = {id(sample._sums.nesting.grouping) for sample in samples}
        assert len(numbers) == 1
    for sample in samples:
        assert_equal(sample.cross_products(), alone[0].cross_products())
