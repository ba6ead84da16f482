"""Variables that are computed from others: arithmetic, aggregates, standard scores.

All of it works on whole columns in sorted order, so that the order of the rows in the files does
not change the last bit of a result.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from mlm.configuration.arithmetic import Arithmetic

_OPERATORS = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.USub: np.negative,
    ast.UAdd: np.positive,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_FUNCTIONS: dict[str, Callable] = {
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "minimum": lambda *parts: reduce(np.minimum, parts),
    "maximum": lambda *parts: reduce(np.maximum, parts),
    "mean": lambda *parts: sum(parts[1:], parts[0]) / len(parts),
}


def evaluate(
    expression: Arithmetic,
    numbers: Mapping[str, np.ndarray],
    is_category: Callable[[str, str], np.ndarray],
) -> np.ndarray:
    """Values (n,) of an expression; NaN where a part is missing or the result is not finite.

    Parameters
    ----------
    expression : Arithmetic
        The expression.
    numbers : mapping of str to ndarray (n,)
        Values of its numbers, NaN where missing.
    is_category : callable
        From a category variable and a code to 1.0, 0.0 or NaN by row.
    """
    with np.errstate(all="ignore"):
        values = _value(expression.tree, numbers, is_category)
    values = np.array(values, dtype=np.float64) + 0.0
    return np.where(np.isfinite(values), values, np.nan)


def _value(node: ast.expr, numbers: Mapping[str, np.ndarray], is_category: Callable):
    if isinstance(node, ast.Name):
        return numbers[node.id]
    if isinstance(node, ast.Constant):
        return float(node.value)
    if isinstance(node, ast.UnaryOp):
        return _OPERATORS[type(node.op)](_value(node.operand, numbers, is_category))
    if isinstance(node, ast.BinOp):
        left, right = (_value(part, numbers, is_category) for part in (node.left, node.right))
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Call):
        return _FUNCTIONS[node.func.id](*(_value(a, numbers, is_category) for a in node.args))
    return _comparison(node, numbers, is_category)


def _comparison(node: ast.Compare, numbers: Mapping[str, np.ndarray], is_category: Callable):
    operator, right = _OPERATORS[type(node.ops[0])], node.comparators[0]
    if isinstance(right, ast.Constant) and isinstance(right.value, str):
        holds = is_category(node.left.id, right.value)
        return holds if isinstance(node.ops[0], ast.Eq) else 1.0 - holds
    left, right = (_value(part, numbers, is_category) for part in (node.left, right))
    return np.where(np.isnan(left) | np.isnan(right), np.nan, operator(left, right))


def aggregate(
    statistic: str, values: np.ndarray, group: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Statistic of the rows of each unit, given to all its rows.

    Parameters
    ----------
    statistic : str
        What an ``Aggregate`` may be. For a share, ``values`` are 1 in the categories, 0 in others.
    values : ndarray (n,)
        Values in sorted order, NaN where missing; for ``first`` in order of time in each unit.
    group : ndarray of int (n,)
        Unit of each row, 0 to G - 1 and never falling.
    weights : ndarray (n,), optional
        Overall sampling weights; rows without one (NaN) or with 0 count for nothing. Only their
        ratios matter inside a unit. A count is one of rows all the same.

    Returns
    -------
    ndarray (n,)
        NaN where no row (for sd: fewer than two rows) of the unit has a value.
    """
    if weights is None or statistic in ("count", "first"):
        return STATISTICS[statistic](_Units(values, group))
    counts = weights > 0.0
    units = _WeighedUnits(np.where(counts, values, np.nan), group, np.where(counts, weights, 0.0))
    return STATISTICS[statistic](units)


class _Units:
    """Rows with a value in each unit: their number and mean (G,); deviations from it (n,).

    ``total`` (G,) is what they weigh together, ``own`` (n,) what each does: 1, or 0 without value.
    """

    def __init__(self, values: np.ndarray, group: np.ndarray):
        self.group, self.present, self.values = group, ~np.isnan(values), values
        self._starts = np.flatnonzero(np.diff(group, prepend=-1))
        self.n = self.total = self.sum(self.present.astype(np.float64))
        self.own = self.present
        with np.errstate(divide="ignore", invalid="ignore"):
            self.mean = self.sum(np.where(self.present, values, 0.0)) / self.n
            self.deviation = np.where(self.present, values - self.mean[group], 0.0)

    def mean_square(self) -> np.ndarray:
        """Sum of squares (G,) of the deviations over n - 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.sum(self.deviation**2) / (self.n - 1)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum (G,) of values (n,) over the rows of each unit."""
        return np.add.reduceat(values, self._starts)

    def first(self) -> np.ndarray:
        """The first value (G,) of each unit, NaN where it has none."""
        n = len(self.values)
        places = np.where(self.present, np.arange(n), n)
        return np.append(self.values, np.nan)[np.minimum.reduceat(places, self._starts)]


class _WeighedUnits(_Units):
    """The same under sampling weights, from 0 on."""

    def __init__(self, values: np.ndarray, group: np.ndarray, weights: np.ndarray):
        super().__init__(values, group)
        self.own = np.where(self.present, weights, 0.0)
        self.total = self.sum(self.own)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.mean = self.mean + self.sum(self.own * self.deviation) / self.total
        self.deviation = np.where(self.present, values - self.mean[group], 0.0)

    def mean_square(self) -> np.ndarray:
        """Mean square (G,) of the deviations, times n over n - 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = self.sum(self.own * self.deviation**2) / self.total
            return mean * self.n / (self.n - 1)


def _count(units: _Units) -> np.ndarray:
    return units.n[units.group]


def _mean(units: _Units) -> np.ndarray:
    return units.mean[units.group]


def _sd(units: _Units) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(units.n > 1, np.sqrt(units.mean_square()), np.nan)[units.group]


def _leave_one_out(units: _Units) -> np.ndarray:
    others = units.n[units.group] - units.present
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = units.total[units.group] - units.own
        result = _mean(units) - units.own * units.deviation / weight
    return np.where(others > 0, result, np.nan)


def _first(units: _Units) -> np.ndarray:
    return units.first()[units.group]


STATISTICS: dict[str, Callable[[_Units], np.ndarray]] = {
    "mean": _mean,
    "share": _mean,
    "sd": _sd,
    "count": _count,
    "leave_one_out": _leave_one_out,
    "first": _first,
}
"""Statistics of a unit's rows that a variable may be, each given to all its rows (n,)."""


def standard_scores(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray | None:
    """Values minus their mean, over their standard deviation; None where they do not vary.

    Mean and deviation are weighed by sampling weights (n,), where there are any.
    """
    if weights is not None:
        group = np.zeros(len(values), dtype=np.int32)
        mean, sd = (aggregate(name, values, group, weights) for name in ("mean", "sd"))
        return (values - mean) / sd if len(sd) and sd[0] > 0 else None
    present = values[~np.isnan(values)]
    sd = present.std(ddof=1) if len(present) > 1 else 0.0
    return (values - present.mean()) / sd if sd > 0 else None
