"""What the rules need to know of the configurations: files, parameters, code and software.

Snakemake compares the parameters of a rule as a set of values without their names, so two values
that were exchanged would go unnoticed. Therefore each rule gets the part of the configuration that
its stage uses as *one* text of JSON, in which the order counts (it does for categories). The part
leaves out what the stage does not use (other waves, labels, other analyses): that is why a new wave
leaves the older waves' jobs alone.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from code_hash import Package
from mlm.errors import ConfigurationError
from mlm.rows.configuration import load_configuration

RESULTS = "results"
STATISTICAL = ("numpy", "scipy", "pandas", "pyarrow", "formulaic")
REPORTING = ("matplotlib", "jinja2", "typst", "xlsxwriter", "fonttools")
FITS = ("null.ml", "null.reml", "full.ml", "full.reml", "final.ml", "final.reml", "slopes.reml")
OPTIONS = ("surveys", "configs")


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
        self.configurations = choose_configurations(options)
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

    def for_analyses(self, pattern: str) -> list[str]:
        """A pattern filled in for each analysis of each survey."""
        return [
            pattern.format(survey=survey, analysis=analysis)
            for survey, configuration in self.configurations.items()
            for analysis in configuration.analyses
        ]

    # --- files --------------------------------------------------------------------------

    def config_file(self, wildcards) -> str:
        """Configuration file of a survey."""
        return _shown(self.configurations[wildcards.survey].path)

    def config_files(self) -> list[str]:
        """Configuration files of all surveys."""
        return [_shown(c.path) for c in self.configurations.values()]

    def wave_files(self, wildcards) -> list[str]:
        """Files a wave is delivered in; the folder of simulated files for a simulated survey."""
        if wildcards.survey in self.simulated:
            return [f"{RESULTS}/{wildcards.survey}/simulated"]
        configuration = self.configurations[wildcards.survey]
        return [_shown(path) for path in configuration.wave_files(wildcards.wave)]

    def report_sources(self) -> list[str]:
        """Templates, styles and texts of the reports."""
        folder = self.root / "reports"
        return sorted(_shown(path) for path in folder.rglob("*") if path.is_file())

    # --- what a job depends on beside its input files --------------------------------------

    def part(self, stage: str) -> Callable:
        """Function of the wildcards that gives the stage's part of the configuration as JSON."""
        choose = PARTS[stage]

        def text(wildcards) -> str:
            content = choose(self.configurations[wildcards.survey], wildcards)
            return json.dumps(content, ensure_ascii=False)

        return text

    def code(self, stage: str) -> str:
        """Hash of the code that the command of a stage runs."""
        return f"code {self._package.hash_of(f'mlm.commands.{stage}')}"

    def keep_hashes(self) -> None:
        """Keep the hashes of the modules for the next run."""
        self._package.save_cache()


def choose_configurations(options: Mapping) -> dict:
    """Valid configurations by survey, from ``--config surveys=...`` and ``configs=...``.

    Real surveys come before simulated ones, which is also their order in the index.

    Raises
    ------
    ConfigurationError
        With every problem: unknown options or surveys, invalid files, missing wave files.
    """
    problems = [
        f"--config {key}: unknown option; {_nearest(key, OPTIONS)}"
        for key in options
        if key not in OPTIONS
    ]
    chosen = {}
    for path in _as_list(options.get("configs")) or sorted(map(str, Path("config").glob("*.yaml"))):
        try:
            configuration = load_configuration(Path(path))
        except ConfigurationError as error:
            problems.extend(error.problems)
            continue
        if configuration.survey in chosen:
            other = chosen[configuration.survey].path
            problems.append(
                f"{path}: survey {configuration.survey!r} has the name of the one in {other}; "
                "give each survey its own name."
            )
        chosen[configuration.survey] = configuration
    wanted = _as_list(options.get("surveys"))
    if wanted and not problems:
        problems.extend(
            f"--config surveys: no configuration describes {name!r}; {_nearest(name, chosen)}"
            for name in wanted
            if name not in chosen
        )
        chosen = {name: c for name, c in chosen.items() if name in wanted}
    if not chosen and not problems:
        problems.append("config/ holds no configuration (*.yaml): write one, see config/README.md.")
    problems.extend(_missing_files(chosen.values()))
    if problems:
        raise ConfigurationError(problems)
    return dict(sorted(chosen.items(), key=lambda item: item[1].simulate is not None))


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


# --- the part of a configuration that each stage uses ---------------------------------------


def _computed(configuration) -> dict:
    """All that numbers can depend on: the configuration without what is only shown."""
    content = configuration.model_dump(mode="json", exclude={"title", "description", "source"})
    for entry in (*content["variables"].values(), *content["waves"], content["time"] or {}):
        entry.pop("label", None)
    for analysis in content["analyses"].values():
        analysis.pop("title", None)
    return content


def _simulate_part(configuration, wildcards) -> dict:
    content = _computed(configuration)
    del content["analyses"]
    return content


def _clean_part(configuration, wildcards) -> dict:
    content = _codebook(configuration, wave=wildcards.wave)
    wave = configuration.wave(wildcards.wave)
    return {**content, "wave": wave.model_dump(mode="json", exclude={"label"})}


def _link_part(configuration, wildcards) -> dict:
    content = _computed(configuration)
    del content["analyses"], content["simulate"]
    return content


def _columns_part(configuration, wildcards) -> dict:
    first = configuration.waves[0].name
    return {**_codebook(configuration, wave=first), "analyses": _models(configuration)}


def _accumulate_part(configuration, wildcards) -> dict:
    content = _codebook(configuration, wave=wildcards.wave)
    return {**content, "wave": wildcards.wave, "analyses": _models(configuration)}


def _analysis_part(configuration, wildcards) -> dict:
    content = _computed(configuration)
    content["analyses"] = {wildcards.analysis: content["analyses"][wildcards.analysis]}
    del content["simulate"]
    return content


def _report_part(configuration, wildcards) -> dict:
    content = configuration.model_dump(mode="json")
    content["analyses"] = {wildcards.analysis: content["analyses"][wildcards.analysis]}
    return content


# keys of levels and variables that are given wave by wave; keys of the survey that are left out of
# what a single wave is told (a key that is not named here counts, so that a new one is not missed)
BY_WAVE = {"names", "by_wave"}
OF_ALL_WAVES = {"waves", "analyses", "simulate"}

PARTS = {
    "simulate": _simulate_part,
    "clean": _clean_part,
    "link": _link_part,
    "columns": _columns_part,
    "accumulate": _accumulate_part,
    "merge": _analysis_part,
    "analyse": _analysis_part,
    "report": _report_part,
}


def _codebook(configuration, wave: str) -> dict:
    """Design, levels and variables as one wave sees them: nothing that other waves say."""
    content = _computed(configuration)
    for entry in (*content["variables"].values(), *content["levels"]):
        entry.pop("plural", None)
        for key in BY_WAVE & entry.keys():
            entry[key] = entry[key].get(wave)
    return {key: value for key, value in content.items() if key not in OF_ALL_WAVES}


def _models(configuration) -> dict:
    """The analyses without what only later stages use."""
    later = {"title", "alpha", "ranking", "policy", "protected"}
    return {
        name: analysis.model_dump(mode="json", exclude=later)
        for name, analysis in configuration.analyses.items()
    }


# --- small helpers --------------------------------------------------------------------------


def _missing_files(configurations: Iterable) -> list[str]:
    return [
        f"{configuration.path}: wave {wave.name}: file {_shown(path)} does not exist; "
        "put it there or correct `files`."
        for configuration in configurations
        if configuration.simulate is None
        for wave in configuration.waves
        for path in configuration.wave_files(wave.name)
        if not path.is_file()
    ]


def _filled(pattern: str, wildcards, **more: str) -> str:
    return pattern.format(**{**dict(wildcards.items()), **more})


def _shown(path: Path) -> str:
    """A path as seen from the working folder where it lies below it, else absolute."""
    path = Path(path).resolve()
    here = Path.cwd().resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _as_list(value) -> list[str]:
    if value is None:
        return []
    return [str(value)] if isinstance(value, str | int) else [str(item) for item in value]


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"
