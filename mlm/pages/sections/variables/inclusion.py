"""How sure the choice of terms is: how often the reduction keeps each when data are drawn again."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import NOT_AVAILABLE, Number, percent, tally
from mlm.pages.sections.variables.words import held_by_slopes
from mlm.pages.text import Run, join, say
from mlm.results.reading import At


def inclusion_blocks(context: Context) -> list[Block]:
    """How often the reduction keeps each term, in draws from the model and of units."""
    found = context.results.inclusion
    if found.missing or found.terms.empty:
        return []
    caption = _("How often the reduction keeps each term")
    return [
        heading("inclusion", _("How sure the choice of terms is")),
        paragraph(_words(context, found)),
        table("inclusion", caption, _columns(context, found), _rows(context, found)),
    ]


def _words(context: Context, found: At) -> list[Run]:
    words = say(
        _(
            "The reduction was repeated on {replicates} sets of data drawn from the full model, "
            "its variances estimated anew each time as few groups judge some of the terms. It "
            "ended at the same model as here in {same} of them, at {models} different models in "
            "all."
        )
        if found.refitted.value
        else _(
            "The reduction was repeated on {replicates} sets of data drawn from the full model, "
            "its variances held. It ended at the same model as here in {same} of them, at "
            "{models} different models in all."
        ),
        **_figures(found),
    )
    resampled = found.resampled
    if not resampled.empty:
        words = join(words, _resampled_words(context, resampled))
    elif context.crossed_units:
        text = _(
            "It was not repeated on sets of whole groups: {units} who change their group belong to "
            "several."
        )
        words = join(words, text.format(units=context.crossed_units[0]))
    elif context.beside:
        text = _(
            "It was not repeated on sets of whole groups, as {units} are crossed with {others}."
        )
        words = join(words, text.format(**context.beside))
    return join(
        words,
        _(
            "Terms that are kept in some draws and not in others are uncertain; those protected, "
            "and those whose effects differ between groups, are not listed."
        )
        if held_by_slopes(context)
        else _(
            "Terms that are kept in some draws and not in others are uncertain; those protected "
            "are not listed."
        ),
    )


def _resampled_words(context: Context, resampled: At) -> list[Run]:
    words = say(
        _(
            "It was also repeated on {replicates} sets of whole {groups}, drawn from those at hand "
            "with replacement; this does not rely on the distributions that the model assumes. "
            "There it ended at the same model as here in {same}, at {models} different models in "
            "all."
        ),
        groups=context.labels.plural(resampled.level.value),
        **_figures(resampled),
    )
    if not resampled.failed.value:
        return words
    return join(
        words,
        say(
            _("Sets in which effects could not be told apart are not counted: {failed}."),
            failed=tally(resampled.failed),
        ),
    )


def _figures(found: At) -> dict[str, Number]:
    return {
        "replicates": tally(found.replicates),
        "same": percent(found.same_model, 0).bold(),
        "models": tally(found.models),
    }


def _columns(context: Context, found: At) -> list[dict[str, str]]:
    resampled = found.resampled
    kept = [column(_("Kept in"))]
    if not resampled.empty:
        groups = context.labels.plural(resampled.level.value)
        again = capitalise(_("{groups} drawn again").format(groups=groups))
        kept = [
            column(_("Data drawn from the model"), group=_("Kept in")),
            column(again, group=_("Kept in")),
        ]
    return [column(_("Term"), "text"), *kept, column(_("In the settled model"), "text")]


def _rows(context: Context, found: At) -> list[dict]:
    resampled = found.resampled
    rows = []
    for item in found.terms:
        kept = [percent(item.kept, 0)]
        if not resampled.empty:
            again = resampled.terms.find(term=item.term.value)
            kept.append(NOT_AVAILABLE if again is None else percent(again.kept, 0))
        last = _("yes") if item.in_settled.value else _("no")
        rows.append(row(context.labels.term(item.term.value), *kept, last))
    return rows
