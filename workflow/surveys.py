"""Which surveys a run is about: configurations read, checked and chosen before any job starts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlm.configuration import Configuration, load_configuration
from mlm.errors import ConfigurationError

OPTIONS = ("surveys", "configs")


@dataclass(frozen=True)
class Surveys:
    """Configurations of a project by survey, real surveys before simulated ones.

    Attributes
    ----------
    known : dict of str to Configuration
        All that were read.
    chosen : dict of str to Configuration
        Those to be run.
    """

    known: dict[str, Configuration]
    chosen: dict[str, Configuration]


def choose_surveys(options: Mapping) -> Surveys:
    """Surveys to run, from ``--config surveys=...`` and ``--config configs=...``.

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
    known, found = _read(_as_list(options.get("configs")) or _default_files())
    problems += found
    if not known and not problems:
        problems.append("config/ holds no configuration (*.yaml): write one, see config/README.md.")
    wanted = _as_list(options.get("surveys")) or list(known)
    if not found:
        problems += [
            f"--config surveys: no configuration describes {name!r}; {_nearest(name, known)}"
            for name in wanted
            if name not in known
        ]
    chosen = {name: configuration for name, configuration in known.items() if name in wanted}
    problems += _missing_files(chosen.values())
    if problems:
        raise ConfigurationError(problems)
    return Surveys(known, chosen)


def _default_files() -> list[str]:
    return sorted(str(path) for path in Path("config").glob("*.yaml"))


def _read(paths: Iterable[str]) -> tuple[dict[str, Configuration], list[str]]:
    """Configurations by survey, real ones first, and the problems of those that are not valid."""
    known, problems = {}, []
    for path in paths:
        try:
            configuration = load_configuration(Path(path))
        except ConfigurationError as error:
            problems += error.problems
            continue
        if configuration.survey in known:
            other = known[configuration.survey].path
            problems.append(
                f"{path}: survey {configuration.survey!r} has the name of the one in {other}; "
                "give each survey its own name."
            )
        known[configuration.survey] = configuration
    ordered = sorted(known.items(), key=lambda item: item[1].simulate is not None)
    return dict(ordered), problems


def _missing_files(configurations: Iterable[Configuration]) -> list[str]:
    return [
        f"{configuration.path}: wave {wave.name}: file {shown(path)} does not exist; "
        "put it there or correct `files`."
        for configuration in configurations
        if configuration.simulate is None
        for wave in configuration.waves
        for path in configuration.wave_files(wave.name)
        if not path.is_file()
    ]


def _as_list(value) -> list[str]:
    if value is None:
        return []
    return [str(value)] if isinstance(value, str | int) else [str(item) for item in value]


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"


def shown(path: Path) -> str:
    """A path as seen from the working folder where it lies below it, else absolute."""
    path = Path(path).resolve()
    here = Path.cwd().resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
