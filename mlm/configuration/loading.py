"""From a YAML file to a checked configuration, with every problem told at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from mlm.configuration.checks import find_problems
from mlm.configuration.document import Document, KeyPath, read_document
from mlm.configuration.models import Configuration
from mlm.configuration.sentences import note_errors
from mlm.errors import ConfigurationError
from mlm.nouns.levels import ROW


def load_configuration(path: str | Path) -> Configuration:
    """Configuration of a survey, read from a YAML file and checked.

    Raises
    ------
    ConfigurationError
        Holds every problem found: file, line, key, what was expected, what to do.
    """
    document = read_document(Path(path))
    configuration = None
    if document.data is not None:
        configuration = _validate(document)
    if configuration is not None:
        for where, message in find_problems(configuration):
            document.add_problem(where, message)
    if document.problems or configuration is None:
        raise ConfigurationError(document.messages)
    return configuration


def _validate(document: Document) -> Configuration | None:
    """Configuration without its unknown keys, or None if it cannot be built."""
    if not isinstance(document.data, dict):
        document.add_problem((), "a mapping of keys such as 'survey:' is expected")
        return None
    try:
        return _built(document)
    except ValidationError as error:
        unknown = note_errors(document, error)
    for where in unknown:
        _delete(document.data, where)
    try:
        return _built(document)
    except ValidationError:
        return None


def _delete(data: object, path: KeyPath) -> None:
    for part in path[:-1]:
        data = data[part]
    del data[path[-1]]


def _built(document: Document) -> Configuration:
    configuration = Configuration.model_validate(document.data)
    if not configuration.design.follows_lowest:
        configuration = _name_row_level(configuration)
    configuration._path = document.path
    return configuration


def _name_row_level(configuration: Configuration) -> Configuration:
    """Same configuration; the lowest level, when it is the rows, is called row."""
    lowest = configuration.level_names[-1]
    variables = {
        name: entry.model_copy(update={"level": ROW}) if entry.level == lowest else entry
        for name, entry in configuration.variables.items()
    }
    return configuration.model_copy(update={"variables": variables})
