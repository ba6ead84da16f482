"""The path to the settled model in one table: random part, slopes, mean."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import CONSERVATIVE, is_conservative, is_made, p_adjusted
from mlm.pages.rounding import degrees, fixed, p_value
from mlm.pages.sections.slopes.words import slope_name
from mlm.pages.text import enumerate_words, plain_text, say
from mlm.pages.words.references import distribution_words
from mlm.pages.words.wave_forms import wave_form
from mlm.results.reading import At

EMPTY = "–"


def path_blocks(context: Context) -> list[Block]:
    """How the settled model was reached, step by step."""
    rows = [
        *_group(_("Random part: simpler forms over the waves"), _form_rows(context)),
        *_group(_("Slopes"), _slope_rows(context)),
        *_group(_("Mean: terms dropped"), _mean_rows(context)),
    ]
    blocks: list[Block] = [heading("path-settled", _("The path to the settled model"))]
    blocks += [paragraph(words) for words in _form_words(context)]
    if not rows:
        return blocks
    columns = [
        column(_("Step"), "text"),
        column(_("Statistic"), group=_("Test")),
        column(_("df"), group=_("Test")),
        column(_("Reference distribution"), "text", group=_("Test")),
        column("p", group=_("Test")),
        column(_("Taken"), "text"),
    ]
    notes: list = [
        _(
            "Random part: by REML under the full mean, from the richest form that each level "
            "carries; of all next simpler forms the one that loses least is taken while its test "
            "allows it. Slopes: by REML, one at a time, p adjusted for all that were tested "
            "(Holm). Mean: as in the section on variables."
        )
    ]
    if any(is_conservative(step.test) for step in context.results.settled.random_part.path):
        notes.append(_(CONSERVATIVE))
    return [*blocks, table("path-settled", _("Path to the settled model"), columns, rows, notes)]


def _group(title: str, rows: list) -> list:
    return [group_row(title), *rows] if rows else []


def _form_words(context: Context) -> list:
    """The form of every level that recurs."""
    levels = [item for item in context.results.settled.random_part.levels if item.recurs.value]
    if not levels:
        return []
    parts = [
        say(
            _("{units}: {form}"),
            units=context.labels.plural(item.level.value),
            form=wave_form(item.form.value),
        )
        for item in levels
    ]
    return [say(_("Effects over the waves: {parts}."), parts=enumerate_words(parts))]


def _form_rows(context: Context) -> list:
    rows = []
    for step in context.results.settled.random_part.path:
        template = (
            _("{units}: {form} (beside slopes)")
            if step.beside_slopes.value
            else _("{units}: {form}")
        )
        name = template.format(
            units=context.title_of(step.level.value), form=wave_form(step.form.value)
        )
        rows.append(_tested_row(name, step.test, step.test.p_value, step.taken.value))
    return rows


def _slope_rows(context: Context) -> list:
    rows = []
    for item in context.results.slopes:
        if item.kind.value == "tested" and is_made(item.test):
            name = _("{effect} between {units}").format(
                effect=slope_name(context, item),
                units=context.labels.plural(item.level.value),
            )
            rows.append(_tested_row(name, item.test, p_adjusted(item.test), item.kept.value))
    return rows


def _tested_row(name: str, test: At, p: At, taken: bool) -> dict:
    return row(
        name,
        fixed(test.statistic, 1),
        degrees(test.df),
        distribution_words(test.reference),
        p_value(p),
        _("yes") if taken else _("no"),
        indented=True,
    )


def _mean_rows(context: Context) -> list:
    rows = []
    for step in context.results.reduction.path:
        if not step.dropped.value:
            continue
        name, f = plain_text(context.labels.terms(step.dropped.value)), EMPTY
        if not step.denominator.missing:
            denominator = degrees(step.denominator)
            f = say("F({df}, {denominator})", df=degrees(step.df), denominator=denominator)
        tests = (fixed(step.statistic, 1), degrees(step.df), f, p_value(step.p_value))
        rows.append(row(name, *tests, _("yes"), indented=True))
    return rows
