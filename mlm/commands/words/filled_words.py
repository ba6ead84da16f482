"""What the programme of a sample filled, in words. Layer: commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def filled_words(configuration: Configuration) -> Iterator[str]:
    """Every key that the programme filled, with its entry, and where that is known from."""
    filled = configuration.filled
    if filled is None:
        return
    yield f"sampling.programme: {filled.title}"
    for key, entry in filled.texts:
        yield f"filled by it: {key}: {entry}"
    way = filled.cycles.ways[-1]
    if way is not None and filled.is_filled("sampling.replicates"):
        yield f"it has {way.count} replicates and {way.degrees} degrees of freedom"
    yield f"sources: {'; '.join(filled.sources)}"
