"""Hiding: small and complementary counts taken out of a document, and a log of how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mlm.pages.context import Context
from mlm.pages.disclosure.relations import (
    key_of,
    printed_relations,
    survey_relations,
    told_relations,
)
from mlm.pages.disclosure.singles import tells_of_one
from mlm.pages.disclosure.suppression import FIRST, Relation, suppress
from mlm.pages.language import _
from mlm.pages.node import Source, trace
from mlm.pages.numbers import CONFIDENTIAL, render

DEPENDENT = "dependent"
SINGLE = "single"
POOLED = "pooled"
DEPENDENTS = ("mean", "sd")
TEXT = "text"


def disclose(document: dict[str, Any], context: Context) -> list[dict[str, Any]]:
    """Hide in the document what the rules of the survey hide.

    Returns
    -------
    list of dict
        ``place`` (a table, a chart, or ``text``), ``rule`` (``small``, ``complementary``, or
        ``dependent``: computed from a hidden count, ``single``: the value of one unit,
        ``pooled``: marks of a chart joined) and ``cells``.
    """
    if not context.rules.is_public:
        return []
    hidden = _hidden_counts(document, context)
    log: Counter[tuple[str, str]] = Counter()
    for place, number in _numbers(document):
        rule = _rule_for(number["source"], number["style"], hidden, context)
        if rule is not None:
            _hide(number, place, rule, context.rules.threshold)
            log[place, rule] += 1
    for figure in _figures(document):
        if figure["pooled"]:
            log[figure["id"], POOLED] += figure["pooled"]
        for column, position, source in _figure_sources(figure):
            rule = _rule_for(source, "count", hidden, context)
            if rule is not None:
                figure["data"][column][position] = None
                figure["hidden"].append([column, position])
                log[figure["id"], rule] += 1
    return [{"place": p, "rule": r, "cells": n} for (p, r), n in sorted(log.items())]


def _hidden_counts(document: dict[str, Any], context: Context) -> dict[str, str]:
    """Keys of the counts to hide, with their rule."""
    printed = [n["source"] for __, n in _numbers(document) if n["style"] == "count"]
    shares = [n["source"] for __, n in _numbers(document) if _is_ratio(n["source"])]
    for figure in _figures(document):
        for *__, source in _figure_sources(figure):
            (shares if _is_ratio(source) else printed).append(source)
    printed += [share["of"][0] for share in shares]
    inputs = context.inputs
    values = {key_of(source): trace(source, inputs) for source in printed}
    shown = set(values)
    relations = _relations(context, [*printed, *(share["of"][1] for share in shares)], values)
    small = [key for key, value in values.items() if context.rules.is_small(value)]
    sizes = {key for key in shown if key.startswith("results#")}  # what was studied
    return suppress(values, shown, small, relations, dear=sizes)


def _relations(context: Context, sources: list[Source], values: dict[str, int]) -> list[Relation]:
    """The relations that hold; the counts they bring in are added to `values`."""
    inputs = context.inputs
    found = [
        [(factor, source, trace(source, inputs)) for factor, source in terms]
        for terms in printed_relations(sources)
    ]
    found += [
        [(factor, node.source, node.value) for factor, node in terms]
        for terms in (*survey_relations(context), *told_relations(sources, context))
    ]
    relations = []
    for terms in found:
        if any(value is None for *__, value in terms):
            continue
        if sum(factor * value for factor, __, value in terms) != 0:
            continue
        relation: dict[str, int] = {}
        for factor, source, value in terms:
            key = key_of(source)
            values[key] = value
            relation[key] = relation.get(key, 0) + factor
        relations.append(relation)
    return relations


def _rule_for(source: Source, style: str, hidden: Mapping[str, str], context: Context):
    """The rule that hides a number, None when it may be shown."""
    if _is_ratio(source):
        parts = (key_of(part) for part in source["of"])
        return DEPENDENT if any(part in hidden for part in parts) else None
    if style == "count":
        return hidden.get(key_of(source))
    if tells_of_one(source, context):
        return SINGLE
    return DEPENDENT if _rests_on_few(source, context) else None


def _rests_on_few(source: Source, context: Context) -> bool:
    """Whether a mean or a standard deviation is one of a small count beside it."""
    if not isinstance(source, str) or source.rpartition("/")[2] not in DEPENDENTS:
        return False
    inputs = context.inputs
    beside = trace(source.rpartition("/")[0], inputs) if source.partition("#")[0] in inputs else {}
    if not isinstance(beside, dict):
        return False
    counts = [beside.get(key) for key in ("rows", "n", "groups")]
    return any(isinstance(n, int) and context.rules.is_small(n) for n in counts)


def _is_ratio(source: Source) -> bool:
    return isinstance(source, dict) and source["op"] == "ratio"


def _hide(number: dict[str, Any], place: str, rule: str, threshold: int) -> None:
    words = CONFIDENTIAL
    if place == TEXT and rule == FIRST:
        words = _("fewer than {n}").format(n=render(threshold, 0, "count"))
    kept = {key: number[key] for key in ("id", "strong") if key in number}
    number.clear()
    number.update(kept, text=words, hidden=rule)


def _numbers(value: Any, place: str = TEXT) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every printed number with the table it stands in, or ``text``."""
    if isinstance(value, dict):
        if "source" in value:
            yield place, value
            return
        if value.get("type") == "figure":
            place = value["id"]
        for key, item in value.items():
            inside = value["id"] if value.get("type") == "table" and key == "rows" else place
            yield from _numbers(item, inside)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item, place)


def _figures(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "figure":
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _figures(item)


def _figure_sources(figure: Mapping[str, Any]) -> Iterator[tuple[str, int, Source]]:
    for column, sources in figure["sources"].items():
        for position, source in enumerate(sources):
            if source is not None:
                yield column, position, source
