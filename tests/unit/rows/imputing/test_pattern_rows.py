"""Sums by pattern of missing values: what is in them, and that they add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.errors import ModelError, ResultError, StatisticsError
from mlm.statistics.evidence.pattern_sums import PatternSums
from tests.incomplete_rows import incomplete_rows, pattern_sums

FORMULA = "y ~ x0 + x1 + z + (1 | c/g)"


def _same(a: PatternSums, b: PatternSums) -> None:
    assert set(a.parts) == set(b.parts)
    for lacking, part in a.parts.items():
        other = b.parts[lacking]
        assert part.columns.columns == other.columns.columns
        assert np.allclose(part.total, other.total)
        for mine, its in zip(part.levels, other.levels, strict=True):
            order = np.argsort(its.labels)
            assert np.array_equal(np.sort(mine.labels), its.labels[order])
            assert np.allclose(mine.sums[:, np.argsort(mine.labels)], its.sums[:, order])


def test_each_pattern_has_its_own_rows():
    rows = incomplete_rows(200, 9, 2, 0.3, seed=1)
    sums = pattern_sums(rows, FORMULA)
    lacking = rows[["x0", "x1"]].isna()
    for missing, part in sums.parts.items():
        mine = (lacking == [name in missing for name in ("x0", "x1")]).all(axis=1)
        assert part.n_obs == mine.sum()
        y = next(i for i, c in enumerate(part.columns.columns) if c.name == "y")
        origin, unit = part.columns.scales["y", "identity"]
        assert origin * mine.sum() + unit * part.total[0, y] == pytest.approx(rows.y[mine].sum())
        assert not {v for c in part.columns.columns for v in c.variables} & set(missing)
    assert sums.missing == lacking.sum().to_dict()


def test_sums_of_two_halves_add_up_to_those_of_all_rows():
    rows = incomplete_rows(200, 9, 2, 0.3, seed=1)
    whole = pattern_sums(rows, FORMULA)
    first, second = (
        _with_recipe(part, whole) for part in (rows.iloc[:120], rows.iloc[120:].iloc[::-1])
    )
    _same(first + second, whole)


def _with_recipe(rows: pd.DataFrame, whole: PatternSums) -> PatternSums:
    from mlm.nouns.columns import CONSTANT
    from mlm.nouns.hierarchy import Hierarchy
    from mlm.rows.imputing.pattern_rows import accumulate_patterns

    hierarchy = Hierarchy.of([(("c",), [CONSTANT]), (("c", "g"), [CONSTANT])])
    return accumulate_patterns(rows, whole.columns, hierarchy, whole.incomplete)


def test_sums_of_other_variables_are_not_added():
    rows = incomplete_rows(60, 6, 2, 0.3, seed=1)
    with pytest.raises(StatisticsError, match="may be missing"):
        pattern_sums(rows, FORMULA) + pattern_sums(rows.drop(columns="x1"), "y ~ x0 + (1 | c/g)")


def test_sums_come_back_from_a_file(tmp_path):
    sums = pattern_sums(incomplete_rows(60, 6, 2, 0.3, seed=1), FORMULA)
    sums.save(tmp_path / "sums.zip")
    back = PatternSums.load(tmp_path / "sums.zip")
    assert (back.columns, back.incomplete) == (sums.columns, sums.incomplete)
    _same(back, sums)
    (tmp_path / "other.zip").write_bytes(b"PK nothing")
    with pytest.raises(ResultError, match=r"other\.zip"):
        PatternSums.load(tmp_path / "other.zip")


def test_rows_without_the_outcome_are_left_out_and_counted():
    rows = incomplete_rows(60, 6, 1, 0.3, seed=1)
    rows.loc[rows.index[:7], "y"] = np.nan
    sums = pattern_sums(rows, "y ~ x0 + z + (1 | g)")
    assert sums.n_obs == 53
    assert sum(part.dropped.get("y", 0) for part in sums.parts.values()) == 7


def test_levels_in_any_order_are_found_and_crossed_ones_are_refused():
    rows = incomplete_rows(90, 9, 1, 0.3, seed=1)
    shuffled = rows.sample(frac=1.0, random_state=1)
    whole = pattern_sums(rows, "y ~ x0 + (1 | g) + (1 | c)")
    _same(whole, pattern_sums(shuffled, "y ~ x0 + (1 | c) + (1 | g)"))
    assert [level.group for level in next(iter(whole.parts.values())).levels] == [("c",), ("g",)]
    crossed = rows.assign(c=np.arange(90) % 4)
    with pytest.raises(ModelError, match="crossed"):
        pattern_sums(crossed, "y ~ x0 + (1 | g) + (1 | c)")
