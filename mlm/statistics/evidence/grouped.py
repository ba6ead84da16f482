"""What the sums of a nested level and those of a crossed factor have in common."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from mlm.nouns.hierarchy import group_labels

PRESENT = 0.5  # rows above which a unit is there


class Grouped:
    """Sums over groups: a base for records with ``group``, ``keys`` and ``sums`` (q, G, k)."""

    group: tuple[str, ...]
    keys: tuple[np.ndarray, ...]
    sums: np.ndarray

    @property
    def name(self) -> str:
        """Name of the grouping factor as lme4 writes it: ``school:pupil``."""
        return ":".join(self.group)

    @property
    def size(self) -> int:
        """Number of groups G."""
        return self.sums.shape[1]

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows in each group, shape (G,)."""
        return self.sums[0, :, 0]

    @cached_property
    def labels(self) -> np.ndarray:
        """Ids of each group joined by colons, shape (G,)."""
        return group_labels(self.keys)
