"""The results as they stand, and the marks that tell Snakemake what is made again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

from file_parts import parts_of

from chain import Chain, Job, mark
from jobs import RESULTS, Jobs
from made_by import STYLED
from mlm.commands.made import SUFFIX
from stages import Task, read_by, tasks
from surveys import shown

TOLD = 10  # reasons that are told before a run


class Standing:
    """The results of the chosen surveys.

    Parameters
    ----------
    jobs : Jobs
        The surveys.
    """

    def __init__(self, jobs: Jobs):
        self._jobs = jobs
        self._patterns: dict[str, list[str]] = {}
        self._prefix = Path()

    def watch(self, outputs: Mapping[str, Iterable[str]]) -> None:
        """Take note of the outputs of all rules, by stage, before the first job is asked for.

        In a module with a prefix they begin with it, and the marks lie below it, since Snakemake
        puts it before the inputs too.
        """
        self._patterns = {stage: list(map(str, patterns)) for stage, patterns in outputs.items()}
        page, inside = Path(self._patterns["index"][0]), Path(f"{RESULTS}/index.html")
        is_inside = page.parts[-len(inside.parts) :] == inside.parts
        self._prefix = page.parents[len(inside.parts) - 1] if is_inside else Path()

    def everything(self, wildcards) -> list[str]:
        """All outputs: those between are named too, so that one that was lost is made again."""
        return [self._without_prefix(path) for job in self._all_jobs for path in job.outputs]

    def reports(self, wildcards) -> list[str]:
        """All outputs of the reports that the index lists."""
        return [
            self._without_prefix(pattern.format(**names))
            for names in self._jobs.listed_reports
            for pattern in self._patterns["report"]
        ]

    def _without_prefix(self, path: str | Path) -> str:
        return str(path)[len(str(self._prefix / "x")) - 1 :]

    def again(self, stage: str) -> Callable:
        """Function of the wildcards that gives the mark of a job, where it has one.

        The first call looks through the results and writes the marks of jobs that are to run again.
        """

        def marks(wildcards) -> list[str]:
            self._marked  # noqa: B018
            path = mark(stage, dict(wildcards.items()))
            return [str(path)] if (self._prefix / path).is_file() else []

        return marks

    @cached_property
    def _marked(self) -> bool:
        if not self._jobs.on_this_disk:
            return False
        others = {record.job: record.digest for record in self._jobs.other_reports.values()}
        chain = Chain(self._all_jobs, others, self._jobs.contents)
        chain.mark()
        self._jobs.keep_hashes()
        told = chain.reasons()
        if told:
            more = ["..."] if len(told) > TOLD else []
            lines = ["Made again, with all that depends on it:", *told[:TOLD], *more]
            print("\n  ".join(lines), file=sys.stderr)
        return True

    @cached_property
    def _all_jobs(self) -> list[Job]:
        jobs, reports = [], []
        for configuration in self._jobs.configurations.values():
            for task in tasks(configuration):
                reads, sources = read_by(task, configuration), self._sources(task)
                jobs.append(self._job(task.stage, task.name, task.wildcards, reads, sources))
                reports += [task.name] if task.stage == "report" else []
        reports += [record.job for record in self._jobs.other_reports.values()]
        return [*jobs, self._job("index", "index", {}, reports, {})]

    def _job(self, stage: str, name: str, wildcards: dict, reads: list[str], sources: dict) -> Job:
        if stage == "report":
            wildcards = wildcards | {"place": self._jobs.place(wildcards["survey"])}
        outputs = tuple(Path(pattern.format(**wildcards)) for pattern in self._patterns[stage])
        return Job(
            name=name,
            mark=self._prefix / mark(stage, wildcards),
            outputs=outputs,
            record=next(path for path in outputs if path.name.endswith(SUFFIX)),
            made_by=self._jobs.made_by(stage)(SimpleNamespace(**wildcards)),
            sources=sources,
            reads=tuple(reads),
            names_all=stage != "index",
        )

    def _sources(self, task: Task) -> dict[str, Path]:
        """Files of the survey that a job reads, by the names that the configuration gives them."""
        configuration = self._jobs.configurations[task.survey]
        if task.stage in STYLED:
            return configuration.style_files
        if task.stage not in ("intake", "clean", "complete") or configuration.simulate is not None:
            return {}
        if task.stage == "intake":
            numbers = parts_of(configuration, task.wave)[int(task.part)]
            names, paths = configuration.wave(task.wave).files, configuration.wave_files(task.wave)
            return {names[i]: self._prefix / shown(paths[i]) for i in numbers}
        imputed = configuration.imputed_files(task.wave) if task.stage == "complete" else {}
        return {name: self._prefix / shown(path) for name, path in imputed.items()} | {
            name: self._prefix / shown(path)
            for wave in configuration.waves_looked_at(task.wave)
            for name, path in zip(
                configuration.wave(wave).files, configuration.wave_files(wave), strict=True
            )
        }
