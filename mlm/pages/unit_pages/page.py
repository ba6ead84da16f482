"""What the page of one unit holds, and the list of all, as plain values that are laid out."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, finish, row, table
from mlm.pages.context import Context
from mlm.pages.findings.publication import publication
from mlm.pages.labels import capitalise
from mlm.pages.language import _, current
from mlm.pages.rounding import count, fixed
from mlm.pages.sections.units.table import points, rows_title
from mlm.pages.sections.units.words import not_compared_words
from mlm.pages.template_words import template_words
from mlm.pages.text import Run, plain_text, say
from mlm.pages.unit_pages.course import course_blocks
from mlm.pages.unit_pages.file_name import file_name
from mlm.pages.unit_pages.words import (
    banner_words,
    doubt_words,
    effect_words,
    limits,
    meaning_words,
    place_words,
    unit_title,
)
from mlm.pages.words.units import unit_name, units_in_order
from mlm.results.reading import At


def unit_page(context: Context, item: At, unit: At) -> dict[str, Any]:
    """The page of one unit.

    Parameters
    ----------
    context : Context
        Of the analysis, in controlled mode.
    item : At
        The effects of the units of its level.
    unit : At
        Its own.
    """
    title = unit_title(context, item, unit)
    doubt = doubt_words(context, item, unit)
    course, numbers = course_blocks(context, item, unit, title), _numbers(context, item, unit)
    _number([*course, numbers])
    return {
        **_head(context, title),
        "banner": banner_words(context, item),
        "answer": effect_words(context, item, unit),
        "doubt": doubt or [],
        "course": course,
        "numbers": numbers,
        "meaning": meaning_words(context, item),
        "place": place_words(context, item, unit),
        "limits": limits(context, item),
    }


def units_list(context: Context, levels: tuple[str, ...], forms: tuple[str, ...]) -> dict[str, Any]:
    """The list of the pages of all units of some levels, in the order of their ids.

    Parameters
    ----------
    levels : tuple of str
    forms : tuple of str
        Endings of the files of each unit.
    """
    title = _("Pages of single units")
    return {**_head(context, title), "levels": [_level(context, name, forms) for name in levels]}


def _head(context: Context, title: str) -> dict[str, Any]:
    """What all these pages begin with."""
    configuration = context.configuration
    return {
        "language": current().code,
        "title": title,
        "analysis": context.labels.analysis.title or context.labels.outcome,
        "survey_title": configuration.title,
        "publication": publication(context),
        "date": context.provenance.value.date,
        "version": context.provenance.value.version or "",
        "words": template_words() | _fixed_words(),
    }


def _fixed_words() -> dict[str, str]:
    return {
        "effect": _("Effect"),
        "course": _("Over the waves"),
        "place": _("Place"),
        "meaning": _("What is compared"),
        "limits": _("What this page may not be used for"),
        "no_order": _("The units stand in the order of their ids; these pages are not a ranking."),
    }


def _numbers(context: Context, item: At, unit: At) -> Block:
    """The effect and what it rests on, a line each."""
    rows = [
        row(_("Effect"), points(unit, unit.estimate)),
        row(_("Lower end of the 95% interval"), points(unit, unit.lower)),
        row(_("Upper end of the 95% interval"), points(unit, unit.upper)),
        row(_("Reliability"), fixed(unit.reliability, 2)),
        row(rows_title(context), count(unit.n)),
        row(_("of these in what is compared"), count(unit.n_compared)),
    ]
    caption = say(_("Effect, in {unit}, and what it rests on"), unit=context.labels.unit)
    block = table("numbers", caption, [column(_("Quantity"), "text"), column(_("Value"))], rows)
    finish(block)
    return block


def _number(blocks: list[Block]) -> None:
    """Number tables and figures in reading order."""
    for kind, words in (("table", _("Table {n}")), ("figure", _("Figure {n}"))):
        shown = (block for block in blocks if block["type"] == kind)
        for n, block in enumerate(shown, start=1):
            block["label"] = words.format(n=n)


def _level(context: Context, name: str, forms: tuple[str, ...]) -> dict[str, Any]:
    """The units of a level with their files, or why there are none."""
    item = effects_of(context, name)
    level = context.labels.plural(name)
    told = [] if item is None else units_in_order(item.units)
    return {
        "title": capitalise(level),
        "why": plain_text(_why_none(context, name)) if item is None else "",
        "units": [
            {
                "name": unit_name(unit.unit.value),
                "files": [f"{folder_of(name)}/{file_name(unit.unit.value)}.{e}" for e in forms],
            }
            for unit in told
        ],
    }


def effects_of(context: Context, name: str) -> At | None:
    """The effects of the units of a level, by its name; None where they are not compared."""
    found = (item for item in context.results.effects if item.level.value.unit == name)
    return next((item for item in found if not item.level.value.in_wave), None)


def folder_of(level: str) -> str:
    """The folder with the pages of a level."""
    return file_name((level,))


def _why_none(context: Context, name: str) -> list[Run]:
    for item in context.results.not_compared:
        if item.level.value.unit == name:
            return not_compared_words(context, item)
    template = _("{groups} are not compared in this analysis.")
    return say(template, groups=capitalise(context.labels.plural(name)))
