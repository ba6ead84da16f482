"""What the programme of a sample filled, in words. Layer: commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def filled_words(configuration: Configuration) -> Iterator[str]:
    """Every key that the programme filled, with its entry, and where that is known from."""
    from mlm.configuration.document import format_path

    filled = configuration.filled
    if filled is None:
        return
    yield f"sampling.programme: {filled.title}"
    for path, entry in filled.entries:
        yield f"filled by it: {format_path(path)}: {_shown(entry)}"
    way = filled.cycles.ways[-1]
    if way is not None and filled.is_filled("sampling.replicates"):
        yield f"it has {way.count} replicates and {way.degrees} degrees of freedom"
    yield f"sources: {'; '.join(filled.sources)}"


def _shown(entry: object) -> str:
    """An entry as a configuration has it."""
    if isinstance(entry, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(value)}" for key, value in entry.items()) + "}"
    if isinstance(entry, list):
        return "[" + ", ".join(map(_shown, entry)) + "]"
    return f"{entry:g}" if isinstance(entry, float) else str(entry)
