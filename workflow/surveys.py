"""Which surveys a run is about: configurations read, checked and chosen before any job starts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mlm.configuration import Configuration, load_configuration
from mlm.configuration.names import nearest
from mlm.errors import ConfigurationError

OPTIONS = ("surveys", "configs", "container")
OPTIONS_FILE = "config.yaml"
"""Name of the file with such options, as a workflow that uses this one as a module reads it."""
CLOCKS_DIFFER = 1.0  # seconds in the future that no job is too short for
_SURVEY = re.compile(r"""^survey:[ \t]*["']?([A-Za-z0-9_-]+)""", re.MULTILINE)


@dataclass(frozen=True)
class Surveys:
    """Configurations of a project by survey, real surveys before simulated ones.

    Attributes
    ----------
    known : dict of str to Configuration
        All that were read: those given, and what can be read in config/.
    chosen : dict of str to Configuration
        Those to be run.
    """

    known: dict[str, Configuration]
    chosen: dict[str, Configuration]


def choose_surveys(options: Mapping, on_this_disk: bool = True) -> Surveys:
    """Surveys to run, from ``--config surveys=...`` and ``--config configs=...``.

    Parameters
    ----------
    options : mapping
        Snakemake's ``config``.
    on_this_disk : bool
        Whether wave files can be looked at.

    Raises
    ------
    ConfigurationError
        With every problem: unknown options or surveys, invalid files, missing wave files.
    """
    problems = [
        f"--config {key}: unknown option; {nearest(key, OPTIONS)}"
        for key in options
        if key not in OPTIONS
    ]
    given = _as_list(options.get("configs"))
    known, unread = _read(given or _default_files())
    named = _as_list(options.get("surveys"))
    found = [
        text for path, texts in unread.items() if _concerns(path, named, known) for text in texts
    ]
    problems += found
    if not known and not problems:
        problems.append("config/ holds no configuration (*.yaml): write one, see config/README.md.")
    wanted = named or list(known)
    if not found:
        problems += [
            f"--config surveys: no configuration describes {name!r}; {nearest(name, known)}"
            for name in wanted
            if name not in known
        ]
    chosen = {name: configuration for name, configuration in known.items() if name in wanted}
    if on_this_disk:
        problems += [text for c in chosen.values() for text in _problems_of_files(c)]
    if problems:
        raise ConfigurationError(problems)
    return Surveys(_with_standing(known) if given else known, chosen)


def _with_standing(known: Mapping[str, Configuration]) -> dict[str, Configuration]:
    """The same with the other surveys in config/: the index lists what was made of them before."""
    others, _ = _read(_default_files())
    return {**{name: c for name, c in others.items() if name not in known}, **known}


def options_of(config: Mapping, files: Iterable[str | Path]) -> dict:
    """Options of a run, where files given as ``--configfile`` may be configurations of surveys.

    Parameters
    ----------
    config : mapping
        Snakemake's ``config``, which holds what all these files say.
    files : iterable of path
        The files.

    Raises
    ------
    ConfigurationError
        Keys of a survey stand in ``config`` itself: it is not known which file they are of.
    """
    keys = Configuration.model_fields.keys()
    own = [str(path) for path in files if _survey_in(path)]
    options = {key: value for key, value in config.items() if key not in keys}
    if own:
        return options | {"configs": [*_as_list(options.get("configs")), *own]}
    if "survey" in config and "levels" in config:
        raise ConfigurationError(
            "The keys of a survey were given as Snakemake's config; name the file that holds them: "
            "--config configs=config/NAME.yaml, or of a module "
            'config: {"configs": ["config/NAME.yaml"]}. Several files go there too, not into '
            "several --configfile."
        )
    return dict(config)


def _default_files() -> list[str]:
    """Configurations of surveys in config/, which may hold options of runs too."""
    return sorted(str(p) for p in Path("config").glob("*.yaml") if p.name != OPTIONS_FILE)


def _concerns(path: str, named: list[str], known: Mapping[str, Configuration]) -> bool:
    """Whether a configuration that is not valid may be one of those that are asked for."""
    if not named:
        return True
    wanted = set(named) - known.keys()
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    survey = _SURVEY.search(text)
    return bool(wanted) if survey is None else survey[1] in wanted or Path(path).stem in wanted


def _survey_in(path: str | Path) -> str | None:
    """The survey that a file describes; None for a file that describes none."""
    try:
        found = _SURVEY.search(Path(path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return found and found[1]


def _read(paths: Iterable[str]) -> tuple[dict[str, Configuration], dict[str, list[str]]]:
    """Configurations by survey, real ones first, and the problems of others by file."""
    known, problems = {}, {}
    for path in paths:
        try:
            configuration = load_configuration(Path(path))
        except ConfigurationError as error:
            problems[path] = error.problems
            continue
        if configuration.survey in known:
            other = known[configuration.survey].path
            problems.setdefault(path, []).append(
                f"{path}: survey {configuration.survey!r} has the name of the one in {other}; "
                "give each survey its own name."
            )
        known[configuration.survey] = configuration
    ordered = sorted(known.items(), key=lambda item: item[1].simulate is not None)
    return dict(ordered), problems


def _problems_of_files(configuration: Configuration) -> list[str]:
    """Wave files that are not there, or that Snakemake would take for newer than what it makes."""
    if configuration.simulate is not None:
        return []
    problems, now = [], time.time()
    for wave in configuration.waves:
        paths = dict.fromkeys(configuration.wave_files(wave.name))
        if configuration.has_imputed_files:
            paths |= dict.fromkeys(configuration.imputed_files(wave.name).values())
        for path in paths:
            place = f"{configuration.path}: wave {wave.name}: file {shown(path)}"
            if not path.is_file():
                problems.append(f"{place} does not exist; put it there or correct `files`.")
            elif path.stat().st_mtime > now + CLOCKS_DIFFER:
                problems.append(
                    f"{place} is dated {_day(path)}, in the future: what is made of it would look "
                    f"older than it. `touch {shown(path)}`, or set the clock of this computer."
                )
    return problems


def _day(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime).isoformat(sep=" ", timespec="seconds")


def _as_list(value) -> list[str]:
    if value is None:
        return []
    return [str(value)] if isinstance(value, str | int) else [str(item) for item in value]


def shown(path: Path) -> str:
    """A path as seen from the working folder where it lies below it, else absolute."""
    path = Path(path).resolve()
    here = Path.cwd().resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
