"""One analysis that a stage makes: what is read for all alike, and written. Layer: commands.

It knows no statistics: a stage whose sums are enough would hang on all of them otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.commands.made import FITS, Making, job_name
from mlm.commands.writing import whole_folder, write_text

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.nouns.plan import Plan
    from mlm.results.record import Record
    from mlm.results.sampled.loading import AnyResults

RESULTS = "results.json"


@dataclass(frozen=True)
class AnalysisJob:
    """An analysis of a survey, as it is asked for, and the record of what is made of it.

    Parameters
    ----------
    plan : Plan
    made : Making
    """

    plan: Plan
    made: Making

    @classmethod
    def of(
        cls, stage: str, configuration: Configuration, analysis: str, made_by: str | None
    ) -> AnalysisJob:
        """The job of a stage."""
        from mlm.configuration.planning import plan_of

        name = job_name(stage, configuration.survey, analysis)
        return cls(plan_of(configuration, analysis), Making(name, made_by))

    def write(self, out: Path, results: AnyResults, fits: Mapping[str, Record]) -> None:
        """Write results.json, the tables of units, the fits in a folder, and the record of all."""
        with whole_folder(out / FITS) as folder:
            for name, record in fits.items():
                write_text(folder / f"{name}.fit.json", record.to_json())
        self.made.record([*_write_results(out, results), out / FITS])


def result_files(results: Path) -> list[Path]:
    """A results.json, and the folder of the tables that it refers to where that is there."""
    from mlm.results.storing.tabled import FOLDER

    folder = results.with_name(FOLDER)
    return [results, *([folder] if folder.is_dir() else [])]


def read_results(results: Path) -> AnyResults:
    """The results in a results.json and its tables.

    Raises
    ------
    ResultError
        When these are not what this version writes.
    """
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.results.sampled.loading import load_results

    arrow_without_pandas()
    return load_results(results)


def _write_results(out: Path, results: AnyResults) -> list[Path]:
    """Write results.json and the tables of units that it refers to."""
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.results.storing.tabled import FOLDER, ROWS_WRITTEN, tables_of, text_beside_tables

    arrow_without_pandas()
    import pyarrow.parquet as pq

    with whole_folder(out / FOLDER) as folder:
        for name, table in tables_of(results, results.tables).items():
            path = folder / f"{name}.parquet"
            with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
                for block in table.blocks():
                    writer.write_table(block, row_group_size=ROWS_WRITTEN)
    write_text(out / RESULTS, text_beside_tables(results))
    return [out / RESULTS, out / FOLDER]
