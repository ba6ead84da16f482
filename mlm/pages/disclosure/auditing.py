"""The audit of a report: its files held against the rules, and the error that names a leak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlm.errors import ResultError
from mlm.pages.disclosure.audit import Leak, Secret, Statement, leaks
from mlm.pages.disclosure.facts import exactly
from mlm.pages.disclosure.readers.kinds import unread
from mlm.pages.disclosure.sheet import Sheet
from mlm.pages.disclosure.suppression.suppress import Knowledge
from mlm.pages.disclosure.told_numbers import strange_numbers, strange_on_index
from mlm.pages.disclosure.written import Slot, WrittenFiles, differences, statements_of
from mlm.pages.house.style import house_of
from mlm.pages.template_folder import template_folder

SHOWN = 5  # leaks that an error lists


@dataclass(frozen=True)
class AuditInput:
    """What the audit of the files of a report needs to know.

    Attributes
    ----------
    sheet : Sheet
        How to read the sources of its numbers.
    slots : sequence of Slot
        Where its numbers stand.
    knowledge : Knowledge
        What ties the counts of the survey, and which of them nobody may learn.
    beside : sequence of Statement
        What the reports of the other analyses say.
    """

    sheet: Sheet
    slots: Sequence[Slot]
    knowledge: Knowledge
    beside: Sequence[Statement] = ()


def check_files(files: Mapping[str, bytes], protection: AuditInput) -> None:
    """Check that the files of a report give no count away that they must hide.

    Raises
    ------
    ResultError
        When they do: which count, what it is bounded to, from which cells of which files; when
        the files do not say the same; or when there is a file that no reader knows.
    """
    context = protection.sheet.context
    where = f"report of {context.analysis}"
    unknown = unread(files)
    if unknown:
        raise ResultError(
            f"{where}: no reader knows what these files give away: {', '.join(unknown)}. Add one "
            "to mlm/pages/disclosure/readers/kinds.py, or do not publish them."
        )
    read = WrittenFiles(files)
    apart = differences(read)
    if apart:
        raise ResultError(
            f"{where}: {len(apart)} cells are not as in report.json: {'; '.join(apart[:SHOWN])}. "
            "This is a fault of mlm, not of your data: please report it."
        )
    own = context.configuration.model_dump(mode="json")
    typeface = house_of(context.configuration, template_folder()).typeface
    strange = strange_numbers(files, read.document, own, typeface)
    if strange:
        raise ResultError(
            f"{where}: {len(strange)} numbers stand in words where report.json does not say them: "
            f"{'; '.join(strange[:SHOWN])}. This is a fault of mlm, not of your data: please "
            "report it."
        )
    found = leaks_of(read, protection)
    if found:
        lines = "\n".join(f"- {_line(leak)}" for leak in found)
        raise ResultError(
            f"{where}: counts of few persons follow from what is published. Nothing "
            f"was written.\n{lines}\nTake what gives them away out of the texts of the "
            "configuration, or set a higher disclosure threshold; otherwise it is a fault of mlm."
        )


def check_index(page: bytes, documents: Sequence[Mapping[str, Any]]) -> None:
    """Check that an index says no number that none of its reports says.

    Raises
    ------
    ResultError
        When it does: which numbers, in which words.
    """
    strange = strange_on_index(page, documents)
    if strange:
        raise ResultError(
            f"index: {len(strange)} numbers stand in no report: {'; '.join(strange[:SHOWN])}. This "
            "is a fault of mlm, not of your data: please report it."
        )


def leaks_of(read: WrittenFiles, protection: AuditInput) -> list[Leak]:
    """The counts that the files of a report give away, with those of other analyses at hand."""
    known = protection.knowledge
    statements = [*statements_of(read, protection.slots, protection.sheet), *protection.beside]
    text = " ".join(read.files["report.json"].decode().split())
    statements += [
        Statement(f"the words \u201c{words}\u201d", exactly(key, known.values[key]))
        for key, words in known.told.items()
        if words in text
    ]
    before = [
        Statement(
            f"the version before: {key}",
            exactly(key, known.values[key]) if key in known.values else tuple(known.facts[key]),
        )
        for key in sorted(known.known)
    ]
    secrets = [Secret(key, need, known.values[key] < 0) for key, need in known.needs.items()]
    least = {key: 1.0 for key in known.facts if known.values.get(key, 0) > 0}
    least |= {key: float("-inf") for key, value in known.values.items() if value < 0}
    places = {statement.place for statement in before}
    return leaks(secrets, known.relations, [*statements, *before], least, places)


def _line(leak: Leak) -> str:
    low, high = (f"{end:.6g}" for end in (leak.low, leak.high))
    places = "; ".join(leak.places[:SHOWN])
    return (
        f"{leak.key} can only be {low} to {high}, and must be able to be {leak.need}: it follows "
        f"from {places}"
    )
