"""Variables of which many values are missing, in words for those who configure them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.results.survey.account import WaveLedger


def missing_words(ledgers: Iterable[WaveLedger]) -> Iterator[str]:
    """For each wave, the variables of which more than a few values are missing, and their share."""
    from mlm.nouns.fewest import MANY_LEFT_OUT

    for ledger in ledgers:
        cells = Counter()
        for entry in ledger.missing:
            cells[entry.variable] += entry.cells
        many = [
            f"{name} {n / ledger.rows_kept:.0%}"
            for name, n in cells.most_common()
            if n > MANY_LEFT_OUT * ledger.rows_kept
        ]
        if many:
            yield (
                f"wave {ledger.wave}: values are missing in more than {MANY_LEFT_OUT:.0%} of the "
                f"rows: {', '.join(many)}"
            )
