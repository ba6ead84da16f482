"""Which findings are told: the most important, at most six, few enough words for one screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlm.pages.context import Context
from mlm.pages.disclosure.few import are_of_few
from mlm.pages.findings.associations import association_findings, slope_finding
from mlm.pages.findings.caveats import caveats, remarks
from mlm.pages.findings.change import change_findings
from mlm.pages.findings.finding import IMPORTANCE, Finding
from mlm.pages.findings.first_screen import most_words_in, room_for_findings
from mlm.pages.findings.gaps import adjusted_gaps, gap_findings
from mlm.pages.findings.policy import policy_findings
from mlm.pages.findings.ranking import ranking_findings
from mlm.pages.findings.spread import spread_finding

MOST = 6
MOST_ALIKE = {"proficiency": 1, "policy": 2, "gap": 1, "ranking": 1, "association": 1, "caveat": 1}
KEPT = ("caveat", "ranking")  # kinds that are told whatever comes before them
LAST = ("association", "slope")  # kinds that take the room of no other that is longer


@dataclass(frozen=True)
class Chosen:
    """All findings of an analysis.

    Attributes
    ----------
    told : tuple of Finding
        The foremost, in order of importance.
    further : tuple of Finding
        Others that say something.
    untold : tuple of Finding
        What the data cannot tell: no clear difference, with the largest that is excluded.
    remarks : tuple of Finding
        What else bears on how sure they are.
    """

    told: tuple[Finding, ...]
    further: tuple[Finding, ...]
    untold: tuple[Finding, ...]
    remarks: tuple[Finding, ...]


def chosen_findings(context: Context) -> Chosen:
    """The findings of an analysis, and which of them are told first."""
    return chosen_among(context, _all(context), remarks(context))


def chosen_among(
    context: Context, findings: Iterable[Finding | None], also: Iterable[Finding]
) -> Chosen:
    """Which findings are told first, of those whose numbers may be shown.

    Parameters and result as for ``chosen_of``, with the room of a first screen.
    """
    found, others = (
        [each for each in some if each is not None and not are_of_few(each.runs, context)]
        for some in (findings, also)
    )
    return chosen_of(found, others, room_for_findings(context))


def chosen_of(findings: Iterable[Finding], also: Sequence[Finding], room: int) -> Chosen:
    """Which of all findings are told first.

    Parameters
    ----------
    findings : iterable of Finding
        In order of importance among those of a kind.
    also : sequence of Finding
        Remarks, left out where a finding has the same key.
    room : int
        Words that those told first may have together.
    """
    found = sorted(findings, key=lambda finding: IMPORTANCE.index(finding.kind))
    news = [finding for finding in found if finding.is_news]
    told = _foremost(news, room)
    keys = {finding.key for finding in found}
    return Chosen(
        told=told,
        further=tuple(finding for finding in news if finding not in told),
        untold=tuple(finding for finding in found if not finding.is_news),
        remarks=tuple(finding for finding in also if finding.key not in keys),
    )


def _all(context: Context) -> list[Finding | None]:
    """All findings."""
    return [
        *policy_findings(context),
        *change_findings(context, context.results.over_time.adjusted_means),
        *gap_findings(context, adjusted_gaps(context)),
        spread_finding(context),
        *ranking_findings(context),
        *association_findings(context),
        slope_finding(context),
        *caveats(context),
    ]


def _foremost(news: list[Finding], room: int) -> tuple[Finding, ...]:
    """At most six, in so many words; the first of all is told whatever room there is.

    A caveat, and whether units may be ranked, have their place before the rest.
    """
    alike: dict[str, int] = {}
    first, rest = [], []
    for finding in news:
        alike[finding.kind] = alike.get(finding.kind, 0) + 1
        is_first = alike[finding.kind] <= MOST_ALIKE.get(finding.kind, MOST)
        (first if is_first else rest).append(finding)
    kept = [finding for finding in first if finding.kind in KEPT]
    told, is_full = first[:1], False
    for finding in (f for f in (*kept, *first[1:], *rest) if f not in told):
        words = sum(most_words_in(each.runs) for each in (*told, finding))
        has_room = len(told) < MOST and words <= room
        if has_room and not (is_full and finding.kind in LAST):
            told.append(finding)
        is_full = is_full or not has_room
    return tuple(sorted(told, key=lambda finding: IMPORTANCE.index(finding.kind)))
