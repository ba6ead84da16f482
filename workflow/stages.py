"""The jobs of a survey, and which of them read the outputs of which: the rules in one view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from file_parts import links_waves_apart, n_sums, parts_of, reads_waves_apart

from mlm.commands.made import job_name
from mlm.configuration import Configuration

EACH = {  # what there is a job for, of each stage, in the order of the stages
    "simulate": None,
    "intake": "part",
    "clean": "wave",
    "complete": "wave",
    "link_wave": "wave by itself",
    "link": None,
    "ledger": None,
    "columns": None,
    "accumulate_part": "part",
    "accumulate": "wave",
    "merge": "analysis",
    "merge_imputed": "analysis",
    "impute": "analysis",
    "analyse": "analysis",
    "analyse_imputed": "analysis",
    "analyse_sample": "analysis",
    "residuals_of_wave": "wave of an analysis",
    "residuals": "analysis",
    "report": "analysis",
    "units": "analysis",
}


OF_SUMS = ("columns", "accumulate_part", "accumulate", "merge")
"""Stages of surveys whose rows count alike; the analysis of a sample reads the rows itself."""

OF_ONE_SAMPLE = ("analyse", "residuals_of_wave", "residuals")
"""Stages of those of them in which nothing is imputed."""

OF_FILES = ("complete", "merge_imputed")
"""Stages of those of them that bring files with imputations."""


@dataclass(frozen=True)
class Task:
    """A job of a survey.

    Attributes
    ----------
    stage, survey : str
    wave, analysis : str, optional
        What the job is for, where it is for one of them.
    part : str, optional
        Number of the part of the wave's files.
    """

    stage: str
    survey: str
    wave: str | None = None
    analysis: str | None = None
    part: str | None = None

    @property
    def own(self) -> str:
        """The analysis, the wave and the part of its files, as far as it is for one of them."""
        return " ".join(filter(None, (self.analysis, self.wave, self.part)))

    @property
    def name(self) -> str:
        """The job's name in records."""
        return job_name(self.stage, self.survey, self.own)

    @property
    def wildcards(self) -> dict[str, str]:
        """As Snakemake names them."""
        names = {"survey": self.survey, "wave": self.wave, "part": self.part}
        names |= {"analysis": self.analysis}
        return {key: value for key, value in names.items() if value is not None}


def tasks(configuration: Configuration) -> Iterator[Task]:
    """All jobs of a survey but the index, each after those whose outputs it reads."""
    names = {"wave": configuration.wave_names, "analysis": tuple(configuration.analyses)}
    for stage, each in EACH.items():
        if stage in left_out(configuration):
            continue
        if each is None:
            yield Task(stage, configuration.survey)
            continue
        if each == "part":
            for wave in configuration.wave_names:
                yield from parts(configuration, wave, stage)
            continue
        if each == "wave by itself":
            yield from linked_apart(configuration)
            continue
        if each == "wave of an analysis":
            for name in configuration.analyses:
                yield from apart(configuration, name)
            continue
        for name in names[each]:
            yield Task(stage, configuration.survey, **{each: name})


def parts(configuration: Configuration, wave: str, stage: str) -> list[Task]:
    """Jobs of a stage for parts of a wave; none where one job cleans it, or sums its rows."""
    n_parts = {
        "intake": lambda: len(parts_of(configuration, wave)),
        "accumulate_part": lambda: n_sums(configuration, wave),
    }
    numbers = range(n_parts[stage]())
    return [Task(stage, configuration.survey, wave, part=f"{n:04d}") for n in numbers]


def apart(configuration: Configuration, analysis: str) -> list[Task]:
    """Jobs that read the waves of an analysis once more, one each; none where one reads all."""
    waves = configuration.wave_names if reads_waves_apart(configuration) else ()
    return [Task("residuals_of_wave", configuration.survey, wave, analysis) for wave in waves]


def linked_apart(configuration: Configuration) -> list[Task]:
    """Jobs that read the waves for their links, one each; none where one reads all."""
    waves = configuration.wave_names if links_waves_apart(configuration) else ()
    return [Task("link_wave", configuration.survey, wave) for wave in waves]


def left_out(configuration: Configuration) -> set[str]:
    """Stages that a survey has no jobs for."""
    wanted = {
        "simulate": configuration.simulate is not None,
        "units": bool(configuration.publication.unit_pages),
        "analyse_sample": configuration.is_sampled,
    }
    imputed, has_files = configuration.is_imputed, configuration.has_imputed_files
    wanted |= dict.fromkeys(OF_SUMS, not configuration.is_sampled)
    wanted |= dict.fromkeys(OF_ONE_SAMPLE, not configuration.is_sampled and not imputed)
    wanted |= dict.fromkeys(OF_FILES, has_files)
    wanted |= {"analyse_imputed": imputed, "impute": imputed and not has_files}
    return {stage for stage, is_wanted in wanted.items() if not is_wanted}


def read_by(task: Task, configuration: Configuration) -> list[str]:
    """Names of the jobs whose outputs a job reads."""
    return [other.name for other in _read_by(task, configuration)]


def _read_by(task: Task, configuration: Configuration) -> list[Task]:
    def one(stage: str, **names: str) -> Task:
        return Task(stage, task.survey, **names)

    own = {"analysis": task.analysis}
    cleaned = [one("clean", wave=wave) for wave in configuration.wave_names]
    match task.stage:
        case "clean":
            drawn = [] if configuration.simulate is None else [one("simulate")]
            return [*drawn, *parts(configuration, task.wave, "intake")]
        case "link_wave":
            return [one("clean", wave=task.wave)]
        case "link":
            return [*cleaned, *linked_apart(configuration)]
        case "ledger":
            return [one("link")]
        case "columns":
            return cleaned[:1]
        case "accumulate_part":
            return [one("clean", wave=task.wave), one("columns")]
        case "accumulate":
            rows = ["clean", "complete"] if configuration.has_imputed_files else ["clean"]
            made = [*(one(stage, wave=task.wave) for stage in rows), one("columns")]
            return [*made, *parts(configuration, task.wave, "accumulate_part")]
        case "merge" | "merge_imputed":
            return [one("accumulate", wave=wave) for wave in configuration.wave_names]
        case "analyse":
            return [one("merge", **own), one("link")]
        case "impute":
            return [*cleaned, one("columns")]
        case "analyse_imputed":
            made = "merge_imputed" if configuration.has_imputed_files else "impute"
            return [one(made, **own), one("merge", **own), one("link")]
        case "analyse_sample":
            return [*cleaned, one("link")]
        case "residuals_of_wave":
            return [one("clean", wave=task.wave), one("merge", **own), one("analyse", **own)]
        case "residuals":
            read = apart(configuration, task.analysis) or cleaned
            return [*read, one("merge", **own), one("analyse", **own)]
        case "report":
            names = [task.analysis, *beside(configuration, task.analysis)]
            made = _analysed(configuration)
            read = [one(stage, analysis=n) for n in names for stage in made]
            return [*read, one("link")]
        case "units":
            return [one(_analysed(configuration)[0], **own), one("link")]
    return []


def _analysed(configuration: Configuration) -> tuple[str, ...]:
    """Stages whose outputs a report of an analysis reads, that of the models first."""
    if configuration.is_imputed:
        return ("analyse_imputed",)
    return ("analyse_sample",) if configuration.is_sampled else ("analyse", "residuals")


def beside(configuration: Configuration, analysis: str) -> list[str]:
    """The other analyses that a public report is protected with."""
    if configuration.disclosure.mode != "public":
        return []
    return [name for name in configuration.analyses if name != analysis]
