"""Keys of a simulated truth that must be the names of levels, waves, groups or categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlm.configuration.document import KeyPath
from mlm.configuration.names import nearest


def same_keys(
    path: KeyPath, given: Iterable[str], expected: Iterable[str], kind: str
) -> Iterator[tuple[KeyPath, str]]:
    """Problems of keys that are not those expected: unknown ones, and missing ones."""
    yield from known_keys(path, given, expected, kind)
    for name in expected:
        if name not in given:
            yield path, f"the {kind} {name!r} is required but not given"


def known_keys(
    path: KeyPath, given: Iterable[str], expected: Iterable[str], kind: str
) -> Iterator[tuple[KeyPath, str]]:
    """Problems of keys that are unknown."""
    for name in given:
        if name not in expected:
            yield (*path, name), f"{name!r} is not {_with_article(kind)}; {nearest(name, expected)}"


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
