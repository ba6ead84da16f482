"""The recipe that turns variables into numeric columns, kept apart from the numbers.

Every stored column is a product of category indicators and powers of *standardised* variables,
``(x - origin) / unit``. Origin and unit belong to the recipe, are fixed before any row is read and
are equal for everything that is added later: raw sums would lose the digits. A raw column, the one
a user names, is an exact linear combination of stored columns, because the recipe always holds all
margins of a product. Layer: nouns.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.model import INTERCEPT

_FUNCTIONS = {
    "identity": lambda x: x,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "exp": np.exp,
}


def function_values(function: str, values: np.ndarray) -> np.ndarray:
    """Values of a function of the whitelist; not finite where it is not defined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _FUNCTIONS[function](values)


@dataclass(frozen=True)
class Column:
    """One stored column: a product of indicators and powers of standardised variables.

    Attributes
    ----------
    indicators : tuple of (variable, category)
        Sorted; 1 where every variable has that category, else 0.
    powers : tuple of (variable, function, exponent)
        Sorted; the standardised ``function(variable)`` to its power.
    """

    indicators: tuple[tuple[str, str], ...] = ()
    powers: tuple[tuple[str, str, int], ...] = ()

    @property
    def name(self) -> str:
        """Canonical text, also the column's identity in a stored file."""
        parts = [f"{variable}[{category}]" for variable, category in self.indicators]
        for variable, function, exponent in self.powers:
            base = variable if function == "identity" else f"{function}({variable})"
            parts.append(base if exponent == 1 else f"{base}^{exponent}")
        return ":".join(parts) or INTERCEPT

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that the column is made of, sorted, without repetition."""
        names = [v for v, _ in self.indicators] + [v for v, _, _ in self.powers]
        return tuple(sorted(set(names)))

    def times(self, other: Column) -> Column | None:
        """The product of two columns; None where their indicators exclude each other."""
        indicators = dict(self.indicators)
        for variable, category in other.indicators:
            if indicators.setdefault(variable, category) != category:
                return None
        powers = {(v, f): e for v, f, e in self.powers}
        for variable, function, exponent in other.powers:
            powers[variable, function] = powers.get((variable, function), 0) + exponent
        items = tuple(sorted((v, f, e) for (v, f), e in powers.items()))
        return Column(tuple(sorted(indicators.items())), items)

    def split(self, variable: str) -> tuple[Column, Column]:
        """The column without one variable, and the factor that this variable contributes."""
        return _split(self, variable)


@lru_cache(maxsize=4096)  # of a few columns it is asked for every group and time
def _split(column: Column, variable: str) -> tuple[Column, Column]:
    rest = Column(
        tuple(i for i in column.indicators if i[0] != variable),
        tuple(p for p in column.powers if p[0] != variable),
    )
    part = Column(
        tuple(i for i in column.indicators if i[0] == variable),
        tuple(p for p in column.powers if p[0] == variable),
    )
    return rest, part


CONSTANT = Column()


@dataclass(frozen=True)
class Columns:
    """Recipe from variables to stored columns.

    Attributes
    ----------
    columns : tuple of Column
        Stored columns; the constant comes first; closed under margins.
    scales : mapping of (variable, function) to (origin, unit)
        Unit and origin of every numeric variable, in the variable's unit.
    categories : mapping of variable to tuple of str
        Categories in order, the reference first.
    """

    columns: tuple[Column, ...]
    scales: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names of the stored columns."""
        return tuple(column.name for column in self.columns)

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that the recipe reads, sorted."""
        return tuple(sorted({v for column in self.columns for v in column.variables}))

    @cached_property
    def positions(self) -> dict[Column, int]:
        """Position of every stored column."""
        return {column: i for i, column in enumerate(self.columns)}

    def expansion(self, column: Column) -> dict[Column, float]:
        """A raw column as a combination of stored columns: stored column -> coefficient.

        Each power ``x ** e`` of a raw variable is expanded by the binomial theorem in the
        standardised variable, ``x = origin + unit * z``. The indicator of a reference category that
        is not stored is one less those of the others. Not to be changed: it is kept.
        """
        if column not in self._expansions:
            self._expansions[column] = self._expanded(column)
        return self._expansions[column]

    @cached_property
    def _expansions(self) -> dict[Column, dict[Column, float]]:
        return {}

    def _expanded(self, column: Column) -> dict[Column, float]:
        combos: dict[Column, float] = {Column(indicators=column.indicators): 1.0}
        for variable, function, exponent in column.powers:
            origin, unit = self.scales[variable, function]
            grown: dict[Column, float] = {}
            for base, weight in combos.items():
                for e in range(exponent + 1):
                    factor = math.comb(exponent, e) * unit**e * origin ** (exponent - e)
                    if factor == 0.0:
                        continue
                    powers = base.powers + (((variable, function, e),) if e else ())
                    grown[Column(base.indicators, tuple(sorted(powers)))] = weight * factor
            combos = grown
        return self._with_references(combos)

    def _with_references(self, combos: dict[Column, float]) -> dict[Column, float]:
        """The same combination, reference categories that are not stored told by the others."""
        out: dict[Column, float] = {}
        for column, weight in combos.items():
            known = self.categories
            missing = () if column in self.positions else column.indicators
            variable = next((v for v, c in missing if v in known and c == known[v][0]), None)
            parts = {column: weight}
            if variable is not None:
                rest, _ = column.split(variable)
                others = [rest.times(Column(((variable, c),))) for c in known[variable][1:]]
                parts = self._with_references({rest: weight, **dict.fromkeys(others, -weight)})
            for part, value in parts.items():
                out[part] = out.get(part, 0.0) + value
        return out

    def standardised(self, variable: str, function: str, values: np.ndarray) -> np.ndarray:
        """Values of a variable in the units of the recipe.

        Parameters
        ----------
        values : ndarray (n,)
            Raw values in the variable's unit.

        Returns
        -------
        ndarray (n,)
            ``(function(values) - origin) / unit``, without unit.
        """
        origin, unit = self.scales[variable, function]
        return (_FUNCTIONS[function](values) - origin) / unit

    def read(self, frame) -> dict[str, np.ndarray]:
        """The variables of a frame as arrays, ready for ``matrix`` block by block.

        Parameters
        ----------
        frame : DataFrame of n rows
            Holds every variable of the recipe; no category is missing.

        Returns
        -------
        dict of str to ndarray (n,)
            Numbers as float64, categories as their positions in the recipe.

        Raises
        ------
        SurveyError
            When a category occurs that the recipe does not know.
        """
        out = {}
        for variable in self.variables:
            if variable in self.categories:
                out[variable] = category_codes(frame, variable, self.categories[variable])
            else:
                out[variable] = np.asarray(frame[variable], dtype=float)
        return out

    def matrix(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Stored columns of some rows.

        Parameters
        ----------
        values : mapping of str to ndarray (n,)
            Variables as ``read`` gives them, or a block of each.

        Returns
        -------
        ndarray (k, n)
            One row a stored column, so that sums over data rows run along contiguous memory.
        """
        n = next((array.size for array in values.values()), 0)
        out = np.empty((len(self.columns), n))
        pieces = {
            (variable, function): self.standardised(variable, function, values[variable])
            for variable, function in self.scales
        }
        for row, column in zip(out, self.columns, strict=True):
            factors = [pieces[v, f] if e == 1 else pieces[v, f] ** e for v, f, e in column.powers]
            for variable, category in column.indicators:
                factors.append(values[variable] == self.categories[variable].index(category))
            row[:] = factors[0] if factors else 1.0
            for factor in factors[1:]:
                row *= factor
        return out

    def only(self, columns: Iterable[Column]) -> Columns:
        """The recipe of some of its stored columns alone, in the order given."""
        chosen = tuple(columns)
        needed = {(v, f) for column in chosen for v, f, _ in column.powers}
        scales = {key: scale for key, scale in self.scales.items() if key in needed}
        return Columns(chosen, scales, self.categories)

    def extended(self, extra: Iterable[Column]) -> Columns:
        """The recipe with further columns and their margins, existing positions unchanged."""
        return Columns(closure([*self.columns, *extra]), self.scales, self.categories)

    def to_dict(self) -> dict:
        """Plain data for JSON; the inverse is ``from_dict``."""
        return {
            "columns": [
                [list(map(list, c.indicators)), list(map(list, c.powers))] for c in self.columns
            ],
            "scales": [[v, f, o, u] for (v, f), (o, u) in sorted(self.scales.items())],
            "categories": {v: list(c) for v, c in sorted(self.categories.items())},
        }

    @classmethod
    def from_dict(cls, data: Mapping) -> Columns:
        """The recipe that ``to_dict`` described."""
        columns = tuple(
            Column(
                tuple((v, c) for v, c in indicators), tuple((v, f, int(e)) for v, f, e in powers)
            )
            for indicators, powers in data["columns"]
        )
        scales = {(v, f): (float(o), float(u)) for v, f, o, u in data["scales"]}
        return cls(columns, scales, {v: tuple(c) for v, c in data["categories"].items()})


def category_codes(frame, variable: str, categories: Sequence[str]) -> np.ndarray:
    """Position of each row's category, as an integer array (n,).

    Raises
    ------
    SurveyError
        When a value is none of the categories, with their count and the first rows.
    """
    import pandas as pd

    values = frame[variable]
    if not isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("category")
    lookup = pd.Index([str(c) for c in categories])
    table = lookup.get_indexer([str(c) for c in values.cat.categories])
    raw = values.cat.codes.to_numpy()
    codes = np.append(table, -1)[raw]
    if (codes < 0).any():
        bad = np.flatnonzero(codes < 0)
        raise SurveyError(
            f"{variable}: {bad.size} rows have a category that the recipe does not know (rows "
            f"{', '.join(str(i) for i in bad[:3])}); expected one of {', '.join(lookup)}. Add it "
            "to the categories of the variable or recode it."
        )
    return codes


def closure(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The constant, the columns, and all margins that their expansions can need."""
    seen: dict[Column, None] = {CONSTANT: None}
    margins: dict[Column, None] = {}
    for column in columns:
        seen[column] = None
        ranges = [range(exponent + 1) for _, _, exponent in column.powers]
        for exponents in itertools.product(*ranges):
            powers = tuple(
                (v, f, e) for (v, f, _), e in zip(column.powers, exponents, strict=True) if e
            )
            margins[Column(column.indicators, powers)] = None
    return tuple(seen | margins)


def scale_of(values: np.ndarray) -> tuple[float, float]:
    """Origin and unit of a numeric variable: its mean, and a power of two near its sd.

    Parameters
    ----------
    values : ndarray (n,)
        Values of some rows; missing (NaN) ones are ignored.

    Returns
    -------
    origin, unit : float
        In the variable's unit. Any value near the mean will do; a power of two scales exactly.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    origin = float(finite.mean())
    spread = float(np.sqrt(np.mean((finite - origin) ** 2)))
    if spread <= 1e-300 or not math.isfinite(spread):
        return origin, 1.0
    return origin, 2.0 ** round(math.log2(spread))


def scales_of(
    rows: Mapping[str, np.ndarray], powers: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[float, float]]:
    """Origin and unit of ``(variable, function)`` pairs, from the values (n,) of some rows."""
    return {
        (variable, function): scale_of(
            function_values(function, np.asarray(rows[variable], dtype=float))
        )
        for variable, function in powers
    }
