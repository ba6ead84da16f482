"""Units by the ids that they have in the data."""

from __future__ import annotations

from collections.abc import Sequence


def unit_name(ids: Sequence[str]) -> str:
    """A unit by its id, the ids of the units around it before it: ``12 / 3``."""
    return " / ".join(ids)
