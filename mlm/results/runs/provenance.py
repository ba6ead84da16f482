"""What made a report."""

from __future__ import annotations

from mlm.results.names import CommandLine, Commit, Day, FileName, LibraryName, Sha256, Version
from mlm.results.record import Record


class Library(Record):
    """A library and its version; None where it is not installed."""

    name: LibraryName
    version: Version | None


class ConfigurationFile(Record):
    """The configuration of the survey."""

    path: FileName
    sha256: Sha256


class Provenance(Record):
    """Version and revision of the code, day, libraries, command and configuration."""

    version: Version | None
    commit: Commit | None
    has_changes: bool | None
    date: Day | None
    python: Version | None
    packages: tuple[Library, ...]
    command: CommandLine | None
    configuration: ConfigurationFile | None
