"""Memory and time that jobs ask for, and which jobs are sent off together.

What a job needs grows with the files that it reads; a further attempt asks for twice as much as the
one before. The figures are bounds on what was measured (``benchmarks/README.md``), with room for
Snakemake itself, which a scheduler counts where it runs it around the command.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlm.configuration import Configuration
from mlm.nouns.missing_values import MissingValues
from mlm.results.survey.missing_covariates import MissingCovariates

MB = 1e6
MANY_UNITS_MB = 40.0  # MB of sums from which it is many units that they are of, not many columns
SHARED_OUT_MB = 10.0  # sums from which the answers of an analysis are worked out side by side
MOST_PROCESSES = 8  # of an analysis; there are hardly more answers that take long
TOGETHER_MB = 20.0  # wave files of a survey that are cleaned and accumulated in one job elsewhere


@dataclass(frozen=True)
class Need:
    """What the jobs of a stage need.

    Attributes
    ----------
    mb, mb_each : float
        Memory in MB: of any job, and for each MB that it reads.
    minutes, minutes_each : float
        The same of time.
    mb_beyond : float or None
        Memory for each MB beyond ``MANY_UNITS_MB``; None: as for those before.
    """

    mb: float
    mb_each: float
    minutes: float
    minutes_each: float
    mb_beyond: float | None = None

    def memory(self, size: float) -> float:
        """Memory in MB of a job that reads so many MB."""
        beyond = 0.0 if self.mb_beyond is None else max(size - MANY_UNITS_MB, 0.0)
        return self.mb + self.mb_each * (size - beyond) + (self.mb_beyond or 0.0) * beyond


NEEDS = {
    "simulate": Need(1000, 0, 10, 0),
    "intake": Need(800, 0.5, 10, 0.1),
    "clean": Need(800, 6, 10, 0.1),
    "link_wave": Need(1000, 2, 10, 0.2),
    "link": Need(800, 25, 10, 0.2),
    "complete": Need(1000, 10, 10, 0.2),
    "ledger": Need(600, 10, 5, 0.1),
    "columns": Need(800, 12, 10, 0.1),
    "accumulate_part": Need(800, 60, 10, 0.5),
    "accumulate": Need(800, 60, 10, 0.5),
    "merge": Need(800, 1, 10, 0.1),
    "analyse": Need(1000, 45, 60, 1, 3),
    "merge_imputed": Need(800, 10, 20, 0.1),
    "impute": Need(3000, 200, 60, 2),
    "analyse_imputed": Need(3000, 3, 120, 0.2),
    "analyse_sample": Need(3000, 4, 60, 0.05),
    "residuals_of_wave": Need(800, 8, 15, 0.2),
    "residuals": Need(800, 8, 15, 0.2),
    "report": Need(1500, 10, 15, 0.1),
    "units": Need(1500, 10, 30, 0.5),
    "index": Need(500, 1, 5, 0),
}


OF_PARTS = {
    "clean": Need(1800, 0, 10, 0.1),
    "accumulate": Need(800, 0.5, 10, 0.1),
    "link": Need(1200, 1, 10, 0.1),
    "residuals": Need(800, 0.5, 5, 0.01),
}
"""Stages of which others have done parts: whatever the size of a wave, some rows at a time are
cleaned, sums are added group by group, some ids at a time are compared, and sums of residuals have
a size of their own."""


OF_ROWS = {
    "link": Need(1200, 1, 10, 0.2),
    "accumulate_part": Need(800, 1.5, 10, 0.5),
    "accumulate": Need(800, 1.5, 10, 0.5),
}
"""Stages where each unit of the lowest level is a row, so that no ids of them are held."""

OF_ONE_WAVE = {"merge": Need(800, 0.1, 10, 0.1)}
"""Stages where there is one wave, whose sums are taken as they are."""


def memory(stage: str, configurations: Mapping[str, Configuration] | None = None) -> Callable:
    """Function of a job's inputs and attempt that gives the megabytes that it asks for.

    Parameters
    ----------
    stage : str
        The stage.
    configurations : mapping of str to Configuration, optional
        The surveys of a run, where it matters what they are.
    """

    def asked(wildcards, input, attempt):
        need = _need(stage, wildcards, input)
        if configurations is not None:
            need = _of_survey(stage, configurations[wildcards.survey])
        need = OF_PARTS[stage] if getattr(input, "parts", None) else need
        return int(need.memory(size_mb(input)) * 2 ** (attempt - 1))

    return asked


def _of_survey(stage: str, configuration: Configuration) -> Need:
    need = NEEDS[stage]
    if not configuration.design.follows_lowest:
        need = OF_ROWS.get(stage, need)
    return OF_ONE_WAVE.get(stage, need) if len(configuration.waves) == 1 else need


def minutes(stage: str) -> Callable:
    """Function of a job's inputs and attempt that gives the minutes that it asks for."""

    def asked(wildcards, input, attempt):
        need = _need(stage, wildcards, input)
        least = need.minutes + need.minutes_each * size_mb(input)
        return int(least * 2 ** (attempt - 1))

    return asked


def processes(cores: int, analyses: int, least_mb: float = SHARED_OUT_MB) -> Callable:
    """Function of a job's inputs that gives the processes that share out its work.

    Cores that would lie idle are used: of a run with fewer analyses than cores each has its part.

    Parameters
    ----------
    cores : int
        Of the run, where its jobs run on this machine; a scheduler is told otherwise.
    analyses : int
        Of all its surveys.
    least_mb : float
        What a job has to read to be worth it, in MB.
    """
    most = max(min(cores // max(analyses, 1), MOST_PROCESSES), 1)

    def asked(wildcards, input):
        files = [path for path in map(str, input) if os.path.isfile(path)]  # that are made already
        here = sum(map(os.path.getsize, files)) + _inside(input)
        return most if here >= least_mb * MB else 1

    return asked


def granted(wildcards, threads, resources) -> int:
    """Processes of a job: its threads, or the cores that a scheduler is asked for if they are more.

    A profile may hold the threads of all jobs to one (``cores``), so that jobs which are sent
    together follow each other; cores are then asked for by the resource ``cpus_per_task``.
    """
    return max(threads, int(resources.get("cpus_per_task", 1)))


def _need(stage: str, wildcards, input) -> Need:
    """What a job needs; an analysis that will draw what rows lack as much as the stage for that."""
    may_draw = stage == "analyse" and getattr(input, "tables", None)
    draws = may_draw and _loses_many(input.survey, wildcards.analysis)
    return NEEDS["impute" if draws else stage]


def _loses_many(survey: str, analysis: str) -> bool:
    """Whether a linked survey says that an analysis would lose many rows to missing covariates."""
    for stored in json.loads(Path(survey).read_bytes())["missing_covariates"]:
        for found in MissingCovariates.model_validate(stored).analyses:
            if found.analysis == analysis:
                return MissingValues().by_share(found.share_lost).method == "joint"
    return False


def size_mb(input) -> float:
    """Megabytes of the files that a job reads, those in folders with them.

    Parameters
    ----------
    input : InputFiles of Snakemake
        Files on this disk or in a storage. Where one is not made yet, its error tells Snakemake
        that the answer is not known.
    """
    return (input.size + _inside(input)) / MB


def _inside(input) -> int:
    """Bytes of the files in the folders that a job reads."""
    folders = [path for path in map(str, input) if os.path.isdir(path)]
    inside = (file for folder in folders for file in Path(folder).rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in inside)


class SentTogether:
    """Which jobs are sent off as one, since each alone is over sooner than it is sent.

    Parameters
    ----------
    configurations : mapping of str to Configuration
        The surveys of a run.
    """

    def __init__(self, configurations: Mapping[str, Configuration]):
        self._configurations = configurations
        self._small = {name: _is_small(c) for name, c in configurations.items()}

    def of(self, stage: str) -> Callable:
        """Function of the wildcards that names the group of a job; None for a job of its own."""
        return lambda wildcards: self._of(stage, wildcards)

    def _of(self, stage: str, wildcards) -> str | None:
        survey = wildcards.survey
        if self._small[survey]:
            return f"rows-{survey}"
        if stage in ("link", "ledger"):
            return f"link-{survey}"
        first = self._configurations[survey].wave_names[0]
        if stage == "columns" or (stage == "clean" and wildcards.wave == first):
            return f"columns-{survey}"
        return None


def _is_small(configuration: Configuration) -> bool:
    """Whether all wave files together are small; those that are drawn are."""
    if configuration.simulate is not None:
        return True
    paths = [p for name in configuration.wave_names for p in configuration.wave_files(name)]
    return sum(p.stat().st_size for p in paths if p.is_file()) < TOGETHER_MB * MB
