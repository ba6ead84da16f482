"""SciPy without what it loads for its manual and its tests. Layer: commands."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

NOT_USED = ("f2py", "testing")
"""Parts of NumPy that SciPy loads since NumPy names them, and that no job uses."""
MANUAL = "scipy._lib._docscrape"
"""The module that takes the texts of SciPy's functions apart and puts notes into them."""


class _NoText(dict):
    """The text of a function that nobody reads: it has no sections, whatever is put into them."""

    def __init__(self, *_: object) -> None:
        """Whatever the function is."""

    def __missing__(self, section: str) -> list:
        return []

    def __str__(self) -> str:
        return "\n"


@contextmanager
def scipy_alone() -> Iterator[None]:
    """Load SciPy while the block runs, without texts of functions and parts of NumPy.

    Half of the time of loading its optimisers goes into them. What functions do stays the same,
    and who imports these parts of NumPy later gets them.
    """
    import numpy

    missing = [part for part in NOT_USED if part not in vars(numpy)]
    for part in missing:
        setattr(numpy, part, None)
    manual = _manual()
    texts = getattr(manual, "FunctionDoc", None)
    if texts is not None:
        manual.FunctionDoc = _NoText
    try:
        yield
    finally:
        if texts is not None:
            manual.FunctionDoc = texts
        for part in missing:
            if vars(numpy)[part] is None:
                delattr(numpy, part)


def _manual() -> object | None:
    """The module that takes texts apart; None where SciPy has none of that name."""
    try:
        return importlib.import_module(MANUAL)
    except ImportError:
        return None
