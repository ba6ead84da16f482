"""The ledger of a wave: what was read, kept, excluded and found missing, to the row and cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.variable import Variable
from mlm.results.survey.account import (
    BlocksOfRows,
    CategoryCount,
    CategorySummary,
    CategoryUnits,
    CodeLabel,
    EmptyUnits,
    Excluded,
    FileAccount,
    MissingCells,
    MissingReason,
    RecodedCells,
    Roles,
    SuspectCode,
    UnitCount,
    VariableLabels,
    WaveLedger,
)
from mlm.results.survey.cell_doubts import CellDoubt
from mlm.results.survey.spellings import IdForms
from mlm.rows.cleaning.codebook import RECODED
from mlm.rows.cleaning.moments import CodesSeen, Moments
from mlm.rows.cleaning.sampled.draws import score_summary
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder

ORIGIN = " origin"


def build_ledger(
    configuration: Configuration,
    wave: str,
    *,
    files: Sequence[FileAccount],
    excluded: Sequence[Excluded],
    columns: ColumnFile,
    reasons: Mapping[str, Sequence[MissingReason]],
    units: UnitOrder,
    labels: Mapping[str, Mapping[str, str]],
    cell_doubts: Sequence[CellDoubt],
    id_forms: Sequence[IdForms],
    roles: Roles,
    blocks: Sequence[BlocksOfRows] = (),
) -> WaveLedger:
    """Ledger of a cleaned wave.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    wave : str
        Name of the wave.
    files : sequence of FileAccount
        The files of the wave.
    excluded : sequence of Excluded
        Rows left out by reason; a row is in one of them only.
    columns : ColumnFile
        Values and origins of every variable, kept rows in sorted order.
    reasons : mapping of str to sequence of MissingReason
        Reasons of missing cells by variable, in the order of their numbers.
    units : UnitOrder
        The kept rows.
    labels : mapping of str to mapping
        Value labels of the files by variable and code.
    cell_doubts : sequence of CellDoubt
        What the cells may mean otherwise.
    id_forms : sequence of IdForms
        How the ids of each file are written.
    roles : Roles
        Weights and plausible values.
    blocks : sequence of BlocksOfRows
        Units that are no level although variables have one value for each.

    Returns
    -------
    WaveLedger
        ``rows_read`` is ``rows_kept`` plus the rows of ``excluded``, and for each variable
        ``rows_kept`` is n plus the cells of ``missing``, exactly.
    """
    missing, recoded, variables = [], [], []
    above = {level: units.groups[level] for level in configuration.level_names[:-1]}
    for name, variable in configuration.single_variables.items():
        values, origins = columns.column(name), columns.column(name + ORIGIN)
        missing += _missing(name, origins, reasons[name])
        if variable.has_categories:
            recoded += _recoded(name, variable, values, origins)
        is_category = variable.is_category
        moments = None if is_category else Moments.of(values).summary(name)
        variables.append(moments or _counts(name, variable, values, above))
    for name, entry in configuration.plausible_values.items():
        missing += _missing(name, columns.column(name + ORIGIN), reasons[name])
        variables.append(score_summary(name, columns, entry.columns))
    return WaveLedger(
        wave=wave,
        files=tuple(files),
        rows_read=sum(file.rows_read for file in files),
        rows_kept=len(units.rows),
        excluded=tuple(excluded),
        missing=tuple(missing),
        recoded=tuple(recoded),
        groups=tuple(UnitCount(level=level, n=n) for level, n in units.counts().items()),
        empty_groups=tuple(_empty_groups(configuration, columns, units)),
        cell_doubts=tuple(cell_doubts),
        id_forms=tuple(id_forms),
        suspect_codes=tuple(_suspect_codes(configuration, wave, columns)),
        variables=tuple(variables),
        labels=variable_labels(labels),
        roles=roles,
        blocks=tuple(blocks),
    )


def variable_labels(labels: Mapping[str, Mapping[str, str]]) -> tuple[VariableLabels, ...]:
    """Value labels of files, by variable and code."""
    return tuple(
        VariableLabels(
            variable=name,
            labels=tuple(CodeLabel(code=code, label=label) for code, label in found.items()),
        )
        for name, found in labels.items()
    )


def _missing(
    name: str, origins: np.ndarray, reasons: Sequence[MissingReason]
) -> Iterator[MissingCells]:
    """Missing cells of a variable, by the reasons that their origins are numbers of."""
    if not origins.any():
        return
    counts = np.bincount(origins[origins > 0], minlength=len(reasons) + 1)
    for number, reason in enumerate(reasons, start=1):
        if counts[number]:
            yield MissingCells(variable=name, reason=reason, cells=int(counts[number]))


def _recoded(
    name: str, variable: Variable, values: np.ndarray, origins: np.ndarray
) -> Iterator[RecodedCells]:
    """Cells of a variable that a recode turned into a category."""
    places = _places(variable, values)
    changed = np.bincount(places[(origins == RECODED) & (places >= 0)])
    for category, n in zip(variable.categories, changed, strict=False):
        if n:
            yield RecodedCells(variable=name, category=category, cells=int(n))


def _suspect_codes(
    configuration: Configuration, wave: str, columns: ColumnFile
) -> Iterator[SuspectCode]:
    """Numbers without a range that look like codes for missing, with the cells that hold them."""
    for name in numbers_without_range(configuration, wave):
        seen = CodesSeen()
        seen.add(columns.column(name))
        for code, n in seen.suspect():
            yield SuspectCode(variable=name, code=code, cells=n)


def numbers_without_range(configuration: Configuration, wave: str) -> Iterator[str]:
    """Numbers as they were read of which the codebook does not say what is valid."""
    for name, variable in configuration.read_variables.items():
        entry = variable.in_wave(wave)
        as_read = not (entry.rescale or entry.centre or entry.standardise)
        if entry.type == "number" and not entry.range and as_read:
            yield name


def _places(variable: Variable, values: np.ndarray) -> np.ndarray:
    """Place of the category of each cell (n,); -1 where missing."""
    if variable.is_category:
        return values.astype(np.int64)
    return np.where(np.isnan(values), -1, np.searchsorted(variable.scores, values))


def _counts(
    name: str, variable: Variable, values: np.ndarray, groups: Mapping[str, np.ndarray]
) -> CategorySummary:
    """Number of rows with a value, and rows and units of each category."""
    categories = tuple(variable.categories)
    found = np.bincount(values[values >= 0].astype(np.int64), minlength=len(categories))
    counts = tuple(
        CategoryCount(category=category, n=int(n))
        for category, n in zip(categories, found, strict=True)
    )
    return CategorySummary(
        variable=name,
        n=int(found.sum()),
        counts=counts,
        units=tuple(_category_units(categories, values, groups)),
    )


def _category_units(
    categories: Sequence[str], values: np.ndarray, groups: Mapping[str, np.ndarray]
) -> Iterator[CategoryUnits]:
    """Units above the lowest level in which each category is found."""
    present = values >= 0
    if not present.all():
        values = values[present]
    for level, group in groups.items():
        if not len(group):
            continue
        own = group[present] if len(values) < len(group) else group
        found = np.zeros((len(categories), int(group[-1]) + 1), dtype=bool)
        found[values, own] = True
        for category, units in zip(categories, found, strict=True):
            yield CategoryUnits(level=level, category=category, groups=np.count_nonzero(units))


def _empty_groups(
    configuration: Configuration, columns: ColumnFile, units: UnitOrder
) -> Iterator[EmptyUnits]:
    """Units of a named level in which an outcome is missing in every row."""
    outcomes = dict.fromkeys(analysis.outcome for analysis in configuration.analyses.values())
    for name in outcomes:
        present = ~np.isnan(columns.column(configuration.shown_by(name)))
        for level in configuration.level_names[:-1]:
            group = units.groups[level]
            has_any = np.zeros(int(group[-1]) + 1, dtype=bool)
            has_any[group[present]] = True
            without = int(np.count_nonzero(~has_any))
            if without:
                rows = int(np.count_nonzero(~has_any[group]))
                yield EmptyUnits(variable=name, level=level, groups=without, rows=rows)
