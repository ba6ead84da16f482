"""One analysis that a stage makes: what is read for all alike, and written. Layer: commands.

It knows no statistics: a stage whose sums are enough would hang on all of them otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.commands.made import Making, job_name
from mlm.commands.writing import whole_folder, write_text

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.nouns.plan import Plan
    from mlm.results.record import Record

RESULTS = "results.json"
FITS = "fits"
"""Folder of the fits of an analysis that has a file for each model and draw."""


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

    def write(self, out: Path, results: Record, fits: Mapping[str, Record]) -> None:
        """Write results.json and the fits beside it, and the record of all of them."""
        files = {RESULTS: results, **_fit_files(fits)}
        for name, record in files.items():
            write_text(out / name, record.to_json())
        self.made.record(out / name for name in files)

    def write_draws(self, out: Path, results: Record, fits: Mapping[str, Record]) -> None:
        """Write results.json and the fits of each draw in a folder, and the record of both."""
        write_text(out / RESULTS, results.to_json())
        with whole_folder(out / FITS) as folder:
            for name, record in _fit_files(fits).items():
                write_text(folder / name, record.to_json())
        self.made.record([out / RESULTS, out / FITS])


def _fit_files(fits: Mapping[str, Record]) -> dict[str, Record]:
    return {f"{name}.fit.json": record for name, record in fits.items()}
