"""How much of the variation lies at each level, in a sentence or two."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import share
from mlm.pages.rounding import percent
from mlm.pages.sections.over_time.course import curve_name, departs_from_line
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.null_model import null_content
from mlm.pages.words.whole import rounded_words
from mlm.results.reading import At


def variation_answer(context: Context) -> list[Run]:
    """The answer in a sentence or two."""
    shares = [item for item in context.results.null.shares if not item.variance.missing]
    present = [item for item in shares if item.variance.value > 0]
    empty = [item for item in shares if item.variance.value <= 0]
    if not shares:
        return say(_("The variation could not be divided over levels."))
    parts = [
        say(_("{share} lies {where}"), share=share(i), where=_where(context, i)) for i in present
    ]
    sentences = [
        say(
            _("Of the variation in {outcome} {beside}, {parts}{rounded}."),
            outcome=context.labels.outcome,
            beside=_beside(context),
            parts=enumerate_words(parts),
            rounded=rounded_words([percent(item.share) for item in present]),
        )
    ]
    sentences += [
        say(
            _("No variation {where} was found: its estimate is zero."),
            where=_where(context, item),
        )
        for item in empty
    ]
    if departs_from_line(context):
        sentences.append(
            say(
                _(
                    "The waves depart from this {line}: what they depart by counts as variation "
                    "too."
                ),
                line=curve_name(context),
            )
        )
    left_out = [note for note in context.results.notes if note.kind.value == "level_left_out"]
    return join(*sentences, *(_untold(context, note) for note in left_out))


def bars_words(context: Context) -> list[Run]:
    """How to read the bars of shares."""
    return say(
        _(
            "Each bar is the whole variation that a model leaves; its pieces are the "
            "levels, from the highest at the left. The null model contains {null}; the "
            "settled model also the variables that were kept. The figures give the share "
            "in per cent."
        ),
        null=null_content(context),
    )


def _untold(context: Context, note: At) -> list[Run]:
    """Why the variation between some units is not told."""
    groups = context.labels.plural(note.level.value)
    if note.terms.empty:
        template = _("How much {groups} differ cannot be told: the rows are of too few of them.")
        return say(template, groups=groups)
    return say(
        _("How much {groups} differ beyond {terms} cannot be told: nothing is left beside them."),
        groups=groups,
        terms=context.labels.terms(note.terms.value),
    )


def _beside(context: Context) -> str:
    if not context.is_longitudinal:
        return _("around the overall mean")
    is_trend = context.results.time.coding.value != "categories"
    if not is_trend:
        return _("around the mean of each wave")
    return _("around a {line} over the waves").format(line=curve_name(context))


def _where(context: Context, item: At) -> str:
    return context.between_units(item.level.value)
