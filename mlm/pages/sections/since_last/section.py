"""What changed since the last results that were kept; that nothing changed is said too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.blocks import bullets as bullet_list
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.previous import alike, make_record, verdict
from mlm.pages.rounding import count, number, percent, signed
from mlm.pages.sections.section import Section
from mlm.pages.sections.since_last.codes import codes_changed
from mlm.pages.sections.since_last.comparable import SameQuantity
from mlm.pages.sections.since_last.same_units import Pair, match_units, match_words
from mlm.pages.sections.since_last.verdicts import verdict_blocks
from mlm.pages.sections.units.words import compared_words, units_around
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.terms import term_words
from mlm.results.reading import At
from mlm.results.runs.kept import KeptRecord, Verdict

Part = Callable[[Context], list[Block]]
ESTIMATES = ("fixed", "shares", "effects")  # fields of a record
VERDICTS: dict[Verdict, str] = {
    "above": N_("above expectation"),
    "below": N_("below expectation"),
    "between": N_("cannot be distinguished from the average"),
}


def changes_section(context: Context) -> Section:
    """The section that compares the results with the previous ones."""
    return changes_section_of(context, (*SHARED, _units))


def changes_section_of(context: Context, parts: Sequence[Part]) -> Section:
    """The same of the parts that one kind of results has.

    Parameters
    ----------
    parts : sequence of functions
        Each gives the blocks on what changed of one thing; none where nothing did.
    """
    title = _("What changed since the last results")
    if context.previous.missing:
        words = _(
            "These are the first results of this analysis that were kept: there is nothing to "
            "compare them with yet."
        )
        return Section("changes", title, [paragraph(words, "answer")])
    blocks = [block for part in parts for block in part(context)]
    answer = nothing_listed(context) if not blocks else compared_what(context)
    words = join(since_words(context), answer)
    return Section("changes", title, [paragraph(words, "answer"), *blocks])


def compared_what(context: Context) -> list[Run]:
    """Of what it is told that it did not change where it is not listed."""
    if context.previous.policies.missing:  # the record is of an earlier version
        return say(
            _(
                "Compared are rows, codes, terms and coefficients of the settled model, shares of "
                "the variation, and verdicts on units: what of these is not listed here did not "
                "change by more than its error."
            )
        )
    return say(
        _(
            "Compared are rows, codes, terms and coefficients of the settled model, shares of the "
            "variation, and verdicts on units, policies and levels: what of these is not listed "
            "here did not change by more than its error."
        )
    )


def nothing_listed(context: Context) -> list[Run]:
    """What is said where no change is listed: what is the same, and what moved a little."""
    now, before = _record(context), context.previous.value
    if alike(now) == alike(before):
        return say(
            _(
                "Nothing changed: files, rows, codes, terms, estimates and verdicts are as they "
                "were."
            )
        )
    if alike(now, ESTIMATES) != alike(before, ESTIMATES):
        return say(
            _(
                "Numbers of rows, codes, terms and verdicts are as they were. Estimates changed, "
                "none that is compared by more than its error."
            )
        )
    return say(
        _(
            "Numbers of rows, codes, terms, estimates and verdicts are as they were; the files, or "
            "what else is counted of them, are not."
        )
    )


def _record(context: Context) -> KeptRecord:
    """What is kept of the results at hand."""
    parts = (context.results, context.survey, context.provenance)
    return make_record(context.configuration, context.analysis, *(part.value for part in parts))


def since_words(context: Context) -> list[Run]:
    """With which results the present ones are compared."""
    before = context.previous
    waves = ", ".join(context.labels.wave(wave) for wave in before.waves.value) or _("one wave")
    if before.date.missing:
        return say(_("Compared with the last results, of {waves}."), waves=waves)
    template = _("Compared with the results of {date}, of {waves}.")
    return say(template, date=before.date.value, waves=waves)


def _rows(context: Context) -> list[Block]:
    """Rows kept before and now, where they differ."""
    rows = []
    for wave in context.survey.waves:
        name, now = wave.wave.value, wave.rows_kept
        before = context.previous.rows.find(wave=name)
        if before is None:
            rows.append(row(context.labels.wave(name), _("new wave"), count(now), count(now)))
        elif before.rows.value != now.value:
            added = count(derive("difference", now, before.rows))
            rows.append(row(context.labels.wave(name), count(before.rows), count(now), added))
    known = {wave.wave.value for wave in context.survey.waves}
    gone = [wave for wave in context.previous.waves.value if wave not in known]
    blocks: list[Block] = []
    if rows:
        columns = [column(context.labels.wave_title, "text"), column(_("Rows before"))]
        columns += [column(_("Rows now")), column(_("Added"))]
        blocks.append(table("changes-rows", _("Rows added, by wave"), columns, rows))
    if gone:
        names = ", ".join(context.labels.wave(wave) for wave in gone)
        blocks.append(paragraph(say(_("No longer in the survey: {waves}."), waves=names)))
    return blocks


def _codes(context: Context) -> list[Block]:
    items = codes_changed(context)
    if not items:
        return []
    return [heading("changes-codes", _("Codes and categories")), bullet_list(items)]


def _terms(context: Context) -> list[Block]:
    """Terms that entered or left the settled model."""
    now, before = context.results.settled.terms.value, context.previous.terms.value
    entered = [term for term in now if term not in before]
    left = [term for term in before if term not in now]
    items = []
    if entered:
        terms = context.labels.terms(entered)
        items.append(say(_("Entered the settled model: {terms}."), terms=terms))
    if left:
        items.append(say(_("Left the settled model: {terms}."), terms=context.labels.terms(left)))
    if not items:
        return []
    return [heading("changes-terms", _("Terms of the settled model")), bullet_list(items)]


def _moved(context: Context) -> list[Block]:
    """Coefficients that moved by more than the larger of their two standard errors.

    Those that are another quantity than before are named below.
    """
    rows, same, others = [], SameQuantity(context), {}
    for item in context.settled.fixed:
        before = context.previous.fixed.find(term=item.term.value)
        if before is None or item.std_error.missing or before.std_error.missing:
            continue
        if not same.holds(item.term.value):
            name = context.labels.term(item.term.value) or term_words((), context.labels).label
            others[name] = None
            continue
        error = max(item.std_error, before.std_error, key=lambda found: found.value)
        move = derive("difference", item.estimate, before.estimate)
        if abs(move.value) <= error.value:
            continue
        rows.append(
            row(
                term_words(item.term.value, context.labels).full,
                number(before.estimate, error),
                number(item.estimate, error),
                signed(move, error),
                number(error, error),
            )
        )
    columns = [column(_("Term"), "text"), column(_("Before")), column(_("Now"))]
    columns += [column(_("Change")), column(_("SE"))]
    notes = [_("SE: the larger of the two standard errors. Estimates of the settled model.")]
    caption = _("Coefficients that moved by more than their standard error")
    blocks: list[Block] = (
        [table("changes-estimates", caption, columns, rows, notes)] if rows else []
    )
    return [*blocks, paragraph(_not_compared(list(others)))] if others else blocks


def _not_compared(names: list[str]) -> list[Run]:
    """That coefficients of terms are another quantity than before."""
    return say(
        _(
            "Not the same quantity as before, and not compared: the coefficients of {terms}. The "
            "models then and now have other terms that contain these, or other references or units."
        ),
        terms=enumerate_words(names),
    )


def _shares(context: Context) -> list[Block]:
    """Shares of the variation of which the old value lies outside the new interval."""
    rows = []
    for item in context.level_shares:
        before = context.previous.shares.find(level=item.level)
        ends = (item.lower.value, item.upper.value)
        if before is None or None in ends or ends[0] <= before.share.value <= ends[1]:
            continue
        cells = (before.share, item.share, item.lower, item.upper)
        rows.append(row(context.title_of(item.level), *(percent(cell) for cell in cells)))
    columns = [column(_("Level"), "text"), column(_("Before")), column(_("Now"))]
    columns += [column(_(end), group=_("95% interval")) for end in ("Lower", "Upper")]
    caption = _("Shares of the variation that moved out of their interval")
    return [table("changes-shares", caption, columns, rows)] if rows else []


SHARED: tuple[Part, ...] = (_rows, _codes, _terms, _moved, _shares, verdict_blocks)


def _units(context: Context) -> list[Block]:
    """Licences that changed, and units with another verdict."""
    blocks: list[Block] = []
    for item in context.results.effects:
        level, granted = item.level.value, item.licence.granted.value
        groups = context.labels.plural(level)
        before = context.previous.effects.find(level=level)
        if before is None:
            continue
        if _compared_otherwise(context, item, before):
            blocks.append(paragraph(_other_comparison(context, item, before)))
            continue
        if before.granted.value != granted:
            template = (
                _("{groups} may be ranked now; before they might not.")
                if granted
                else _("{groups} may no longer be ranked.")
            )
            blocks.append(paragraph(say(template, groups=groups)))
        found = match_units(item, before)
        rows = list(_named(context, found.changed)) if granted else []
        blocks += [paragraph(words) for words in match_words(context, item, found, bool(rows))]
        if rows:
            caption = say(_("Verdicts that changed: {groups}"), groups=groups)
            columns = [column(context.labels.level(level), "text")]
            columns += [column(_("Before"), "text"), column(_("Now"), "text")]
            columns += [column(_("Effect before")), column(_("Effect now"))]
            blocks.append(table(f"changes-units-{identifier(level)}", caption, columns, rows))
    return blocks


def _compared_otherwise(context: Context, item: At, before: At) -> bool:
    """Whether something else of the units was compared, or with others; not where unknown."""
    if before.compare.missing:
        return False
    inside = units_around(context, item.level.value) is not None
    other = inside and item.against.value != before.against.value
    return other or item.compare.value != before.compare.value


def _other_comparison(context: Context, item: At, before: At) -> list[Run]:
    """That verdicts then and now are of different things."""
    return say(
        _(
            "{groups} are now compared {now}; before they were compared {before}. Verdicts and "
            "licences of then and now answer different questions: none is listed as changed."
        ),
        groups=capitalise(context.labels.plural(item.level.value)),
        now=compared_words(context, item),
        before=compared_words(context, before),
    )


def _named(context: Context, changed: Sequence[Pair]) -> Iterator[dict[str, Any]]:
    """Rows of the units that may be named, then and now, and whose verdict is another."""
    for found, unit in changed:
        if not (context.rules.may_name(unit) and context.rules.may_name(found)):
            continue
        yield row(
            " / ".join(unit.unit.value),
            _(VERDICTS[found.verdict.value]),
            _(VERDICTS[verdict(unit.value)]),
            signed(found.estimate, found.std_error),
            signed(unit.estimate, unit.std_error),
        )
