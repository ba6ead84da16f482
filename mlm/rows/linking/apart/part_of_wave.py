"""One wave read for linking: what it answers is written, for the waves to be joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.nouns.levels import ROW
from mlm.rows.linking.aliasing import answers_of_terms
from mlm.rows.linking.apart.wave_part import (
    ANSWERS,
    BUCKETS,
    ENTRIES,
    IDS,
    ROWS,
    ROWS_ARE_UNITS,
)
from mlm.rows.linking.entries.id_buckets import IdBucket, IdBuckets
from mlm.rows.linking.missing_account import answers_of_patterns
from mlm.rows.linking.product_cells import answers_of_products
from mlm.rows.linking.survey_rows import SurveyRows, first_of_entries, of_variable, present


def part_of_wave(configuration: Configuration, wave: str, rows: object, folder: Path) -> None:
    """Write what linking needs of a wave.

    Parameters
    ----------
    configuration : Configuration
        The survey, whose units of the lowest level do not recur.
    wave : str
        Name of the wave.
    rows : path, CleanWave, Arrow table or data frame
        Its cleaned rows; a path is a Parquet file.
    folder : Path
        Where to; it exists.
    """
    own = _OneWave(configuration, wave, rows, folder)
    answers = {ROWS_ARE_UNITS: np.array(own.lowest is not None)}
    if own.lowest is not None:
        _write_entries(own, folder / ENTRIES)
        answers |= dict(_answers(configuration, own))
    np.savez(folder / ANSWERS, **answers)


class _OneWave(SurveyRows):
    """The rows of one wave, whose ids are written in place of being compared."""

    def __init__(self, configuration: Configuration, wave: str, rows: object, folder: Path):
        self._folder = folder
        super().__init__(configuration, {wave: rows}, [wave])

    def _new_buckets(self) -> IdBuckets:
        return IdBuckets(0, BUCKETS)

    def _compare(self, buckets: Iterable[IdBucket]) -> None:
        if self.configuration.levels[-1].id is not None:
            _write_ids(buckets, self._folder / IDS)
        super()._compare(())


def _write_ids(buckets: Iterable[IdBucket], path: Path) -> None:
    """Write ids and entries, one batch a bucket."""
    writer, file = None, pa.OSFile(str(path), "wb")
    with file:
        for bucket in buckets:
            ids = bucket.texts if bucket.numbers is None else pa.array(bucket.numbers)
            batch = pa.record_batch({"id": ids, "entry": pa.array(bucket.entry)})
            writer = writer or pa.ipc.new_file(file, batch.schema)
            writer.write_batch(batch)
        writer.close()


def _write_entries(rows: SurveyRows, path: Path) -> None:
    columns = {
        level: pa.DictionaryArray.from_arrays(pa.array(ids.codes), ids.texts)
        for level, ids in ((level, rows.ids(level)) for level in rows.held)
    }
    batch = pa.record_batch([*columns.values(), pa.array(rows.rows)], names=[*columns, ROWS])
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def _answers(configuration: Configuration, rows: SurveyRows) -> Iterator[tuple[str, np.ndarray]]:
    """Answers of the wave to all questions, by question and key."""
    questions: list[Iterator[tuple[str, Mapping[str, np.ndarray]]]] = [
        _values(configuration, rows),
        answers_of_terms(configuration, rows),
        answers_of_products(configuration, rows),
        answers_of_patterns(configuration, rows),
    ]
    for found in questions:
        for question, arrays in found:
            for key, array in arrays.items():
                yield f"{question}/{key}", array


def _values(
    configuration: Configuration, rows: SurveyRows
) -> Iterator[tuple[str, Mapping[str, np.ndarray]]]:
    """Of variables that describe units: the first value of each entry, and the first there is.

    Outcomes are asked for beside policies.
    """
    analyses = configuration.analyses.values()
    outcomes = {analysis.outcome for analysis in analyses if analysis.policy}
    names = [
        name
        for name, variable in configuration.variables.items()
        if variable.is_read
        if name in outcomes or variable.level not in (ROW, configuration.level_names[-1])
    ]
    if not names:
        return
    kept: dict[str, tuple[list, list]] = {name: ([], []) for name in names}
    n, last = len(rows.rows), -1
    known: dict[str, np.ndarray] = {}
    for entry, columns in rows.entry_blocks(names, 0):
        is_first = np.diff(entry, prepend=last) != 0
        last = int(entry[-1])
        for name, values in zip(names, columns, strict=True):
            kept[name][0].append(values[is_first])
            if name not in known:
                known[name] = np.full(n, np.nan if values.dtype.kind == "f" else -1, values.dtype)
            first = first_of_entries(entry, present(values))
            own = known[name][entry[first]]
            is_new = ~present(own)
            known[name][entry[first[is_new]][::-1]] = values[first[is_new]][::-1]
    for name, (parts, _) in kept.items():
        answer = {"first": np.concatenate(parts), "present": known[name]}
        yield of_variable(configuration, name), answer
