"""What the models refuse, told in sentences with the place in the file."""

from __future__ import annotations

import types
import typing

from pydantic import BaseModel, ValidationError

from mlm.configuration.document import Document, KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import PATTERN_HINTS, nearest
from mlm.configuration.sampled.keys import Sampling
from mlm.errors import quoted
from mlm.nouns.levels import ROW

MOST_SENTENCES = 200
"""Problems after which no more are put into words: far more than are told at once."""

_EXPECTED = {
    "string_type": "text is expected here",
    "int_type": "a whole number is expected (a size may be [lowest, highest] too)",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "float_parsing": "a number is expected",
    "finite_number": "a finite number is expected",
    "tuple_type": "a list is expected: [a, b] or one '- item' a line",
    "dict_type": "a mapping is expected: one 'key: value' a line",
    "model_type": "a mapping is expected: one 'key: value' a line",
    "string_too_short": "must not be empty",
    "too_short": "at least {min_length} expected, {actual_length} given",
    "date_from_datetime_parsing": "a date is expected, as 2024-05-31",
    "date_parsing": "a date is expected, as 2024-05-31",
    "literal_error": "expected {expected}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
}


_OF_SAMPLING = tuple(Sampling.model_fields)
"""Keys that stand under ``sampling``."""

_BESIDE_SAMPLING = ("plausible_values", "minimum_proficiency", "linking_error")
"""Keys of the survey that seem to belong there."""


def note_errors(document: Document, error: ValidationError) -> None:
    """Add the problems to the document."""
    for where, item in _mistakes(document.data, error)[:MOST_SENTENCES]:
        document.add_problem(where, _sentence(where, item, document.data))


def places_of(data: object, error: ValidationError) -> list[tuple[str, KeyPath]]:
    """Kind and key path of each mistake in the content of a file."""
    return [(item["type"], where) for where, item in _mistakes(data, error)]


def _mistakes(data: object, error: ValidationError) -> list[tuple[KeyPath, dict]]:
    """Key path and description of each mistake, one for each path."""
    found: dict[KeyPath, dict] = {}
    for item in error.errors(include_url=False):
        where = _existing_path(data, item["loc"], item["type"] == "missing")
        if not _is_consequence(data, where, item):
            found.setdefault(where, item)
    return list(found.items())


def _is_consequence(data: object, path: KeyPath, item: dict) -> bool:
    """Whether a list is called too short only because one of its parts is wrong."""
    if item["type"] != "too_short":
        return False
    for part in path:
        data = data[part]
    return len(data) >= item["ctx"]["min_length"]


def _existing_path(data: object, loc: tuple, is_missing: bool) -> KeyPath:
    """Location without the parts that pydantic adds: kinds of a union, '[key]'."""
    path: list[str | int] = []
    for part in loc:
        inside = part in data if isinstance(data, dict) else _is_index(data, part)
        if inside:
            path.append(part)
            data = data[part]
    if is_missing and (not path or path[-1] != loc[-1]):
        path.append(loc[-1])
    return tuple(path)


def _is_index(data: object, part: object) -> bool:
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _sentence(where: KeyPath, item: dict, data: object) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden" and len(where) == 1 and where[0] in _OF_SAMPLING:
        return _sampling_line(str(where[0]), data)
    if kind == "extra_forbidden" and where[0] == "sampling" and where[-1] in _BESIDE_SAMPLING:
        return f"{where[-1]!r} is a key of the survey, not of 'sampling'; write it beside that key"
    if kind == "extra_forbidden":
        known = fields_at(Configuration, where[:-1])
        return f"unknown key {quoted(str(where[-1]))}; {nearest(str(where[-1]), known)}"
    if kind == "missing" and isinstance(where[-1], int):
        return "two values are expected: [lowest, highest]"
    if kind == "missing":
        return f"the key {where[-1]!r} is required but not given"
    shown = f"{quoted(item['input'])}: " if isinstance(item["input"], str) else ""
    if kind == "string_pattern_mismatch":
        return shown + PATTERN_HINTS.get(context["pattern"], f"must match {context['pattern']}")
    if item["input"] is None:
        return "nothing is given; write a value, or remove the key if it is not required"
    if kind == "value_error":
        return f"{context['error']}"
    sentence = _EXPECTED[kind].format(**context) if kind in _EXPECTED else item["msg"]
    return shown + sentence


def _sampling_line(key: str, data: dict) -> str:
    """Where a key of the sample belongs, with the line to write for weights."""
    if key != "weights":
        return f"{key!r} stands under 'sampling'; write sampling: {{{key}: ...}}"
    value = data[key]
    names = [name for name in value or () if isinstance(name, str)]
    levels = [_level_in(data, name) for name in names]
    shown = [x if x not in levels[:i] else "<level>" for i, x in enumerate(levels)]
    entries = [f"{level}: {name}" for level, name in zip(shown, names, strict=True)]
    return (
        f"{key!r} stands under 'sampling', weights by the level whose units they weigh; write "
        f"sampling: {{{key}: {{{', '.join(entries) or '...'}}}}}"
    )


def _level_in(data: dict, name: str) -> str:
    """Level that a file gives a variable; that of rows where it does not say."""
    variables = data.get("variables")
    entry = variables.get(name) if isinstance(variables, dict) else None
    level = entry.get("level") if isinstance(entry, dict) else None
    return level if isinstance(level, str) else ROW


def fields_at(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """Keys that the model knows at a key path; empty where any key may stand."""
    kind: object = model
    for part in path:
        kind = _inner(kind, part)
    found = _model_in(kind)
    if found is None:
        return ()
    return tuple(entry.alias or name for name, entry in found.model_fields.items())


def _inner(kind: object, part: str | int) -> object:
    found = _model_in(kind)
    if found:
        entry = found.model_fields.get(str(part))
        return entry.annotation if entry else None
    for option in _options(kind):
        arguments = typing.get_args(option)
        if typing.get_origin(option) is dict:
            return arguments[1]
        if typing.get_origin(option) is tuple:
            return arguments[0]
    return None


def _options(kind: object) -> tuple:
    if typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    is_union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    return typing.get_args(kind) if is_union else (kind,)


def _model_in(kind: object) -> type[BaseModel] | None:
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None
