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
    """Analyses that lose many rows to missing covariates where nothing says what becomes of it."""
    from mlm.nouns.fewest import MANY_LEFT_OUT

    if account is None or configuration.missing.method is not None or configuration.is_sampled:
        return
    for covariates in account.missing_covariates:
        for found in covariates.analyses:
            rows = sum(pattern.rows for pattern in found.patterns)
            lost = sum(pattern.rows for pattern in found.patterns if pattern.variables)
            if lost > MANY_LEFT_OUT * rows:
                yield (
                    f"please look: analysis {found.analysis}: {lost / rows:.0%} of the rows that "
                    f"have the outcome ({lost:,} of {rows:,}) lack a covariate; say what becomes "
                    "of them: missing: {method: joint} imputes what they lack, {method: files} "
                    "takes your imputations, {method: complete} leaves them out"
                )
