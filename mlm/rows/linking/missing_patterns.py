"""Rows that have an outcome, by the covariates that they lack, with the units that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.rows.linking.survey_rows import SurveyRows, present

BITS = 30
"""Covariates whose patterns are put together as one number of a row at a time."""


@dataclass(frozen=True)
class PatternRows:
    """The rows that have an outcome, each with the covariates that it lacks.

    Attributes
    ----------
    outcome : str
        The outcome.
    covariates : tuple of str
        The V covariates looked at.
    rows : ndarray of int (N,)
        Numbers of the rows that have the outcome, in order.
    pattern : ndarray of int (N,)
        Place of each row's pattern.
    lacking : ndarray of bool (P, V)
        Covariates that each pattern lacks.
    """

    outcome: str
    covariates: tuple[str, ...]
    rows: np.ndarray
    pattern: np.ndarray
    lacking: np.ndarray

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Covariates that any row lacks."""
        found = self.lacking.any(axis=0)
        return tuple(np.array(self.covariates, dtype=object)[found].tolist())

    def lacks(self, variable: str) -> np.ndarray:
        """Whether each row lacks a covariate, bool (N,)."""
        return self.lacking[self.pattern, self.covariates.index(variable)]

    def among(self, covariates: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Patterns of some covariates alone.

        Returns
        -------
        pattern : ndarray of int (N,)
        lacking : ndarray of bool (P, len(covariates))
        """
        places = [self.covariates.index(name) for name in covariates]
        if not places:
            return np.zeros(len(self.rows), dtype=np.int32), np.zeros((1, 0), dtype=bool)
        lacking, code = np.unique(self.lacking[:, places], axis=0, return_inverse=True)
        return code.reshape(-1)[self.pattern], lacking


def pattern_rows(rows: SurveyRows, outcome: str, covariates: Sequence[str]) -> PatternRows:
    """Patterns of the rows that have an outcome, from one pass over the columns.

    Parameters
    ----------
    rows : SurveyRows
        Cleaned rows of all waves.
    outcome : str
    covariates : sequence of str
        Any number; a pattern is numbered as it first appears.
    """
    found, known, patterns = [], {}, []
    for wave in range(len(rows.waves)):
        start = rows.part(wave).start
        for values in rows.blocks([outcome, *covariates], wave):
            has = present(values[0])
            found.append(start + np.flatnonzero(has))
            lacking = np.array([~present(column[has]) for column in values[1:]], dtype=bool)
            patterns.append(_numbered(lacking.reshape(len(covariates), int(has.sum())), known))
            start += len(has)
    table = [np.frombuffer(code, dtype=bool) for code in known]
    return PatternRows(
        outcome,
        tuple(covariates),
        np.concatenate(found) if found else np.zeros(0, dtype=np.int64),
        np.concatenate(patterns) if patterns else np.zeros(0, dtype=np.int32),
        np.array(table, dtype=bool).reshape(len(table), len(covariates)),
    )


def _numbered(lacking: np.ndarray, known: dict[bytes, int]) -> np.ndarray:
    """Number (n,) of the pattern of each row, bool (V, n); new ones are added to those known."""
    code = np.zeros(lacking.shape[1], dtype=np.int64)
    for start in range(0, len(lacking), BITS):
        for column in lacking[start : start + BITS]:
            code = 2 * code + column
        code = pd.factorize(code)[0].astype(np.int64)
    rows = np.flatnonzero(np.diff(np.maximum.accumulate(code), prepend=-1))
    codes = (lacking[:, row].tobytes() for row in rows)  # numbered as they first appear
    numbers = np.array([known.setdefault(each, len(known)) for each in codes], dtype=np.int32)
    return numbers[code]


def units_by_pattern(unit: np.ndarray, pattern: np.ndarray, n_patterns: int) -> np.ndarray:
    """Number (P,) of distinct units among the rows of each pattern."""
    key = unit.astype(np.int64) * n_patterns + pattern
    return np.bincount(pd.unique(key) % n_patterns, minlength=n_patterns)


def covariates_of(configuration: Configuration) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each outcome with the covariates of its analyses: variables of their terms."""
    outcomes: dict[str, dict[str, list[str]]] = {}
    for name, analysis in configuration.analyses.items():
        used = [v for text in analysis.terms for v in parse_term(text).variables]
        outcomes.setdefault(analysis.outcome, {})[name] = list(dict.fromkeys(used))
    yield from outcomes.items()
