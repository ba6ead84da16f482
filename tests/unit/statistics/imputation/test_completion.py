"""Completed cross-products that are drawn have the distribution of those of completed rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.completion import Completion
from mlm.statistics.imputation.gibbs import GibbsChain
from mlm.statistics.imputation.joint_model import Prior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.starts import start_of
from tests.bands import largest_ratio
from tests.incomplete_rows import RowByRow, incomplete_rows, joint_model, pattern_sums

CASES = [  # variables, formula without the incomplete variables, levels, slopes
    (1, "(1 | g)", ("g",), ()),
    (3, "(1 | g)", ("g",), ()),
    (3, "(1 | c/g)", ("c", "c:g"), ("z",)),
]


class Case:
    """Both ways to complete the same rows, given one state of a chain."""

    def __init__(self, variables: int, random: str, slopes: tuple[str, ...]):
        self.rows = incomplete_rows(90, 9, variables, 0.35, seed=variables)
        names = " + ".join(f"x{j}" for j in range(variables))
        self.sums = pattern_sums(self.rows, f"y ~ {names} + z + {random}", slopes)
        aligned, model = Aligned.of(self.sums), joint_model(self.rows)
        table = PatternTable.of(aligned, model)
        start = start_of(table)
        *_, self.state = GibbsChain(table, start, Prior.around(start), 1, 0).states(3)
        self.by_row = RowByRow(self.rows, self.sums, ("g",))
        self.completion = Completion(aligned, model)
        self.slopes = slopes
        order = np.argsort(np.concatenate(aligned.keys[-1][-1:]).astype(int))
        self.effects = self.state.effects.whole[:, order].T[self.rows["g"].to_numpy()]
        self.order = order

    def of_sums(self, rng) -> np.ndarray:
        """Completed sums without a row, as one vector."""
        stats = self.completion.draw(self.state, rng)
        lowest = stats.levels[-1].sums[:, self.order]
        upper = [level.sums.ravel() for level in stats.levels[:-1]]
        return np.concatenate([stats.total.ravel(), lowest.ravel(), *upper])

    def of_rows(self, rng) -> np.ndarray:
        """The same from completed rows."""
        x = self.by_row.completed(self.state.parameters, self.effects, rng)
        columns = self.sums.columns
        values = {v: self.rows[v].to_numpy() for v in ("y", "z")}
        for j, name in enumerate(self.by_row.names):
            origin, unit = columns.scales[name, "identity"]
            values[name] = origin + unit * x[:, j]
        block = columns.matrix(values)
        z = block[[c.name == "z" for c in columns.columns]]
        candidates = [np.ones(len(x)), *z] if self.slopes else [np.ones(len(x))]
        parts = [(block @ block.T).ravel()]
        levels = [("g", 9), ("c", 3)][: len(self.state.effects.levels)]
        for level, size in levels:
            member = self.rows[level].to_numpy() == np.arange(size)[:, None]
            parts += [((member * own) @ block.T).ravel() for own in candidates]
        return np.concatenate(parts)


def _compare(a: np.ndarray, b: np.ndarray) -> None:
    """Means, and all products of two deviations, of draws (n, t) in both ways are the same."""
    spread = a.std(axis=0)
    moving = spread > 1e-9 * (1.0 + np.abs(a).max(axis=0))
    assert np.allclose(a[:, ~moving], b[:, ~moving], rtol=1e-9, atol=1e-9)
    a, b = a[:, moving], b[:, moving]
    centre, scale = a.mean(axis=0), a.std(axis=0)
    _same_means(a, b)
    chosen = np.linspace(0, a.shape[1] - 1, min(a.shape[1], 60)).astype(int)
    a, b = (((own - centre) / scale)[:, chosen] for own in (a, b))
    i, j = np.triu_indices(chosen.size)
    _same_means(a[:, i] * a[:, j], b[:, i] * b[:, j])


def _same_means(a: np.ndarray, b: np.ndarray) -> None:
    error = np.sqrt(a.var(axis=0) / len(a) + b.var(axis=0) / len(b))
    ratio = np.abs(a.mean(axis=0) - b.mean(axis=0)) / error
    assert ratio.max() < largest_ratio(ratio.size), ratio.max()


@pytest.mark.parametrize(
    ("variables", "random", "levels", "slopes"), CASES, ids=["one", "three", "levels_and_slopes"]
)
def test_sums_have_the_distribution_of_rows(variables, random, levels, slopes):
    _case_agrees(Case(variables, random, slopes), 60)


@pytest.mark.study
@pytest.mark.parametrize(("variables", "random", "levels", "slopes"), CASES)
def test_sums_have_the_distribution_of_many_rows(variables, random, levels, slopes):
    _case_agrees(Case(variables, random, slopes), 6000)


def _case_agrees(case: Case, draws: int) -> None:
    rng = np.random.default_rng(7)
    a = np.array([case.of_sums(rng) for _ in range(draws)])
    b = np.array([case.of_rows(rng) for _ in range(draws)])
    _compare(a, b)


def test_a_completed_sample_has_all_rows_and_the_sums_of_its_levels():
    case = Case(3, "(1 | c/g)", ())
    stats = case.completion.draw(case.state, np.random.default_rng(1))
    assert stats.n_obs == len(case.rows)
    assert np.allclose(stats.levels[-1].sums.sum(axis=1), stats.levels[0].sums.sum(axis=1))
    assert np.allclose(stats.levels[-1].sums[0].sum(axis=0), stats.total[0])
    assert np.linalg.eigvalsh(stats.total).min() > 0.0
