"""Hiding: what a public report must not show taken out of a document, and a log of how much."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlm.pages.blocks import drawn_rows
from mlm.pages.context import Context
from mlm.pages.disclosure.audit import Statement
from mlm.pages.disclosure.auditing import AuditInput
from mlm.pages.disclosure.counting import knowledge_of
from mlm.pages.disclosure.facts import is_ratio
from mlm.pages.disclosure.few import DEPENDENT, rule_of_few
from mlm.pages.disclosure.groups_of_rows import is_count_of_rows, rests_on_hidden_group
from mlm.pages.disclosure.printed import Printed, drawn_numbers, figure_sources
from mlm.pages.disclosure.sheet import CHART, Sheet, Shorter
from mlm.pages.disclosure.support import rests_on_weak
from mlm.pages.disclosure.suppression.suppress import FIRST, suppress
from mlm.pages.disclosure.trimming import trim
from mlm.pages.disclosure.written import WrittenFiles, slots_of, statements_of
from mlm.pages.language import N_, _
from mlm.pages.printed.rewording import INSTEAD, LEANS, reword
from mlm.pages.rounding import CONFIDENTIAL, render
from mlm.pages.text import plain_text, say
from mlm.results.reading import Source

SHORTER = "shorter"
POOLED = "pooled"
LEFT_OUT = "left_out"
TEXT = "text"
SHORTER_WORDS = N_(
    "A number with a digit fewer than the others is rounded so that few people cannot be "
    "recognised."
)


def disclose(
    document: dict[str, Any],
    context: Context,
    others: Sequence[Sheet] = (),
) -> tuple[list[dict[str, Any]], AuditInput | None]:
    """Hide in the document what the rules of the survey hide.

    Parameters
    ----------
    others : sequence of Sheet
        Reports of the other analyses of the survey, nothing hidden in them yet.

    Returns
    -------
    log : list of dict
        ``place`` (a table, a chart, or ``text``), ``rule`` (``small``, ``complementary``;
        ``analyses`` or ``version``: a small difference from another analysis or from the version
        before would follow; ``dependent``: computed from a hidden count, ``shorter``: shown with a
        digit fewer instead, ``single``: the value of one unit, ``dominated``: nearly that of one
        unit, ``pooled``: marks of a chart joined, ``left_out``: in rows and columns that are left
        out, or sentences said without them) and ``cells``.
    protection : AuditInput, optional
        What the audit of the files needs; None where nothing is protected.
    """
    if not context.rules.is_public:
        reword(document)
        for table in Printed().take(document).tables:
            trim(table)
        return [], None
    sheet = Sheet(document, context)
    knowledge = knowledge_of(sheet, others)
    hidden = suppress(knowledge)
    protection = AuditInput(sheet, slots_of(document), knowledge, tuple(_beside(others, hidden)))
    log: Counter[tuple[str, str]] = Counter()
    for place, number in sheet.shown.numbers:
        if "source" not in number:  # one that stands in two places
            continue
        given = number["source"], number["style"], number["decimals"]
        rule, shorter = _rule_for(*given, hidden, sheet)
        if shorter is not None:
            number.update(value=shorter.value, text=shorter.text, decimals=shorter.decimals)
        elif rule is not None:
            _hide(number, place, rule, context.rules.threshold)
        if rule is not None:
            log[place, rule] += 1
    reword(document)
    for figure in sheet.shown.figures:
        _hide_in_figure(figure, hidden, sheet, log)
        if not plain_text(figure["alt"]).strip():  # all of it had hidden numbers
            figure["alt"] = [dict(run) for run in figure["caption"]]
    _leave_out_empty(document)
    for table in sheet.shown.tables:
        left_out = trim(table)
        for rule, cells in left_out.items():
            log[table["id"], rule] -= cells
        log[table["id"], LEFT_OUT] += left_out.total()
        if log[table["id"], SHORTER]:
            table["notes"].append(say(_(SHORTER_WORDS)))
    found = [{"place": p, "rule": r, "cells": n} for (p, r), n in sorted(log.items()) if n]
    return found, protection


def _hide_in_figure(
    figure: dict[str, Any], hidden: Mapping[str, str], sheet: Sheet, log: Counter[tuple[str, str]]
) -> None:
    """Hide in a chart what must not be shown, and log it."""
    if figure["pooled"]:
        log[figure["id"], POOLED] += figure["pooled"]
    for column, position, source in figure_sources(figure):
        rule, shorter = _rule_for(source, "count", CHART, hidden, sheet)
        if rule is None:
            continue
        log[figure["id"], rule] += 1
        if shorter is None:
            _hide_drawn(figure, column, position)
        else:
            figure["data"][column][position] = shorter.value
            figure["options"].setdefault("rounded", []).append(position)
    for column, position, source in drawn_numbers(figure):
        rule = rule_of_few(source, sheet.context)
        if rule is not None:
            _hide_drawn(figure, column, position)
            log[figure["id"], rule] += 1
    drawn = set(drawn_rows(figure))
    for column, values in figure["data"].items():  # what was computed of hidden ones has no source
        for position, value in enumerate(values):
            is_own = column not in figure["sources"] and isinstance(value, float | int)
            if is_own and position not in drawn:
                _hide_drawn(figure, column, position)


def _hide_drawn(figure: dict[str, Any], column: str, position: int) -> None:
    figure["data"][column][position] = None
    figure["hidden"].append([column, position])


def _leave_out_empty(document: dict[str, Any]) -> None:
    """Leave out the charts in which nothing may be drawn."""
    lead = document["findings"]["figure"]
    if lead is not None and _is_empty(lead):
        document["findings"]["figure"] = None
    for section in document["sections"]:
        section["blocks"][:] = [block for block in section["blocks"] if not _is_empty(block)]


def _is_empty(block: Mapping[str, Any]) -> bool:
    return block["type"] == "figure" and bool(block["hidden"]) and not drawn_rows(block)


def _beside(others: Sequence[Sheet], hidden: Mapping[str, str]) -> Iterator[Statement]:
    """What the other reports say: as published, else as they will be by the same rules."""
    for other in others:
        analysis = other.context.analysis
        if other.files is None or not _is_of_same_rules(other):
            for name, bounds in other.facts():
                if name not in hidden:
                    yield Statement(f"the report of {analysis}", bounds)
        else:
            for said in statements_of(WrittenFiles(other.files), slots_of(other.document), other):
                yield Statement(f"{analysis}: {said.place}", said.bounds)


def _is_of_same_rules(other: Sheet) -> bool:
    """Whether a report was published with the mode and threshold that hold now."""
    made, rules = json.loads(other.files["report.json"])["disclosure"], other.context.rules
    return (made["mode"], made["threshold"]) == (rules.mode, rules.threshold)


def _rule_for(
    source: Source, style: str, decimals: int | str, hidden: Mapping[str, str], sheet: Sheet
) -> tuple[str | None, Shorter | None]:
    """The rule that hides a number, None when it may be shown; and how it is shown instead."""
    context, name = sheet.context, sheet.fact_name(source, style, decimals)
    if is_ratio(source):
        return _shorter(source, style, decimals, hidden, sheet)
    if style == "count":
        is_few = not is_count_of_rows(source) and rests_on_hidden_group(source, context)
        is_few = is_few or (decimals == CHART and rests_on_weak(source, context))
        rule = DEPENDENT if is_few else hidden.get(name) or hidden.get(sheet.key(source))
        return rule, None
    rule = rule_of_few(source, context)
    if rule is not None:
        return rule, None
    return _shorter(source, style, decimals, hidden, sheet)


def _shorter(
    source: Source, style: str, decimals: int | str, hidden: Mapping[str, str], sheet: Sheet
) -> tuple[str | None, Shorter | None]:
    """The same for a share or a mean of counts: it may be shown with a digit fewer."""
    if sheet.fact_name(source, style, decimals) not in hidden:
        return None, None
    shorter = sheet.shorter(source, style, decimals)
    if shorter is None or shorter.name in hidden:
        return DEPENDENT, None
    return SHORTER, shorter


def _hide(number: dict[str, Any], place: str, rule: str, threshold: int) -> None:
    words = CONFIDENTIAL
    if place == TEXT and rule == FIRST:
        words = _("fewer than {n}").format(n=render(threshold, 0, "count"))
    kept = {key: number[key] for key in ("id", "strong", INSTEAD, LEANS) if key in number}
    number.clear()
    number.update(kept, text=words, hidden=rule)
