"""A configuration with mistakes made whole, so that what is right in it can be checked too.

Nothing that is computed rests on it: the configuration is refused all the same. What a repair could
have caused is not told.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import close
from mlm.configuration.sentences import fields_at, places_of
from mlm.nouns.design import CROSS_SECTION, SAME_SCHOOLS
from mlm.nouns.levels import ROW

MAX_ROUNDS = 6
"""Repairs reveal further mistakes; from so many on, the rest is told when these are mended."""

_SHOWN = {"title", "description", "source", "label", "plural", "unit", "alpha", "sha256"}
"""Keys that no check across parts looks at."""

_STRUCTURE = {"design", "levels", "time", "waves"}


@dataclass
class Repaired:
    """What was put in place of mistakes.

    Attributes
    ----------
    configuration : Configuration or None
        None where too much is wrong.
    paths : set of KeyPath
        Places that were changed.
    names : set of str
        Names and values that are in doubt for it.
    """

    configuration: Configuration | None = None
    paths: set[KeyPath] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def may_have_caused(self, path: KeyPath, message: str) -> bool:
        """Whether a problem found later may come from a repair rather than from the file."""
        if any(repr(name) in message for name in self.names):
            return True
        return any(_concerns(changed, path) for changed in self.paths)


def _concerns(changed: KeyPath, path: KeyPath) -> bool:
    """Whether a check at a path may have looked at what stood at a changed place."""
    if changed[-1] in _SHOWN:
        return False
    if changed[0] in _STRUCTURE and path[0] in (*_STRUCTURE, "simulate"):
        return True
    return changed[:2] == path[:2]


def repaired(data: dict, build: Callable[[dict], Configuration]) -> Repaired:
    """The configuration with unknown keys taken for the nearest ones and faults left out.

    Parameters
    ----------
    data : dict
        Content of the file; it is not changed.
    build : callable
        Makes the configuration of a content.
    """
    data, result = copy.deepcopy(data), Repaired()
    for _ in range(MAX_ROUNDS):
        try:
            result.configuration = build(data)
            return result
        except ValidationError as error:
            for kind, path in places_of(data, error):
                if not _mend(data, kind, path, result):
                    return result
    return result


def _mend(data: dict, kind: str, path: KeyPath, result: Repaired) -> bool:
    """Mend one mistake in place; False where no part of the whole would be left."""
    if kind == "missing" and isinstance(path[-1], str):
        parent = _at(data, path[:-1])
        value = _placeholder(data, path)
        if value is None or not isinstance(parent, dict):
            return False
        parent[path[-1]] = value
        result.paths.add(path)
        return True
    while path and isinstance(path[-1], int):
        path = path[:-1]
    if len(path) < 2 and path[:1] not in (("design",), ("time",)) and kind != "extra_forbidden":
        return bool(path) and path[0] in _SHOWN and _remove(data, path, result)
    if kind == "extra_forbidden":
        return _rename(data, path, result)
    return _remove(data, path, result)


def _remove(data: dict, path: KeyPath, result: Repaired) -> bool:
    parent = _at(data, path[:-1])
    if isinstance(parent, dict) and path[-1] in parent:
        result.names.update(_texts(parent.pop(path[-1])))
        result.paths.add(path)
        if len(path) == 2:
            result.names.add(str(path[-1]))
    return True


def _rename(data: dict, path: KeyPath, result: Repaired) -> bool:
    """Take an unknown key for the nearest known one that is not given."""
    parent = _at(data, path[:-1])
    if not isinstance(parent, dict) or path[-1] not in parent:
        return True
    value = parent.pop(path[-1])
    free = [key for key in fields_at(Configuration, path[:-1]) if key not in parent]
    for key in close(str(path[-1]), free):
        parent[key] = value
    return True


def _placeholder(data: dict, path: KeyPath) -> object:
    """A value for a key that is required; None for parts of which nothing is known."""
    place = path[1] if len(path) > 1 else 0
    waves = data.get("waves")
    several = isinstance(waves, list) and len(waves) > 1
    values = {
        "survey": "x",
        "design": str(SAME_SCHOOLS if several else CROSS_SECTION),
        "name": f"x{place}",
        "time": place,
        "files": [f"x{place}.csv"],
        "type": "number",
        "level": ROW,
        "outcome": "x",
        "terms": ["x"],
    }
    if len(path) == 1 and path[0] in ("levels", "waves", "variables", "analyses", "time"):
        return None
    return values.get(str(path[-1]), "x" if path[-1] in _SHOWN else None)


def _at(data: object, path: KeyPath) -> object:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *_texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
