"""Variables whose effect cannot be told from that of units, of time, or of another variable."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.nouns.levels import ROW
from mlm.results.survey.separability import Aliased, AnyDoubt, ConstantInWave, Saturated
from mlm.rows.linking.survey_rows import SurveyRows, first_of_entries, present

MIN_ROWS = 3
"""Rows of a wave from which two numbers can be said to follow from each other."""

ALIASED = 1 - 1e-10
"""Correlation from which two numbers say the same; rounding takes some 1e-15 of it."""

CORRELATIONS = "correlations"
"""The question for correlations of all numbers."""


def aliasing_doubts(configuration: Configuration, rows: SurveyRows) -> list[AnyDoubt]:
    """Terms of the analyses that a level's units, time or another term take up."""
    return [
        *_saturated(configuration, rows),
        *_constant_in_waves(configuration, rows),
        *_aliased_numbers(configuration, rows),
    ]


def _terms(configuration: Configuration) -> list[str]:
    found: dict[str, None] = {}
    for analysis in configuration.analyses.values():
        for text in analysis.terms:
            found.update(dict.fromkeys(parse_term(text).variables))
    return list(found)


def _saturated(configuration: Configuration, rows: SurveyRows) -> Iterator[Saturated]:
    """Categories that name almost every unit of the level whose variance they stand beside."""
    for name in _terms(configuration):
        variable = configuration.variables[name]
        if not variable.is_category or variable.level == ROW:
            continue
        found = _units_and_categories(configuration, rows, name)
        if found is not None:
            groups, used = found
            yield Saturated(
                severity="warning",
                variable=name,
                level=variable.level,
                categories=used,
                groups=groups,
            )


def _units_and_categories(
    configuration: Configuration, rows: SurveyRows, name: str
) -> tuple[int, int] | None:
    """Units of a category's level that have one, and how many different ones they have.

    None where these do not name almost every unit, which is told as soon as the units are too many.
    """
    variable = configuration.variables[name]
    is_held, n_rows = variable.level in rows.held, 0
    unit = rows.unit(configuration.unit_path(variable.level)) if is_held else np.zeros(1, int)
    seen = np.zeros(int(unit.max()) + 1, dtype=bool)
    used, groups = np.zeros(len(variable.categories), dtype=bool), 0
    for wave in range(len(rows.waves)):
        for there, n, entry in _categories(rows, name, wave, len(used)):
            used |= there
            n_rows += n
            if is_held:
                seen[unit[entry]] = True
            groups = int(np.count_nonzero(seen)) if is_held else n_rows
            if groups > len(used) + 1:
                return None
    return (groups, int(used.sum())) if groups > 2 and used.sum() >= groups - 1 else None


def _categories(
    rows: SurveyRows, name: str, wave: int, size: int
) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """Of blocks of a wave: categories there (bool, C), rows with one, entries that have one."""
    stored = rows.stored(wave, _question_of_term(name))
    if stored is not None:
        yield stored["used"], int(stored["rows"]), rows.part(wave).start + stored["entry"]
        return
    for entry, (values,) in rows.entry_blocks([name], wave):
        has = present(values)
        used = np.bincount(values + 1, minlength=size + 1)[1:] > 0  # -1: missing
        yield used, int(np.count_nonzero(has)), entry[first_of_entries(entry, has)]


def answers_of_terms(
    configuration: Configuration, rows: SurveyRows
) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    """What a wave read by itself answers for the variables of all terms."""
    names = _terms(configuration)
    for name in names:
        answer = {"ends": np.array(sorted(_ends(rows, name, 0)))}
        variable = configuration.variables[name]
        if variable.is_category and variable.level != ROW:
            used, n, entry = zip(*_categories(rows, name, 0, len(variable.categories)), strict=True)
            answer |= {"used": np.any(used, axis=0), "rows": np.array(sum(n))}
            answer["entry"] = np.unique(np.concatenate(entry))
        yield _question_of_term(name), answer
    numbers = _numbers(configuration)
    if len(numbers) > 1:
        found = _correlations(rows, numbers, 0)
        yield CORRELATIONS, {"matrix": np.zeros((0, 0)) if found is None else found}


def _question_of_term(name: str) -> str:
    return f"terms/{name}"


def _numbers(configuration: Configuration) -> list[str]:
    """Numbers among the variables of the terms."""
    return [n for n in _terms(configuration) if not configuration.variables[n].is_category]


def _constant_in_waves(configuration: Configuration, rows: SurveyRows) -> Iterator[ConstantInWave]:
    """Variables that have one value in each wave: they are time under another name."""
    n_waves = len(rows.waves)
    for name in _terms(configuration) if n_waves > 1 else ():
        if all(_is_constant(rows, name, wave) for wave in range(n_waves)):
            yield ConstantInWave(severity="warning", variable=name)


def _is_constant(rows: SurveyRows, name: str, wave: int) -> bool:
    """Whether a variable has one value at most in a wave, read as far as it does."""
    stored = rows.stored(wave, _question_of_term(name))
    return len(_ends(rows, name, wave) if stored is None else stored["ends"]) < 2


def _ends(rows: SurveyRows, name: str, wave: int) -> set[float]:
    """The value that a variable has in a wave, or two or more different ones of its values."""
    known: set[float] = set()
    for (values,) in rows.blocks([name], wave):
        found = values[present(values)]
        known.update((found.min(), found.max()) if len(found) else ())
        if len(known) > 1:
            break
    return known


def _aliased_numbers(configuration: Configuration, rows: SurveyRows) -> Iterator[Aliased]:
    """Pairs of numbers of which, within each wave, one follows from the other (grade, cohort)."""
    names = _numbers(configuration)
    if len(names) < 2:
        return
    always = np.ones((len(names), len(names)), dtype=bool)
    for wave in range(len(rows.waves)):
        stored = rows.stored(wave, CORRELATIONS)
        correlations = _correlations(rows, names, wave) if stored is None else stored["matrix"]
        if correlations is None or not correlations.size:
            return
        always &= np.abs(correlations) > ALIASED
        if not np.triu(always, 1).any():
            return
    for i, j in zip(*np.nonzero(np.triu(always, 1)), strict=True):
        yield Aliased(severity="warning", variable=names[j], follows_from=names[i])


def _correlations(rows: SurveyRows, names: list[str], wave: int) -> np.ndarray | None:
    """Correlations (k, k) of some numbers in a wave; 0 for constants, None for too few rows.

    From one pass: sums of products are counted from the mean of the first block, from which that
    of all rows is at most as many standard deviations away as the root of the number of blocks.
    """
    n, total, products = 0, np.zeros(len(names)), np.zeros((len(names), len(names)))
    origin = None
    for block in _complete_blocks(rows, names, wave):
        if block.shape[1]:
            origin = block.mean(axis=1) if origin is None else origin
            block = block - origin[:, None]
            n, total = n + block.shape[1], total + block.sum(axis=1)
            products += block @ block.T
    if n < MIN_ROWS:
        return None
    products -= np.outer(total, total) / n
    spread = np.sqrt(np.maximum(np.diag(products), 0.0))
    constant = spread <= np.sqrt(n) * np.finfo(float).eps * np.abs(origin + total / n)
    spread[constant] = np.inf
    return products / np.outer(spread, spread)


def _complete_blocks(rows: SurveyRows, names: list[str], wave: int) -> Iterator[np.ndarray]:
    """Numbers (k, n) of the rows of a wave that have all, block by block."""
    for values in rows.blocks(names, wave):
        has = np.logical_and.reduce([present(column) for column in values])
        yield np.array([column[has] for column in values])
