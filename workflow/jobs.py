"""What the rules ask for: files, parameters, code and software of each job."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace

from snakemake.io import ancient

from chain import Chain, Job, mark
from code_hash import Package
from content import Contents
from made_by import WITH_TEMPLATES, hash_of_files, short_hash, software
from mlm.commands.made import SUFFIX, checked_record
from mlm.errors import FilesError
from mlm.results.made import MadeRecord
from parts import PARTS, part_of
from stages import EACH, Task, beside, read_by, tasks
from surveys import choose_surveys, shown

RESULTS = "results"
STAGES = (*EACH, "index")
TOLD = 10  # reasons that are told before a run
FITS = (
    "null.ml",
    "null.reml",
    "full.ml",
    "full.reml",
    "final.ml",
    "final.reml",
    "slopes.ml",
    "slopes.reml",
)


class Jobs:
    """The chosen surveys, and the answers that the rules ask for by wildcards.

    Parameters
    ----------
    root : Path
        The project's folder: holds mlm/, reports/ and config/.
    options : mapping
        Snakemake's ``config``: ``surveys`` (names to run) and ``configs`` (files to read).

    Raises
    ------
    ConfigurationError
        With every problem of every configuration.
    """

    def __init__(self, root: Path, options: Mapping):
        self.root = Path(root)
        surveys = choose_surveys(options)
        self.configurations = surveys.chosen
        self._known = surveys.known
        self._package = Package(self.root / "mlm", cache=Path(".snakemake/mlm-code.json"))
        self.contents = Contents(Path(".snakemake/mlm-content.json"))
        self._watched: dict[str, list[str]] = {}
        self._decides = False

    # --- names --------------------------------------------------------------------------

    @property
    def surveys(self) -> list[str]:
        """Names of the surveys."""
        return list(self.configurations)

    @property
    def simulated(self) -> list[str]:
        """Names of the surveys that are simulated."""
        return [name for name, c in self.configurations.items() if c.simulate is not None]

    @property
    def waves(self) -> list[str]:
        """Names of the waves of all surveys."""
        return _unique(w.name for c in self.configurations.values() for w in c.waves)

    @property
    def analyses(self) -> list[str]:
        """Names of the analyses of all surveys."""
        return _unique(a for c in self.configurations.values() for a in c.analyses)

    def for_waves(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the waves of a survey, in order of time."""
        return lambda wildcards: [
            _filled(pattern, wildcards, wave=wave.name)
            for wave in self.configurations[wildcards.survey].waves
        ]

    def for_first_wave(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the first wave of a survey."""
        return lambda wildcards: self.for_waves(pattern)(wildcards)[0]

    def for_surveys(self, pattern: str) -> list[str]:
        """A pattern filled in for each survey."""
        return [pattern.format(survey=survey) for survey in self.configurations]

    def for_analyses(self, pattern: str) -> list[str]:
        """A pattern filled in for each analysis of each survey."""
        return [
            pattern.format(survey=survey, analysis=analysis)
            for survey, configuration in self.configurations.items()
            for analysis in configuration.analyses
        ]

    def listed_reports(self, suffix: str = "json") -> list[str]:
        """Documents that the index lists: of the chosen surveys, and of others that have one.

        With another suffix what lies beside them, such as their records.
        """
        names = (
            (survey, analysis)
            for survey, configuration in self._known.items()
            for analysis in configuration.analyses
            if survey in self.configurations or (survey, analysis) in self._other_reports
        )
        return [f"{RESULTS}/{survey}/{analysis}/report.{suffix}" for survey, analysis in names]

    @cached_property
    def _other_reports(self) -> dict[tuple[str, str], MadeRecord]:
        """Records of the reports of surveys that are not run now; damaged ones are told of."""
        found = {}
        for survey in self._known.keys() - self.configurations.keys():
            for analysis in self._known[survey].analyses:
                document = Path(f"{RESULTS}/{survey}/{analysis}/report.json")
                if not document.is_file():
                    continue
                try:
                    found[survey, analysis] = checked_record(document)
                except FilesError as error:
                    print(f"Not listed in the index: {error}", file=sys.stderr)
        return found

    # --- files --------------------------------------------------------------------------

    def config_file(self, wildcards) -> str:
        """Configuration file of a survey."""
        return shown(self.configurations[wildcards.survey].path)

    def beside(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the other analyses of a public survey."""
        return lambda wildcards: [
            _filled(pattern, wildcards, other=name)
            for name in beside(self.configurations[wildcards.survey], wildcards.analysis)
        ]

    def wave_files(self, wildcards) -> list[str]:
        """Files that cleaning a wave reads; the folder of simulated files for a simulated survey.

        They are the wave's own, and those of the waves that a policy for moves looks at. Of those
        on this disk the content counts alone, whatever their dates (``ancient``).
        """
        if wildcards.survey in self.simulated:
            folder = f"{RESULTS}/{wildcards.survey}/simulated"
            return [folder, f"{folder}{SUFFIX}"]
        configuration = self.configurations[wildcards.survey]
        waves = configuration.waves_looked_at(wildcards.wave)
        paths = [path for wave in waves for path in configuration.wave_files(wave)]
        return [ancient(shown(path)) if path.is_file() else shown(path) for path in paths]

    def everything(self, wildcards) -> list[str]:
        """All outputs: those between are named too, so that one that was lost is made again."""
        return [str(path) for job in self._all_jobs() for path in job.outputs]

    # --- what a job depends on beside its input files --------------------------------------

    def made_by(self, stage: str) -> Callable:
        """Function of the wildcards that says which configuration, code and software is used."""
        return lambda wildcards: self._made_by(stage, wildcards)

    def _made_by(self, stage: str, wildcards) -> str:
        rest = self._code_and_software(stage)
        if stage not in PARTS:
            return rest
        part = part_of(stage, self.configurations[wildcards.survey], wildcards)
        return f"configuration {short_hash(part)}, {rest}"

    @cache  # noqa: B019
    def _code_and_software(self, stage: str) -> str:
        texts = [f"code {self._package.hash_of(f'mlm.commands.{stage}')}"]
        if stage in WITH_TEMPLATES:
            texts.append(f"templates {hash_of_files(self.root / 'reports', self.contents)}")
        return ", ".join([*texts, software(stage)])

    # --- what is made again ---------------------------------------------------------------

    def watch(self, rules: Mapping[str, Iterable[str]], decides: bool) -> None:
        """Take note of the outputs of all rules; what is there of them is looked through later.

        Parameters
        ----------
        rules : mapping of str to iterable of str
            Patterns of the outputs by stage.
        decides : bool
            Whether this process decides what runs (a job that runs elsewhere does not), on results
            that lie on this disk.
        """
        self._watched = {stage: list(map(str, patterns)) for stage, patterns in rules.items()}
        self._decides = decides

    def again(self, stage: str) -> Callable:
        """Function of the wildcards that gives the mark of a job, where it has one.

        The first call looks through the results and writes the marks of jobs that are to run again.
        """

        def marks(wildcards) -> list[str]:
            if self._decides:
                self._look_through()
            path = mark(stage, dict(wildcards.items()))
            return [str(path)] if path.is_file() else []

        return marks

    @cache  # noqa: B019
    def _look_through(self) -> None:
        others = {record.job: record.digest for record in self._other_reports.values()}
        chain = Chain(self._all_jobs(), others, self.contents)
        chain.mark()
        self.contents.save()
        told = chain.reasons()
        if told:
            lines = ["Made again, with all that depends on it:", *told[:TOLD]]
            print("\n  ".join([*lines, *["..."][: len(told) - TOLD]]), file=sys.stderr)

    def _all_jobs(self) -> Iterator[Job]:
        reports = []
        for configuration in self.configurations.values():
            for task in tasks(configuration):
                reads, sources = read_by(task, configuration), self._sources(task)
                yield self._job(task.stage, task.name, task.wildcards, reads, sources)
                reports += [task.name] if task.stage == "report" else []
        reports += [record.job for record in self._other_reports.values()]
        yield self._job("index", "index", {}, reports, {})

    def _job(self, stage: str, name: str, wildcards: dict, reads: list[str], sources: dict) -> Job:
        outputs = tuple(Path(pattern.format(**wildcards)) for pattern in self._watched[stage])
        return Job(
            name=name,
            mark=mark(stage, wildcards),
            outputs=outputs,
            record=next(path for path in outputs if path.name.endswith(SUFFIX)),
            made_by=self._made_by(stage, SimpleNamespace(**wildcards)),
            sources=sources,
            reads=tuple(reads),
            names_all=stage != "index",
        )

    def _sources(self, task: Task) -> dict[str, Path]:
        """Files of the survey that a job reads, by the names that the configuration gives them."""
        configuration = self.configurations[task.survey]
        if task.stage != "clean" or configuration.simulate is not None:
            return {}
        return {
            name: path
            for wave in configuration.waves_looked_at(task.wave)
            for name, path in zip(
                configuration.wave(wave).files, configuration.wave_files(wave), strict=True
            )
        }

    def keep_hashes(self) -> None:
        """Keep the hashes of the modules for the next run."""
        self._package.save_cache()
        self.contents.save()


def use_this_code(root: Path) -> None:
    """Let jobs run this Python and this folder's ``mlm``, the code that is hashed."""
    folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])
    python_path = [str(Path(root).resolve()), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, python_path))


def _filled(pattern: str, wildcards, **more: str) -> str:
    return pattern.format(**{**dict(wildcards.items()), **more})


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
