"""What the rules ask for: files, parameters, code and software of each job."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path

from file_parts import links_waves_apart, n_sums, parts_of, reads_waves_apart
from snakemake.io import ancient, local

import mlm
from code_hash import Package
from content import Contents
from made_by import (
    STYLED,
    WITH_TEMPLATES,
    hash_of_files,
    module_of,
    short_hash,
    software,
    style_of,
)
from mlm.commands.made import SUFFIX, checked_record
from mlm.commands.reporting.publishing import FOLDER, INSIDE, folder_of
from mlm.commands.writing import SHIFTED
from mlm.configuration.planning import plan_of
from mlm.errors import FilesError
from mlm.pages.template_folder import template_folder
from mlm.results.runs.made import MadeRecord
from parts import PARTS, part_of
from stages import EACH, beside, parts
from surveys import choose_surveys, shown

RESULTS = "results"
STAGES = (*EACH, "index")


class Jobs:
    """The chosen surveys, and the answers that the rules ask for by wildcards.

    Parameters
    ----------
    options : mapping
        Snakemake's ``config``: ``surveys`` (names to run), ``configs`` (files to read) and
        ``container`` (image in which jobs may run).
    on_this_disk : bool
        Whether wave files and results lie where this process looks, and it decides what runs: not
        in a storage, and not in the process of a job that runs elsewhere.
    container : str, optional
        Image in which the jobs do run.

    Raises
    ------
    ConfigurationError
        With every problem of every configuration.
    """

    def __init__(self, options: Mapping, on_this_disk: bool = True, container: str | None = None):
        self.on_this_disk, self._container = on_this_disk, container
        surveys = choose_surveys(options, on_this_disk)
        self.configurations = surveys.chosen
        self._known = surveys.known
        package = Path(mlm.__file__).parent
        self._package = Package(package, cache=_cache_of_code(package))
        self.contents = Contents(Path(".snakemake/mlm-content.json"))

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
    def sampled(self) -> list[str]:
        """Names of the surveys that have sampling weights or plausible values."""
        return [name for name, c in self.configurations.items() if c.is_sampled]

    @property
    def summed(self) -> list[str]:
        """Names of the surveys whose analyses are made of the sums of each wave alone."""
        return [name for name in self.surveys if name not in {*self.sampled, *self.imputed}]

    @property
    def imputed(self) -> list[str]:
        """Names of the surveys whose analyses are those of several imputations."""
        return [name for name, c in self.configurations.items() if c.is_imputed]

    @property
    def completed(self) -> list[str]:
        """Names of the surveys that bring files of imputations."""
        return [name for name, c in self.configurations.items() if c.has_imputed_files]

    @property
    def drawn(self) -> list[str]:
        """Names of the surveys whose missing values are drawn from a joint model."""
        return [name for name in self.imputed if name not in self.completed]

    def imputations(self, wildcards, input) -> list[str]:
        """Options that name the files of all imputations of an analysis, shifted ones after."""
        missing = plan_of(self.configurations[wildcards.survey], wildcards.analysis).missing
        names = [f"{number}.npz" for number in range(1, missing.draws + 1)]
        shifted = [
            f"--shifted={variable}:{by}:{input.imputed}/{SHIFTED}/{variable}/{name}"
            for variable, by in missing.shift.items()
            for name in names
        ]
        return [*(f"--statistics={input.imputed}/{name}" for name in names), *shifted]

    @property
    def waves(self) -> list[str]:
        """Names of the waves of all surveys."""
        return _unique(w.name for c in self.configurations.values() for w in c.waves)

    @property
    def analyses(self) -> list[str]:
        """Names of the analyses of all surveys."""
        return _unique(a for c in self.configurations.values() for a in c.analyses)

    @property
    def n_analyses(self) -> int:
        """Number of analyses of all surveys."""
        return sum(len(c.analyses) for c in self.configurations.values())

    def for_waves(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the waves of a survey, in order of time."""
        return lambda wildcards: [
            _filled(pattern, wildcards, wave=wave.name)
            for wave in self.configurations[wildcards.survey].waves
        ]

    def for_first_wave(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the first wave of a survey."""
        return lambda wildcards: self.for_waves(pattern)(wildcards)[0]

    places = (FOLDER, INSIDE)

    def place(self, survey: str) -> str:
        """Name of the folder in which the reports of a survey lie, by their mode."""
        return folder_of(self._known[survey].disclosure.mode)

    @property
    def listed_reports(self) -> list[dict[str, str]]:
        """Wildcards of the reports that the index lists: of the chosen surveys, and of others."""
        return [
            {"survey": survey, "analysis": analysis, "place": self.place(survey)}
            for survey, configuration in self._known.items()
            for analysis in configuration.analyses
            if survey in self.configurations or (survey, analysis) in self.other_reports
        ]

    @cached_property
    def other_reports(self) -> dict[tuple[str, str], MadeRecord]:
        """Records of the reports of surveys that are not run now; damaged ones are told of."""
        found = {}
        for survey in self._known.keys() - self.configurations.keys():
            for analysis in self._known[survey].analyses:
                folder = Path(f"{RESULTS}/{survey}/{analysis}/{self.place(survey)}")
                if not folder.is_dir():
                    self._tell_of_former(folder.parent)
                    continue
                try:
                    found[survey, analysis] = checked_record(folder)
                except FilesError as error:
                    print(f"Not listed in the index: {error}", file=sys.stderr)
        return found

    def _tell_of_former(self, folder: Path) -> None:
        """Say that a report lies where an earlier version wrote it."""
        if (folder / "report.json").is_file():
            print(
                f"Not listed in the index: {folder}: its report is of an earlier version; "
                "run its survey again.",
                file=sys.stderr,
            )

    # --- files --------------------------------------------------------------------------

    def config_file(self, wildcards) -> str:
        """Configuration file of a survey."""
        return _with_the_code(self.configurations[wildcards.survey].path)

    def beside(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the other analyses of a public survey."""
        return lambda wildcards: [
            _filled(pattern, wildcards, other=name)
            for name in beside(self.configurations[wildcards.survey], wildcards.analysis)
        ]

    def of_residuals(self, pattern: str) -> Callable:
        """Function of the wildcards that gives a file of residuals, where there is one."""
        return lambda wildcards: (
            [_filled(pattern, wildcards)] if wildcards.survey in self.summed else []
        )

    def to_draw_from(self, pattern: str | Callable) -> Callable:
        """Function of the wildcards that gives what an analysis draws missing values from.

        A file, or a function that gives some; only where it hangs on the rows whether any are.
        """
        given = pattern if callable(pattern) else lambda wildcards: [_filled(pattern, wildcards)]
        return lambda wildcards: (
            given(wildcards) if self.configurations[wildcards.survey].is_undecided else []
        )

    def of_completed(self, pattern: str) -> Callable:
        """Function of the wildcards that gives a file of completed rows; others have none."""
        return lambda wildcards: (
            [_filled(pattern, wildcards)] if wildcards.survey in self.completed else []
        )

    def of_residuals_beside(self, pattern: str) -> Callable:
        """The same of the other analyses of a public survey."""
        beside = self.beside(pattern)
        return lambda wildcards: beside(wildcards) if wildcards.survey in self.summed else []

    def style_files(self, wildcards) -> list[str]:
        """Logo and fonts of a survey."""
        paths = self.configurations[wildcards.survey].style_files.values()
        return [_with_the_code(path) for path in paths]

    @property
    def listed_configs(self) -> list[str]:
        """Configuration files of the surveys that the index lists."""
        surveys = _unique(names["survey"] for names in self.listed_reports)
        return [_with_the_code(self._known[survey].path) for survey in surveys]

    def wave_files(self, wildcards) -> list[str]:
        """Files of a wave; none of a simulated survey.

        Of those on this disk the content counts alone, whatever their dates (``ancient``: see
        ``chain.py``).
        """
        return self._files(wildcards.survey, [wildcards.wave])

    def files_beside(self, wildcards) -> list[str]:
        """Files of the other waves that the cleaning of a wave looks at."""
        return self._files(wildcards.survey, self.waves_beside(wildcards))

    def files_of_part(self, wildcards) -> list[str]:
        """Files of a wave that one job takes in."""
        return [self.wave_files(wildcards)[i] for i in self._part(wildcards)]

    def first_of_part(self, wildcards) -> int:
        """Number of the first of them in the wave."""
        return self._part(wildcards).start

    def _part(self, wildcards) -> range:
        configuration = self.configurations[wildcards.survey]
        return parts_of(configuration, wildcards.wave)[int(wildcards.part)]

    def n_sums(self, wildcards) -> int:
        """How many jobs sum parts of the rows of a wave."""
        return n_sums(self.configurations[wildcards.survey], wildcards.wave)

    def for_parts(self, stage: str, pattern: str) -> Callable:
        """Function of the wildcards that fills in the parts of a wave; those of others are none."""
        return lambda wildcards: [
            _filled(pattern, wildcards, part=task.part)
            for task in parts(self.configurations[wildcards.survey], wildcards.wave, stage)
        ]

    def read_together(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the waves that one job reads for residuals."""
        of_waves = self.for_waves(pattern)
        return lambda wildcards: [] if self._is_read_apart(wildcards) else of_waves(wildcards)

    def read_apart(self, pattern: str) -> Callable:
        """The same of the waves that jobs of their own read."""
        of_waves = self.for_waves(pattern)
        return lambda wildcards: of_waves(wildcards) if self._is_read_apart(wildcards) else []

    def linked_apart(self, pattern: str) -> Callable:
        """The same of the waves that jobs of their own read for their links."""
        of_waves = self.for_waves(pattern)

        def named(wildcards) -> list[str]:
            is_apart = links_waves_apart(self.configurations[wildcards.survey])
            return of_waves(wildcards) if is_apart else []

        return named

    def _is_read_apart(self, wildcards) -> bool:
        return reads_waves_apart(self.configurations[wildcards.survey])

    def waves_beside(self, wildcards) -> list[str]:
        """The other waves that the cleaning of a wave looks at, in order of time."""
        looked_at = self.configurations[wildcards.survey].waves_looked_at(wildcards.wave)
        return [wave for wave in looked_at if wave != wildcards.wave]

    def _files(self, survey: str, waves: Iterable[str]) -> list[str]:
        if survey in self.simulated:
            return []
        configuration = self.configurations[survey]
        paths = [shown(path) for wave in waves for path in configuration.wave_files(wave)]
        return [ancient(path) for path in paths] if self.on_this_disk else paths

    def simulated_waves(self, wildcards) -> list[str]:
        """The folder of the drawn waves with its record, of a simulated survey."""
        folder = f"{RESULTS}/{wildcards.survey}/simulated"
        return [folder, f"{folder}{SUFFIX}"] if wildcards.survey in self.simulated else []

    @staticmethod
    def given(input, waves: Iterable[str]) -> list[str]:
        """Files of some waves in the folder of the drawn waves that a job is given."""
        return [f"{folder}/{wave}.csv" for folder in input.simulated[:1] for wave in waves]

    def imputed_files(self, wildcards) -> list[str]:
        """Files with the imputations of a wave; none where its own files hold them."""
        configuration = self.configurations[wildcards.survey]
        if configuration.observed_are_stacked:
            return []
        paths = map(shown, configuration.imputed_files(wildcards.wave).values())
        return [ancient(path) if self.on_this_disk else path for path in paths]

    # --- what a job depends on beside its input files --------------------------------------

    def made_by(self, stage: str) -> Callable:
        """Function of the wildcards that says which configuration, code and software is used.

        On this disk ``chain.py`` compares it with the records. Then it asks for the input files, by
        which Snakemake knows what it need not compare: that took a third of the time to find that
        there is nothing to do, since Snakemake loads pandas to compare a parameter.
        """
        if self.on_this_disk:
            return lambda wildcards, input=None: self._made_by(stage, wildcards)
        return lambda wildcards: self._made_by(stage, wildcards)

    def _made_by(self, stage: str, wildcards) -> str:
        rest = self._code_and_software(stage)
        if stage == "index":
            surveys = _unique(names["survey"] for names in self.listed_reports)
            styles = [style_of(self._known[survey], self.contents) for survey in surveys]
            return f"style {short_hash(json.dumps(styles))}, {rest}"
        if stage not in PARTS:
            return rest
        configuration = self.configurations[wildcards.survey]
        part = part_of(stage, configuration, wildcards)
        if stage in STYLED:
            part += json.dumps(style_of(configuration, self.contents))
        return f"configuration {short_hash(part)}, {rest}"

    @cache  # noqa: B019
    def _code_and_software(self, stage: str) -> str:
        texts = [f"code {self._package.hash_of(module_of(stage))}"]
        if stage in WITH_TEMPLATES:
            texts.append(f"templates {hash_of_files(template_folder(), self.contents)}")
        texts += [f"container {self._container}"] if self._container else []
        return ", ".join([*texts, software(stage)])

    def keep_hashes(self) -> None:
        """Keep the hashes of modules and files for the next run."""
        self._package.save_cache()
        self.contents.save()


def use_this_code(root: Path | None) -> None:
    """Let jobs run this Python and the ``mlm`` of a folder (None: the one that is installed).

    It is the code that is hashed.
    """
    folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])
    if root is not None:
        python_path = [str(Path(root).resolve()), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, python_path))


def _cache_of_code(package: Path) -> Path:
    """Where hashes of code are kept: of a checkout beside it, for every folder that runs it."""
    compiled = package / "__pycache__"
    in_checkout = (package.parent / "Snakefile").is_file() and os.access(compiled, os.W_OK)
    if in_checkout and not sys.dont_write_bytecode:
        return compiled / f"hashes.{sys.implementation.cache_tag}.json"
    return Path(".snakemake/mlm-code.json")


def _with_the_code(path: Path) -> str:
    """A file that is read before any job starts: in no storage, below no prefix of a module.

    What of it counts is in ``made_by``; its date does not.
    """
    return local(ancient(shown(path)))


def _filled(pattern: str, wildcards, **more: str) -> str:
    return pattern.format(**{**dict(wildcards.items()), **more})


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
