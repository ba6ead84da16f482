"""One imputation of a wave as it is read: ids, rows and coded values in the order of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.nouns.ids.spelling import Spelling
from mlm.rows.cleaning.codebook import Coder, Distinct
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.ids import IdCollector, Ids, read_ids
from mlm.rows.cleaning.number_hints import Written


@dataclass(frozen=True)
class Imputation:
    """The rows of an imputation that have all ids.

    Attributes
    ----------
    delivery : Delivery
        Its files.
    rows : ndarray of int (n,)
        Numbers of the rows among all that were read.
    ids : dict of str to Ids
        Ids by level, of those levels that the files hold.
    values : dict of str to ndarray (n,)
        Variables that the files hold: numbers, or positions of categories (-1: missing).
    problems : list of str
        What is wrong with cells.
    """

    delivery: Delivery
    rows: np.ndarray
    ids: dict[str, Ids]
    values: dict[str, np.ndarray]
    problems: list[str]


@dataclass(frozen=True)
class _AsItIs:
    """What is said of a column of ids that is no level."""

    missing: dict[str, str] = field(default_factory=dict)
    ignore: Sequence[Spelling] = ()


def read_imputation(configuration: Configuration, wave: str, delivery: Delivery) -> Imputation:
    """Ids and variables of an imputation, read as those of the wave are."""
    held = set.intersection(*(set(columns) for columns in delivery.columns))
    levels = [name for name in configuration.levels_with_ids if name in held]
    coders = {
        name: Coder(name, variable.in_wave(wave))
        for name, variable in configuration.read_variables.items()
        if name in held
    }
    collectors = {level: IdCollector() for level in levels}
    rows: list[np.ndarray] = [np.zeros(0, dtype=np.int64)]
    parts: dict[str, list[np.ndarray]] = {name: [] for name in coders}
    for start, file, texts, notes in delivery.chunks():
        kept = np.ones(texts.num_rows, dtype=bool)
        found = {}
        for name in levels:
            level = configuration.level(name)
            found[name] = read_ids(level, texts[name], notes[name], file.marks.decimal)
            for without in found[name].missing.values():
                kept &= ~without
        for name, cells in found.items():
            collectors[name].add(cells.distinct, kept)
        for name, coder in coders.items():
            coded = coder.code(texts[name], start, notes[name], file.marks)
            parts[name].append(coded.values[kept])
        rows.append(start + np.flatnonzero(kept))
    written = Written.of(delivery.files)
    problems = [
        problem
        for coder in coders.values()
        for problem in coder.log.messages(delivery.places, written, False)
    ]
    return Imputation(
        delivery,
        np.concatenate(rows),
        {name: collector.collected() for name, collector in collectors.items()},
        {name: np.concatenate(found) for name, found in parts.items() if found},
        problems,
    )


def row_names(delivery: Delivery, column: str | None) -> Ids:
    """What each row of a delivery is called: by a column of it, or by its number, from 1."""
    collector = IdCollector()
    if column is None or not all(column in file.columns for file in delivery.files):
        names = pa.array(np.arange(1, sum(delivery.rows) + 1)).cast(pa.string())
        collector.add(Distinct.of(pa.chunked_array([names])))
        return collector.collected()
    for file in delivery.files:
        for table in file.chunks([column]):
            cells = read_ids(_AsItIs(), table[column], file.notes_of(column), file.marks.decimal)
            collector.add(cells.distinct)
    return collector.collected()
