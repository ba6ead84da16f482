"""From a YAML file to a checked configuration, with every problem told at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from mlm.configuration.checks import find_problems
from mlm.configuration.document import Document, read_document
from mlm.configuration.file_patterns import with_files_of_patterns
from mlm.configuration.models import Configuration
from mlm.configuration.programmes.filling import PROGRAMME, Filled, filled_in
from mlm.configuration.repair import Repaired, repaired
from mlm.configuration.sentences import note_errors
from mlm.errors import ConfigurationError
from mlm.nouns.levels import ROW

BESIDE_ROWS = frozenset({"analyses", "publication", "title", "description", "source", "language"})
"""Keys at the top of a configuration that tell nothing of its rows."""

MOST_FOUND = 200
"""Problems after which no more are looked for: far more than are told at once."""


def load_configuration(path: str | Path) -> Configuration:
    """Configuration of a survey, read from a YAML file and checked.

    Raises
    ------
    ConfigurationError
        Holds every problem found: file, line, key, what was expected, what to do.
    """
    read = read_configuration(path)
    if read.problems or read.configuration is None:
        raise ConfigurationError(read.problems)
    return read.configuration


@dataclass(frozen=True)
class ReadConfiguration:
    """A configuration as it was read, with every problem found in its file.

    Attributes
    ----------
    configuration : Configuration or None
        With problems one that is repaired, to look for further ones; None where too much is wrong.
    problems : list of str
        File, line, key, what was expected, what to do.
    of_rows : Configuration or None
        What rows can be read by: of analyses with problems the outcomes alone; None where a problem
        lies where rows are described, so that they could not be read as they will be.
    """

    configuration: Configuration | None
    problems: list[str]
    of_rows: Configuration | None


def read_configuration(path: str | Path) -> ReadConfiguration:
    """A configuration and every problem found in its file."""
    document = read_document(Path(path))
    found = Repaired()
    if document.data is not None:
        found = _validate(document)
    if found.configuration is not None:
        for where, message in islice(find_problems(found.configuration), MOST_FOUND):
            if not found.may_have_caused(where, message):
                document.add_problem(where, message)
    problems = document.messages if document.problems else []
    of_rows = found.configuration if document.parts <= BESIDE_ROWS else None
    if of_rows is not None:
        of_rows = of_rows.with_outcomes_alone(_analyses_at_fault(document, of_rows))
    return ReadConfiguration(found.configuration, problems, of_rows)


def _analyses_at_fault(document: Document, configuration: Configuration) -> set[str]:
    """Names of the analyses with problems; a problem of no single one is of all."""
    places = [path for path in document.places if path[:1] == ("analyses",)]
    if any(len(path) < 2 for path in places):
        return set(configuration.analyses)
    return {str(path[1]) for path in places}


def _validate(document: Document) -> Repaired:
    """The configuration, repaired where the file has mistakes, which are noted."""
    if not isinstance(document.data, dict):
        document.add_problem((), "a mapping of keys such as 'survey:' is expected")
        return Repaired()
    filling = filled_in(document.data)
    for where, message in filling.problems:
        document.add_problem(where, message)
    for where, _ in filling.filled.entries if filling.filled else ():
        document.lines.setdefault(where, document.lines[PROGRAMME])
    built = partial(_built, path=document.path, filled=filling.filled)
    try:
        made = Repaired(built(filling.data))
    except ValidationError as error:
        note_errors(document, error)
        made = repaired(filling.data, built)
    return Repaired() if filling.problems else made


def _built(data: dict, path: Path, filled: Filled | None) -> Configuration:
    configuration = Configuration.model_validate(data)
    configuration._filled = filled
    if not configuration.design.follows_lowest:
        configuration = _name_row_level(configuration)
    configuration._path = path
    return with_files_of_patterns(configuration)


def _name_row_level(configuration: Configuration) -> Configuration:
    """Same configuration; the lowest level, when it is the rows, is called row."""
    lowest = configuration.level_names[-1]
    variables = {
        name: entry.model_copy(update={"level": ROW}) if entry.level == lowest else entry
        for name, entry in configuration.variables.items()
    }
    return configuration.model_copy(update={"variables": variables})
