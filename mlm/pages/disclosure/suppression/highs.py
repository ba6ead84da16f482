"""HiGHS as SciPy brings it, without the rest of `scipy.optimize`.

What SciPy's package loads around the solver takes a third of a second, a tenth of a report. So the
library that holds the solver is loaded alone, under the name by which SciPy knows it: what is
loaded later of `scipy.optimize` takes the same one. A SciPy that keeps it elsewhere, or under
other names, is asked through `scipy.optimize.milp`, which gives the same.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

CORE = "scipy.optimize._highspy._core"
NEEDED = ("_Highs", "HighsLp", "HighsOptions", "HighsModelStatus", "HighsVarType", "MatrixFormat")
NAMES = {"node_limit": "mip_max_nodes"}  # what HiGHS calls an option of SciPy


@dataclass(frozen=True)
class IntegerProgramme:
    """A linear programme, perhaps in whole numbers: least cost of `x` with lines between ends.

    Attributes
    ----------
    cost : ndarray (n,)
    starts, lines, factors : ndarray (n + 1,), (k,), (k,)
        Coefficients column by column: where those of a column start, their lines, which rise in a
        column, and their values.
    low, high : ndarray (m,)
        What each line lies between.
    least, most : ndarray (n,)
        What each variable lies between.
    whole : bool
        Whether all variables are whole numbers.
    """

    cost: np.ndarray
    starts: np.ndarray
    lines: np.ndarray
    factors: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    whole: bool


class LeastCost(NamedTuple):
    """Values of least cost, None where there are none; and whether the search was cut short."""

    x: np.ndarray | None
    is_unfinished: bool


def solution_of(programme: IntegerProgramme, options: Mapping[str, Any]) -> LeastCost:
    """The solution of a programme.

    Parameters
    ----------
    programme : IntegerProgramme
    options : mapping
        `node_limit` and `mip_rel_gap`, as `scipy.optimize.milp` has them.
    """
    core = _core()
    return _of_scipy(programme, options) if core is None else _of_core(core, programme, options)


@cache
def _core() -> ModuleType | None:
    """The library of the solver; None where SciPy keeps none of that name that can be asked so."""
    if CORE in sys.modules:
        found = sys.modules[CORE]
    else:
        scipy = importlib.util.find_spec("scipy")
        place = Path(scipy.origin).parent.joinpath(*CORE.split(".")[1:-1])
        spec = PathFinder.find_spec(CORE, [str(place)])
        if spec is None or spec.loader is None:
            return None
        found = sys.modules[CORE] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    return found if all(hasattr(found, name) for name in NEEDED) else None


def _of_core(
    core: ModuleType, programme: IntegerProgramme, options: Mapping[str, Any]
) -> LeastCost:
    """What the library says, asked as SciPy asks it."""
    of = programme
    linear = core.HighsLp()
    linear.num_col_ = linear.a_matrix_.num_col_ = len(of.cost)
    linear.num_row_ = linear.a_matrix_.num_row_ = len(of.low)
    linear.a_matrix_.format_ = core.MatrixFormat.kColwise
    linear.col_cost_, linear.col_lower_, linear.col_upper_ = of.cost, of.least, of.most
    linear.row_lower_, linear.row_upper_ = of.low, of.high
    linear.a_matrix_.start_, linear.a_matrix_.index_ = of.starts, of.lines
    linear.a_matrix_.value_ = of.factors
    linear.integrality_ = [core.HighsVarType(int(of.whole))] * len(of.cost)
    solver, asked = core._Highs(), core.HighsOptions()
    asked.log_to_console = False
    for name, value in options.items():
        setattr(asked, NAMES.get(name, name), value)
    solver.passOptions(asked)
    solver.passModel(linear)
    solver.run()
    status, known = solver.getModelStatus(), core.HighsModelStatus
    is_unfinished = status in (known.kTimeLimit, known.kIterationLimit)
    if status != known.kOptimal:
        return LeastCost(None, is_unfinished)
    return LeastCost(np.array(solver.getSolution().col_value), False)


def _of_scipy(programme: IntegerProgramme, options: Mapping[str, Any]) -> LeastCost:
    """The same through SciPy."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array

    of = programme
    shape = (len(of.low), len(of.cost))
    matrix = csc_array((of.factors, of.lines, of.starts), shape=shape)
    found = milp(
        of.cost,
        integrality=np.full(len(of.cost), int(of.whole)),
        bounds=Bounds(of.least, of.most),
        constraints=[LinearConstraint(matrix, of.low, of.high)] if len(of.low) else [],
        options=dict(options),
    )
    return LeastCost(found.x, found.status == 1)
