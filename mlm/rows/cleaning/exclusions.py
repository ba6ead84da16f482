"""Rows of a wave that were left out, by reason."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlm.errors import FIRST_CASES
from mlm.results.survey.account import Excluded, ExclusionReason
from mlm.rows.cleaning.delivery import Delivery


@dataclass
class Exclusions:
    """Rows that were left out, by reason; a row is left out for one reason only."""

    _rows: dict[ExclusionReason, int] = field(default_factory=dict)
    _first: dict[ExclusionReason, list[int]] = field(default_factory=dict)

    def add(self, reason: ExclusionReason, rows: np.ndarray) -> None:
        """Note some rows (numbers among all rows read)."""
        if len(rows):
            self._rows[reason] = self._rows.get(reason, 0) + len(rows)
            first = self._first.setdefault(reason, [])
            self._first[reason] = sorted([*first, *rows[:FIRST_CASES].tolist()])[:FIRST_CASES]

    @property
    def total(self) -> int:
        """Number of rows left out."""
        return sum(self._rows.values())

    def account(self, delivery: Delivery) -> tuple[Excluded, ...]:
        """Reason, rows and first lines of each kind of exclusion, for the ledger."""
        return tuple(
            Excluded(reason=reason, rows=n, first=delivery.first_places(self._first[reason]))
            for reason, n in self._rows.items()
        )
