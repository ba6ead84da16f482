"""Names that words on a survey need, from its configuration: labels, or the bare names."""

from __future__ import annotations

from typing import Protocol

from mlm.configuration import Configuration
from mlm.pages.words.levels import plural_of, singular_of
from mlm.pages.words.numbers import wave_words
from mlm.results.level import Level


class SurveyNames(Protocol):
    """What knows variables, categories, waves and levels by a name to print."""

    configuration: Configuration

    def variable(self, name: str) -> str:
        """Name of a variable."""

    def category(self, name: str, value: str) -> str:
        """Name of a category of a variable."""

    def wave(self, name: str) -> str:
        """A wave in words that stand alone."""

    def wave_name(self, name: str) -> str:
        """Name of a wave, to stand behind the word wave."""

    def level(self, level: Level | str) -> str:
        """Name of a level in the singular."""

    def plural(self, level: Level | str) -> str:
        """Name of a level in the plural."""


class ConfiguredNames:
    """The names that the configuration itself uses, for messages to those who write it.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    """

    def __init__(self, configuration: Configuration):
        self.configuration = configuration
        self._plurals = {level.name: level.plural for level in configuration.levels}

    def variable(self, name: str) -> str:
        """The name itself."""
        return name

    def category(self, name: str, value: str) -> str:
        """The code itself."""
        return value

    def reference(self, name: str) -> str:
        """Nothing: codes are clear without it."""
        return ""

    def wave(self, name: str) -> str:
        """The name itself, as ``wave 0`` where it is a bare number."""
        return wave_words(name)

    def wave_name(self, name: str) -> str:
        """The name itself."""
        return name

    def level(self, level: Level | str) -> str:
        """The name itself; units in waves read ``school in a wave``."""
        return singular_of(level, {})

    def plural(self, level: Level | str) -> str:
        """The configured plural, or an English one."""
        return plural_of(level, self._plurals)
