"""The way from the full model to the settled one, by Wald tests with the errors of the sample."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.phrases import is_made, test
from mlm.pages.rounding import NOT_APPLICABLE, degrees, fixed, p_value, plain, tally
from mlm.pages.text import Run, join, plain_text, say
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At


def reduction_blocks(context: Context) -> list[Block]:
    """How terms left, with their tests, and one test of all of them."""
    title = heading("reduction", _("From the full model to the settled model"))
    blocks: list[Block] = [title, paragraph(reduction_words(context))]
    if len(context.results.reduction.path) > 1:
        blocks.append(_path_table(context))
    return blocks


def reduction_words(context: Context) -> list[Run]:
    """Which terms left, which might not, and whether they have an effect together."""
    found, labels = context.results.reduction, context.labels
    words = say(
        _(
            "Terms leave the full model one after another as long as a Wald F test with the errors "
            "of the sample has a p of {alpha} or more."
        ),
        alpha=plain(found.alpha),
    )
    if not found.protected.empty:
        words = join(
            words,
            say(
                _("These were kept whatever their test: {terms}."),
                terms=labels.terms(found.protected.value),
            ),
        )
    if found.dropped.empty:
        return join(words, _("None left: the settled model has all terms of the full model."))
    left = say(_("{terms} left."), terms=labels.terms(found.dropped.value))
    return join(words, left, _joint_words(context, found.joint))


def _joint_words(context: Context, joint: At) -> list[Run]:
    """One test of all that left; nothing where none was asked for."""
    if joint.missing:
        return []
    if is_made(joint):
        return say(
            _("Tested together in the full model, the terms that left give {test}."),
            test=test(joint),
        )
    return say(
        _("The terms that left were not tested together: {reason}."),
        reason=sampled_reason_words(joint.reason, context.labels),
    )


def f_cells(found: At) -> list[Any]:
    """Statistic, degrees of freedom and p of a Wald F test."""
    denominator: Any = "∞"
    if found.reference.kind.value == "F" and not found.reference.denominator.missing:
        denominator = degrees(found.reference.denominator)
    return [fixed(found.statistic, 1), degrees(found.df), denominator, p_value(found.p_value)]


def _path_table(context: Context) -> Block:
    rows = []
    path = list(context.results.reduction.path)
    for position, step in enumerate(path):
        cells = [NOT_APPLICABLE] * 4 if step.test.missing else f_cells(step.test)
        dropped = plain_text(context.labels.terms(step.dropped.value))
        number = tally(derive("items", *(other.terms for other in path[:position])))
        left = tally(derive("items", *step.terms))
        rows.append(row(number, dropped or context.model_title("full"), *cells, left))
    columns = [
        column(_("Step")),
        column(_("Dropped"), "text", main=True),
        column("F"),
        column(_("df")),
        column(_("Denominator df")),
        column("p", main=True),
        column(_("Terms left")),
    ]
    return table("path", _("Path of the reduction (Wald F tests)"), columns, rows)
