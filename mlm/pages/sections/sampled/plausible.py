"""Plausible values: which columns they are, and what they are for."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.rounding import tally
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.results.reading import At

COLUMNS_NAMED = 4  # that are named one by one


def plausible_blocks(context: Context) -> list[Block]:
    """The scores that are known by draws; nothing where the outcome is observed."""
    scores = list(context.results.scores)
    if not scores:
        return []
    return [
        heading("sample-scores", _("Plausible values")),
        paragraph(_what_words(context)),
        _table(context, scores),
    ]


def _what_words(context: Context) -> list[Run]:
    words = say(
        _(
            "Plausible values are draws of the score that each of the {rows} may have, given the "
            "answers to the questions asked; they are made to describe groups, not single {rows}."
        ),
        rows=context.rows_word,
    )
    fits = say(
        _(
            "Every model is fitted {draws} times, once to each. An estimate is the mean of these "
            "fits, and their differences count as error of measurement."
        ),
        draws=tally(context.results.draws),
    )
    return join(words, fits)


def _table(context: Context, scores: list[At]) -> Block:
    nested = any(not item.nests.missing for item in scores)
    rows = []
    for item in scores:
        cells = [
            tally(derive("items", *item.columns)),
            plain_text(columns_words(item.columns.value)),
        ]
        if nested:
            cells.append(_("not nested") if item.nests.missing else tally(item.nests))
        rows.append(row(context.labels.variable(item.score.value), *cells))
    columns = [
        column(_("Score"), "text"),
        column(_("Draws"), main=True),
        column(_("Columns"), "text"),
        *([column(_("Nests"))] if nested else []),
    ]
    notes = []
    if nested:
        notes.append(_("Nests: draws of one nest share what was drawn before them, and vary less."))
    return table("sample-scores", _("Scores with plausible values"), columns, rows, notes)


def columns_words(names: Sequence[str]) -> list[Run]:
    """Columns one by one, or from the first to the last where they are many."""
    if len(names) <= COLUMNS_NAMED:
        return enumerate_words(list(names))
    return say(_("{first} to {last}"), first=names[0], last=names[-1])
