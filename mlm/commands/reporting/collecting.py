"""How often memory that is no longer used is looked for. Layer: commands."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ALLOCATIONS, OLDER = 500_000, 20
"""New objects before the young ones are looked through, and rounds before older ones are."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for circles of objects rarely, as a document of a million parts has hardly any.

    The usual threshold of 700 objects takes a tenth of the time of a report; memory stays the same.
    What is in memory at the end counts as old: it is looked through with the old, not at once.
    """
    before = gc.get_threshold()
    gc.set_threshold(*map(max, before, (ALLOCATIONS, OLDER, OLDER)))
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.set_threshold(*before)
