"""What the rules ask for: files, parameters, code and software of each job."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from code_hash import Package
from parts import part_of
from surveys import choose_surveys, shown

RESULTS = "results"
STATISTICAL = ("numpy", "scipy", "pandas", "pyarrow", "formulaic")
REPORTING = ("matplotlib", "jinja2", "typst", "xlsxwriter", "fonttools", "babel")
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

    def listed_reports(self) -> list[str]:
        """Documents that the index lists: of the chosen surveys, and of others that have one."""
        pattern = f"{RESULTS}/{{survey}}/{{analysis}}/report.json"
        return [
            document
            for survey, configuration in self._known.items()
            for analysis in configuration.analyses
            for document in [pattern.format(survey=survey, analysis=analysis)]
            if survey in self.configurations or Path(document).is_file()
        ]

    # --- files --------------------------------------------------------------------------

    def config_file(self, wildcards) -> str:
        """Configuration file of a survey."""
        return shown(self.configurations[wildcards.survey].path)

    def beside(self, pattern: str) -> Callable:
        """Function of the wildcards that fills in the other analyses of a public survey."""

        def files(wildcards) -> list[str]:
            configuration = self.configurations[wildcards.survey]
            if configuration.disclosure.mode != "public":
                return []
            names = (name for name in configuration.analyses if name != wildcards.analysis)
            return [_filled(pattern, wildcards, other=name) for name in names]

        return files

    def wave_files(self, wildcards) -> list[str]:
        """Files that cleaning a wave reads; the folder of simulated files for a simulated survey.

        They are the wave's own, and those of the waves that a policy for moves looks at.
        """
        if wildcards.survey in self.simulated:
            return [f"{RESULTS}/{wildcards.survey}/simulated"]
        configuration = self.configurations[wildcards.survey]
        waves = configuration.waves_looked_at(wildcards.wave)
        return [shown(path) for wave in waves for path in configuration.wave_files(wave)]

    def report_sources(self) -> list[str]:
        """Templates, styles and texts of the reports."""
        folder = self.root / "reports"
        return sorted(shown(path) for path in folder.rglob("*") if path.is_file())

    # --- what a job depends on beside its input files --------------------------------------

    def part(self, stage: str) -> Callable:
        """Function of the wildcards that gives the stage's part of the configuration as JSON."""
        return lambda wildcards: part_of(stage, self.configurations[wildcards.survey], wildcards)

    def code(self, stage: str) -> str:
        """Hash of the code that the command of a stage runs."""
        return f"code {self._package.hash_of(f'mlm.commands.{stage}')}"

    def keep_hashes(self) -> None:
        """Keep the hashes of the modules for the next run."""
        self._package.save_cache()


def software(*names: str) -> str:
    """Versions of Python and of some packages, as one text."""
    versions = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    versions.extend(f"{name} {importlib.metadata.version(name)}" for name in names)
    return ", ".join(versions)


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
