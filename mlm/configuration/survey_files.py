"""The files of a survey: those of its waves, and those with their imputations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import PrivateAttr

from mlm.configuration.parts import ConfigurationPart
from mlm.errors import ConfigurationError, listed

if TYPE_CHECKING:
    from mlm.configuration.missing.keys import Missing


def project_folder(path: Path) -> Path:
    """The folder that files of a configuration are named from.

    The one above the folder ``config`` that it lies in, or in a folder of which it lies; else its
    own.
    """
    folder = path.resolve().parent
    above = (parent for parent in (folder, folder.parent) if parent.name == "config")
    config = next(above, None)
    return folder if config is None else config.parent


class SurveyFiles(ConfigurationPart):
    """What a configuration knows of its files, which may lie elsewhere than it says."""

    if TYPE_CHECKING:
        missing: Missing

    _given: dict[str, Path] = PrivateAttr(default_factory=dict)

    def wave_files(self, wave: str) -> tuple[Path, ...]:
        """Paths of a wave's files, under the project folder where none are given."""
        base = self.root
        return tuple(self._given.get(name, base / name) for name in self.wave(wave).files)

    def under(self, folder: Path | str) -> Self:
        """Same survey, all of whose rows are read from files under another project folder."""
        names = [name for wave in self.wave_names for name in self.wave(wave).files]
        names += [name for wave in self.wave_names for name in self.imputed_names(wave)]
        given = self.model_copy()
        given._given = {name: Path(folder) / name for name in names} | self._given
        return given

    def with_files(self, waves: Sequence[str], paths: Sequence[Path]) -> Self:
        """Same survey, some of whose waves are read from files that are given.

        Parameters
        ----------
        waves : sequence of str
            Names of waves.
        paths : sequence of Path
            All their files, in the order in which the configuration names them.

        Raises
        ------
        ConfigurationError
            There are more or fewer.
        """
        names = [name for wave in waves for name in self.wave(wave).files]
        return self._with(names, paths, waves)

    def with_some_files(self, wave: str, first: int, paths: Sequence[Path]) -> Self:
        """Same survey, some of the files of a wave being read from files that are given.

        Parameters
        ----------
        wave : str
            Name of the wave.
        first : int
            Number of the first of them in the wave, from 0.
        paths : sequence of Path
            Files that follow each other there.

        Raises
        ------
        ConfigurationError
            The wave has fewer.
        """
        names = self.wave(wave).files[first : first + len(paths)]
        return self._with(names, paths, [wave])

    def with_imputed_files(self, wave: str, paths: Sequence[Path]) -> Self:
        """Same survey, the imputations of one of whose waves are read from files that are given.

        Parameters and errors as for ``with_files``.
        """
        return self._with(self.imputed_names(wave), paths, [wave])

    def _with(self, names: Sequence[str], paths: Sequence[Path], waves: Sequence[str]) -> Self:
        if len(paths) != len(names):
            raise ConfigurationError(
                f"{self.path}: {len(paths)} files were given for the {len(names)} files of "
                f"{'wave' if len(waves) == 1 else 'waves'} {listed(waves)} ({listed(names)}); give "
                "each, in that order"
            )
        given = self.model_copy()
        given._given = {**self._given, **dict(zip(names, map(Path, paths), strict=True))}
        return given

    @property
    def observed_are_stacked(self) -> bool:
        """Whether the files of the waves hold imputations below the observed rows."""
        entry = self.missing
        return self.has_imputed_files and entry.column is not None and not entry.files

    @property
    def has_imputed_files(self) -> bool:
        """Whether the survey brings files with imputations."""
        return self.missing.method == "files"

    @property
    def is_imputed(self) -> bool:
        """Whether analyses are those of several imputations, from files or drawn."""
        return self.missing.method in ("files", "joint")

    @property
    def is_undecided(self) -> bool:
        """Whether what becomes of rows that lack a covariate hangs on how many they are.

        Of a sample they are left out.
        """
        return self.missing.method is None and not self.is_sampled

    def imputed_names(self, wave: str) -> tuple[str, ...]:
        """Files with the imputations of a wave, as named; none where its own files hold them."""
        files = self.missing.files
        return tuple(files.get(wave, ())) if isinstance(files, dict) else files

    def imputed_files(self, wave: str) -> dict[str, Path]:
        """Files that hold the imputations of a wave, by name: its own where these are stacked."""
        base, names = self.root, self.imputed_names(wave) or self.wave(wave).files
        return {name: self._given.get(name, base / name) for name in names}
