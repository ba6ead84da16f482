"""What of a sample is no fault, but should be looked at, in words for those who configure it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.survey.account import NumberSummary, Unweighted, WaveLedger

OFF_SCALE = 5.0
"""Standard deviations from the mean of a score beyond which a cut hardly parts anyone."""

_WORDS = {"zero_weight": "have a weight of zero in", "missing_weight": "lack the weight"}


def sample_words(configuration: Configuration, ledgers: Iterable[WaveLedger]) -> Iterator[str]:
    """Rows without a weight, draws named in several ways, cuts outside the scale of their score."""
    known = list(ledgers)
    for ledger in known:
        for entry in ledger.roles.unweighted:
            yield f"wave {ledger.wave}: {_without(entry)}"
    for name, entry in configuration.plausible_values.items():
        ways = list(dict.fromkeys(re.sub(r"\d+", "#", column) for column in entry.columns))
        if len(ways) > 1:
            yield (
                f"please look: plausible_values: {name}: the columns are named in {len(ways)} ways "
                f"({', '.join(ways)}); are all of them draws of {name}?"
            )
    for name, cuts in configuration.minimum_proficiency.items():
        found = [s for ledger in known for s in ledger.variables if s.variable == name]
        for title, cut in cuts.items():
            if scale := _outside(configuration, name, cut, found):
                yield (
                    f"please look: minimum_proficiency: {name}: {title} is {cut:g}, {scale}; is it "
                    "a cut of another scale or subject?"
                )


def _without(entry: Unweighted) -> str:
    """Rows that count for nothing, and where the first of them are."""
    lines: dict[str, list[str]] = {}
    for place in entry.first:
        lines.setdefault(place.file, []).append(str(place.line))
    more = entry.rows - len(entry.first)
    places = "; ".join(
        f"{file} line{'s' if len(own) > 1 else ''} {', '.join(own)}" for file, own in lines.items()
    )
    return (
        f"rows that {_WORDS[entry.reason.kind]} "
        f"{entry.variable}: {entry.rows:,} ({places}{f' and {more:,} more' if more else ''}); they "
        "stay in the clean data and count for nothing"
    )


def _outside(
    configuration: Configuration, name: str, cut: float, found: Sequence[NumberSummary]
) -> str | None:
    """Why a cut seems to be of another scale than the score."""
    valid = configuration.variables[name].range
    if valid is not None and not valid[0] <= cut <= valid[1]:
        return f"outside the range of {name}, {valid[0]:g} to {valid[1]:g}"
    spread = [summary for summary in found if summary.mean is not None and summary.sd]
    if spread and all(abs(cut - s.mean) > OFF_SCALE * s.sd for s in spread):
        means = ", ".join(f"{s.mean:.1f} (SD {s.sd:.1f})" for s in spread)
        return f"far from all values in the files, whose mean is {means}"
    return None
