"""Rows that are filled in: their distribution given a state, and that batches do not matter."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.sources import source_of
from mlm.rows.imputing import completed_rows
from mlm.rows.imputing.completed_rows import RowImputer
from mlm.rows.imputing.imputed_sums import ImputedRows
from mlm.rows.imputing.joint_draws import joint_draws
from mlm.statistics.imputation.sampling import ChainPlan
from tests.bands import largest_ratio
from tests.incomplete_rows import RowByRow, incomplete_rows

FORMULA = "y ~ x0 * x1 + z + (1 | g)"
QUICK = ChainPlan(draws=2, chains=1, burn_in=5, between=2)


@pytest.fixture(scope="module")
def rows():
    return incomplete_rows(120, 8, 2, 0.3, seed=4)


@pytest.fixture(scope="module")
def drawn(rows):
    return joint_draws([parse_formula(FORMULA)], source_of(rows), (), None, QUICK)


def _values(drawn, rows, many: int) -> np.ndarray:
    """Completed x0 and x1 (many, n, 2) of one state."""
    state = drawn.sampled.states[0]
    imputer = RowImputer(drawn.sums.columns, drawn.model, drawn.reader, [state] * many, drawn.seed)
    (batch,) = source_of(rows).batches(["g", "y", "x0", "x1", "z"])
    return np.array(
        [
            np.column_stack([each.columns["x0"], each.columns["x1"]])
            for each in imputer.completed(batch)
        ]
    )


def test_missing_values_have_their_conditional_distribution(rows, drawn):
    many = 150
    found = _values(drawn, rows, many)
    here = ~rows[["x0", "x1"]].isna().to_numpy()
    assert np.array_equal(found[0][here], rows[["x0", "x1"]].to_numpy()[here])
    state = drawn.sampled.states[0].state
    plain = RowByRow(rows, drawn.sums, ("g",))
    assert [c.name for c in drawn.model.responses] == ["y", "x0", "x1"]
    assert [c.name for c in drawn.model.predictors] == ["Intercept", "z"]
    plain.x = np.column_stack([plain.q[:, 1], plain.x])
    plain.q = plain.q[:, [0, 2]]
    plain.missing = np.isnan(plain.x)
    labels = [int(label) for label in drawn.aligned.keys[-1][0]]
    effects = state.effects.whole.T[[labels.index(g) for g in rows["g"]]]
    rng = np.random.default_rng(3)
    theirs = np.array([plain.completed(state.parameters, effects, rng) for _ in range(many)])
    for j, name in enumerate(("x0", "x1")):
        origin, unit = drawn.sums.columns.scales[name, "identity"]
        ours = (found[:, ~here[:, j], j] - origin) / unit
        plainly = theirs[:, ~here[:, j], j + 1]
        for a, b in ((ours, plainly), (ours**2, plainly**2)):
            error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / many)
            ratio = np.abs(a.mean(axis=0) - b.mean(axis=0)) / error
            assert ratio.max() < largest_ratio(4 * ratio.size)


def test_values_do_not_depend_on_how_rows_are_batched(rows, drawn, monkeypatch):
    monkeypatch.setattr(completed_rows, "PAGE", 16)
    imputer = drawn.imputer()
    (batch,) = source_of(rows).batches(["g", "y", "x0", "x1", "z"])
    whole = [each.columns["x0"] for each in imputer.completed(batch)]
    parts = []
    for start in range(0, 120, 25):
        cut = slice(start, start + 25)
        columns = {name: column[cut] for name, column in batch.columns.items()}
        part = Batch(columns, len(columns["y"]), start)
        parts.append([each.columns["x0"] for each in imputer.completed(part)])
    for draw, own in enumerate(whole):
        assert np.allclose(np.concatenate([part[draw] for part in parts]), own)
    other = next(iter(imputer.completed(batch, source=1))).columns["x0"]
    assert not np.allclose(other, whole[0])


def test_a_shift_moves_imputed_values_alone(rows, drawn):
    (batch,) = source_of(rows).batches(["g", "y", "x0", "x1", "z"])
    plain = next(iter(drawn.imputer().completed(batch))).columns["x0"]
    moved = next(iter(drawn.imputer({"x0": -0.5}).completed(batch))).columns["x0"]
    lacking = rows["x0"].isna().to_numpy()
    assert np.allclose(moved[lacking] - plain[lacking], -0.5)
    assert np.array_equal(moved[~lacking], plain[~lacking])


def test_rows_of_one_draw_are_those_of_the_pass_over_all(rows, drawn):
    found = mlm.impute(FORMULA, rows, 2, chains=1, burn_in=5, between=2)
    one = ImputedRows(source_of(rows), drawn.imputer(), 1)
    (batch,) = one.batches(["g", "y", "x0", "x1", "z"])
    assert not np.isnan(batch.columns["x0"]).any()
    stats = found[1]
    place = [c.name for c in stats.columns.columns].index("x0:x1")
    scales = stats.columns.scales
    standard = [
        (batch.columns[v] - scales[v, "identity"][0]) / scales[v, "identity"][1]
        for v in ("x0", "x1")
    ]
    assert stats.total[0, place] == pytest.approx((standard[0] * standard[1]).sum())
