"""Rows that have an outcome, by the covariates that they lack, with the units that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.nouns.ids.appearance import as_they_appear
from mlm.rows.linking.missing_cells import Cells, LackingSums
from mlm.rows.linking.survey_rows import SurveyRows, present

BITS = 30
"""Covariates whose patterns are put together as one number of a row at a time."""

PACKED = 8
"""Covariates up to which a pattern is one byte."""

MOST_MARKED = 16
"""Pairs that there could be, for each that is given, up to which they are marked in a table."""

Pairs = tuple[np.ndarray, np.ndarray]
"""Units, and patterns that rows of them have: each pair once."""


@dataclass(frozen=True)
class PatternCounts:
    """The rows that have an outcome, counted by the covariates that they lack.

    Attributes
    ----------
    outcome : str
        The outcome.
    covariates : tuple of str
        The V covariates looked at.
    lacking : ndarray of bool (P, V)
        Covariates that each pattern lacks.
    rows : ndarray of int (T, P)
        Rows of each pattern in each wave.
    pairs : dict of str to list of Pairs
        By level, and by wave: its units with the patterns of their rows.
    cells : Cells
        Sums of the outcome and the covariates by outermost unit, wave and pattern.
    """

    outcome: str
    covariates: tuple[str, ...]
    lacking: np.ndarray
    rows: np.ndarray
    pairs: Mapping[str, list[Pairs]]
    cells: Cells

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Covariates that any row lacks."""
        found = self.lacking.any(axis=0)
        return tuple(np.array(self.covariates, dtype=object)[found].tolist())

    def lacks(self, variable: str) -> np.ndarray:
        """Whether each pattern lacks a covariate, bool (P,)."""
        return self.lacking[:, self.covariates.index(variable)]

    def among(self, covariates: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Patterns of some covariates alone.

        Returns
        -------
        pattern : ndarray of int (P,)
            The place of each pattern among these.
        lacking : ndarray of bool (Q, len(covariates))
        """
        places = [self.covariates.index(name) for name in covariates]
        if not places:
            return np.zeros(len(self.lacking), dtype=np.int32), np.zeros((1, 0), dtype=bool)
        lacking, code = np.unique(self.lacking[:, places], axis=0, return_inverse=True)
        return code.reshape(-1), lacking

    def units_by_pattern(self, level: str, pattern: np.ndarray, n_patterns: int) -> np.ndarray:
        """Number (Q,) of units of a level that have rows of each of some patterns.

        Parameters
        ----------
        level : str
            One of ``pairs``.
        pattern : ndarray of int (P,)
            The place of each pattern among those.
        n_patterns : int
            Q.
        """
        unit, own = (np.concatenate(parts) for parts in zip(*self.pairs[level], strict=True))
        unit, own = _distinct(unit, pattern[own], n_patterns)
        return np.bincount(own, minlength=n_patterns)


def pattern_counts(
    configuration: Configuration,
    rows: SurveyRows,
    outcome: str,
    covariates: Sequence[str],
    levels: Sequence[str],
) -> PatternCounts:
    """Patterns of the rows that have an outcome, from one pass over the columns.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        Cleaned rows of all waves.
    outcome : str
    covariates : sequence of str
        Any number; a pattern is numbered as it first appears.
    levels : sequence of str
        Levels whose units are counted; they are held.
    """
    found = _Counting(configuration, rows, outcome, covariates, levels)
    for wave in range(len(rows.waves)):
        stored = rows.stored(wave, _question(outcome))
        if stored is None:
            found.count(wave)
        else:
            found.take(wave, stored)
    return found.counted()


def answer_of_patterns(
    configuration: Configuration,
    rows: SurveyRows,
    outcome: str,
    covariates: Sequence[str],
    levels: Sequence[str],
) -> tuple[str, dict[str, np.ndarray]]:
    """What a wave read by itself answers for the same; units are told by their first entries."""
    found = _Counting(configuration, rows, outcome, covariates, levels)
    found.count(0)
    return _question(outcome), found.answer()


def _question(outcome: str) -> str:
    return f"patterns/{outcome}"


class _Counting:
    """Patterns of the rows of some waves, one after the other, as ``pattern_counts`` has them."""

    def __init__(
        self,
        configuration: Configuration,
        rows: SurveyRows,
        outcome: str,
        covariates: Sequence[str],
        levels: Sequence[str],
    ):
        self._rows, self._outcome, self._covariates = rows, outcome, tuple(covariates)
        self._units = {level: rows.unit(configuration.unit_path(level)) for level in levels}
        self._cluster = rows.unit(configuration.unit_path(configuration.level_names[0]))
        self._sums = LackingSums(configuration, (outcome, *covariates), len(rows.waves))
        self._pairs: dict[str, list[Pairs]] = {level: [] for level in levels}
        self._known: dict[bytes, int] = {}
        self._counts: list[np.ndarray] = []

    def count(self, wave: int) -> None:
        """Count the rows of the next wave."""
        counts, known = np.zeros(0, dtype=np.int64), self._known
        parts: dict[str, list[Pairs]] = {level: [] for level in self._pairs}
        for entry, values in self._rows.entry_blocks([self._outcome, *self._covariates], wave):
            has = np.flatnonzero(present(values[0]))
            if not len(has):
                continue
            if len(has) < len(entry):
                entry, values = entry[has], [column[has] for column in values]
            lacking = np.array([~present(column) for column in values[1:]], dtype=bool)
            pattern = _numbered(lacking.reshape(len(self._covariates), len(entry)), known)
            found = np.bincount(pattern, minlength=len(known))
            found[: len(counts)] += counts
            counts = found
            for level, unit in self._units.items():
                parts[level].append(_distinct(unit[entry], pattern, len(known)))
            self._sums.add(wave, self._cluster[entry], pattern, values)
        self._counts.append(counts)
        for level, found in parts.items():
            self._pairs[level].append(_together(found, len(known)))

    def take(self, wave: int, answer: Mapping[str, np.ndarray]) -> None:
        """Take the next wave by its answer."""
        lacking, part = answer["lacking"], self._rows.part(wave)
        codes = (row.tobytes() for row in lacking)  # numbered as they first appear
        number = [self._known.setdefault(code, len(self._known)) for code in codes]
        number = np.array(number, dtype=np.int64)
        counts = np.zeros(len(self._known), dtype=np.int64)
        counts[number] = answer["rows"]
        self._counts.append(counts)
        for level, unit in self._units.items():
            own, pattern = answer[f"entry of {level}"], answer[f"pattern of {level}"]
            self._pairs[level].append((unit[part][own].astype(np.int64), number[pattern]))
        cluster = self._cluster[part][answer["cluster"]]
        pattern = number[answer["pattern"]]
        self._sums.take(wave, cluster, pattern, answer["sums"], answer["origins"])

    def counted(self) -> PatternCounts:
        """What was counted."""
        table = self._lacking()
        n_rows = np.zeros((len(self._rows.waves), len(table)), dtype=np.int64)
        for own, found in zip(n_rows, self._counts, strict=True):
            own[: len(found)] = found
        cells = self._sums.cells(max(len(table), 1))
        return PatternCounts(self._outcome, self._covariates, table, n_rows, self._pairs, cells)

    def answer(self) -> dict[str, np.ndarray]:
        """The same of one wave, as arrays."""
        table = self._lacking()
        cluster, _, pattern, sums = self._sums.folded(max(len(table), 1))
        found = {
            "lacking": table,
            "rows": self._counts[0],
            "cluster": self._first_entry(self._cluster)[cluster],
            "pattern": pattern,
            "sums": sums,
            "origins": self._sums.origins,
        }
        for level, pairs in self._pairs.items():
            unit, own = pairs[0]
            found[f"entry of {level}"] = self._first_entry(self._units[level])[unit]
            found[f"pattern of {level}"] = own.astype(np.min_scalar_type(len(table)))
        return found

    def _first_entry(self, unit: np.ndarray) -> np.ndarray:
        return self._rows.first_entries(unit, 0).astype(np.int32)

    def _lacking(self) -> np.ndarray:
        """Covariates that each pattern lacks, bool (P, V)."""
        table = [np.frombuffer(code, dtype=bool) for code in self._known]
        return np.array(table, dtype=bool).reshape(len(table), len(self._covariates))


def _distinct(unit: np.ndarray, pattern: np.ndarray, n_patterns: int) -> Pairs:
    """Each pair of a unit and a pattern once, in any order."""
    if not len(unit):
        return unit.astype(np.int64), pattern.astype(np.int64)
    low = int(unit.min())
    keys = (unit.astype(np.int64) - low) * n_patterns + pattern
    size = (int(unit.max()) - low + 1) * n_patterns
    if size <= MOST_MARKED * len(keys):
        is_there = np.zeros(size, dtype=bool)
        is_there[keys] = True
        keys = np.flatnonzero(is_there)
    else:
        _, keys = as_they_appear(keys)
    unit, pattern = np.divmod(keys, n_patterns)
    return unit + low, pattern


def _together(parts: Sequence[Pairs], n_patterns: int) -> Pairs:
    """The pairs of some parts, each once."""
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return _distinct(*(np.concatenate(each) for each in zip(*parts, strict=True)), n_patterns)


def _numbered(lacking: np.ndarray, known: dict[bytes, int]) -> np.ndarray:
    """Number (n,) of the pattern of each row, bool (V, n); new ones are added to those known."""
    if len(lacking) <= PACKED:
        return _numbered_few(lacking, known)
    code = np.zeros(lacking.shape[1], dtype=np.int64)
    for start in range(0, len(lacking), BITS):
        for column in lacking[start : start + BITS]:
            code = 2 * code + column
        code = as_they_appear(code)[0].astype(np.int64, copy=False)
    rows = np.flatnonzero(np.diff(np.maximum.accumulate(code), prepend=-1))
    codes = (lacking[:, row].tobytes() for row in rows)  # numbered as they first appear
    numbers = np.array([known.setdefault(each, len(known)) for each in codes], dtype=np.int32)
    return numbers[code]


def _numbered_few(lacking: np.ndarray, known: dict[bytes, int]) -> np.ndarray:
    """The same of so few covariates that a pattern is one byte."""
    code = np.zeros(lacking.shape[1], dtype=np.uint8)
    for column in lacking:
        code += code
        code |= column
    is_there = np.zeros(1 << PACKED, dtype=bool)
    is_there[code] = True
    first = {int((code == each).argmax()): each for each in np.flatnonzero(is_there)}
    number = np.zeros(len(is_there), dtype=np.int32)
    for row in sorted(first):  # numbered as they first appear
        number[first[row]] = known.setdefault(lacking[:, row].tobytes(), len(known))
    return number.take(code)


def covariates_of(configuration: Configuration) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each outcome with the covariates of its analyses: variables of their terms."""
    outcomes: dict[str, dict[str, list[str]]] = {}
    for name, analysis in configuration.analyses.items():
        used = [v for text in analysis.terms for v in parse_term(text).variables]
        outcomes.setdefault(analysis.outcome, {})[name] = list(dict.fromkeys(used))
    yield from outcomes.items()
