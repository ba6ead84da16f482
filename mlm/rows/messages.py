"""Words that messages on rows share."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.errors import FIRST_CASES


def counted(n: int, one: str, several: str | None = None) -> str:
    """Text '1 row' or '3 rows'."""
    return f"{n} {one if n == 1 else several or one + 's'}"


def lines_text(lines: Sequence[int]) -> str:
    """Text 'line 5' or 'lines 5, 9, 12' of the first cases."""
    first = ", ".join(str(line) for line in lines[:FIRST_CASES])
    return f"line {first}" if len(lines) == 1 else f"lines {first}"
