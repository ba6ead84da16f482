"""Words that messages on rows share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import FIRST_CASES


def counted(n: int, one: str, several: str | None = None) -> str:
    """Text '1 row' or '3 rows'."""
    return f"{n} {one if n == 1 else several or one + 's'}"


def first_of(rows: Sequence[int] | np.ndarray) -> list[int]:
    """The first of some rows, in their order."""
    return np.sort(np.asarray(rows, dtype=np.int64))[:FIRST_CASES].tolist()


def lines_text(lines: Sequence[int]) -> str:
    """Text 'line 5' or 'lines 5, 9, 12' of the first cases."""
    first = ", ".join(str(line) for line in lines[:FIRST_CASES])
    return f"line {first}" if len(lines) == 1 else f"lines {first}"
