"""Variables of which many values are missing, in words for those who configure them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.survey.account import WaveLedger
    from mlm.results.survey.survey import SurveyAccount


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


def undecided_words(configuration: Configuration, account: SurveyAccount | None) -> Iterator[str]:
    """Analyses that would lose many rows, which are drawn where nothing is said of them."""
    from mlm.nouns.fewest import MANY_LEFT_OUT

    if account is None or not configuration.is_undecided:
        return
    for analysis in drawn_analyses(configuration, account):
        found = account.lacking(analysis)
        yield (
            f"please look: analysis {analysis}: {found.share_lost:.0%} of the rows that have the "
            f"outcome ({found.lost:,} of {found.rows:,}) lack a covariate, which is more than "
            f"{MANY_LEFT_OUT:.0%}: what they lack will be drawn, as by missing: {{method: joint}}. "
            "Say so, or say otherwise: {method: files} takes your imputations, {method: complete} "
            "leaves these rows out"
        )


def drawn_analyses(configuration: Configuration, account: SurveyAccount | None) -> list[str]:
    """Analyses for which a run draws what rows lack since these are many, as nothing is said."""
    from mlm.configuration.missing.planning import missing_values_of

    if account is None or not configuration.is_undecided:
        return []
    missing = missing_values_of(configuration, frozenset())
    lacking = {name: account.lacking(name) for name in configuration.analyses}
    return [
        name
        for name, found in lacking.items()
        if found is not None and missing.by_share(found.share_lost).method == "joint"
    ]
