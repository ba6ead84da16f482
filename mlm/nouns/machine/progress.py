"""How far long work is: counted where it is done, told by whoever listens, which nobody need do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Counted = Literal["rows", "models"]
Listener = Callable[[Counted, int, int | None], None]

_LISTENERS: list[Listener] = []


def count(what: Counted, n: int = 1, of: int | None = None) -> None:
    """Tell that some more are done.

    Parameters
    ----------
    what : {"rows", "models"}
        Rows that were read, or models that were fitted.
    n : int
        How many more.
    of : int, optional
        How many there are in this pass, where that is known.
    """
    for listener in _LISTENERS:
        listener(what, n, of)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let a function be told in the block."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


@contextmanager
def listening_alone(listener: Listener) -> Iterator[None]:
    """Let a function be told in the block, and nobody else."""
    others = _LISTENERS[:]
    _LISTENERS[:] = [listener]
    try:
        yield
    finally:
        _LISTENERS[:] = others
