"""The pupil level in the report: products that were tried, and what they move."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.phrases import is_clear, is_made, p_adjusted, test, unsigned
from mlm.pages.rounding import degrees, fixed, number, p_value, signed
from mlm.pages.text import Run, join, leaning, say
from mlm.pages.words.terms import term_words
from mlm.results.reading import At


def pupil_level_blocks(context: Context) -> list[Block]:
    """Tests of pupil-level products and squares, and what moves without them."""
    found = context.results.pupil_level
    if found.block.missing and found.moved.missing:
        return []
    blocks = [heading("pupil-level", _("Products at the lowest level"))]
    if is_made(found.block):
        blocks += [paragraph(products_words(context, found)), _tests_table(context, found)]
    moved = found.moved
    if not moved.missing and not moved.coefficients.empty:
        blocks += [paragraph(_moved_words(context, moved)), _moved_table(context, moved)]
        blocks.append(_components_table(context, moved))
    return blocks


def products_words(context: Context, found: At) -> list[Run]:
    """What was tried, whether it improves the model together, and what is clear alone."""
    alpha = context.labels.analysis.alpha
    clear = is_clear(found.block, alpha)
    verdict = (
        _("Together they improve the full model: {test}.")
        if clear
        else _("Together they do not improve the full model: {test}.")
    )
    first = say(
        _(
            "Pairwise products and squares of the variables of the lowest levels that the full "
            "model lacks were added to it. A relation that is wrong there shows up as differences "
            "between groups."
        )
    )
    words = join(first, say(verdict, test=test(found.block)))
    lacking = [item.term.value for item in _tried(found) if p_adjusted(item.test).value < alpha]
    if clear and lacking:
        advice = _(
            "Clear one by one: {terms}. They are not in the models of this report; name "
            "them among the terms of the analysis to include them."
        )
        words = join(words, say(advice, terms=context.labels.terms(lacking)))
    if found.left_out.empty:
        return words
    terms = context.labels.terms(found.left_out.value)
    return join(words, say(_("Not tried, being too many: {terms}."), terms=terms))


def _tried(found: At) -> list[At]:
    """The products and squares whose test was made."""
    return [item for item in found.terms if is_made(item.test)]


def _tests_table(context: Context, found: At) -> Block:
    rows = [
        row(
            context.labels.term(item.term.value),
            fixed(item.test.statistic, 1),
            degrees(item.test.df),
            p_value(item.test.p_value),
            p_value(p_adjusted(item.test)),
        )
        for item in _tried(found)
    ]
    columns = [
        column(_("Term"), "text"),
        column("χ²"),
        column(_("df")),
        column("p"),
        column(_("p (Holm)")),
    ]
    note = _("p (Holm): adjusted for the number of terms that were tried.")
    caption = _("Each product or square added alone to the full model (ML)")
    return table("pupil-level", caption, columns, rows, [note])


MUCH = 1.0  # standard errors from which a coefficient says something else
MEANT = {
    False: N_("That is within its error: the effects of groups do not rest on these terms."),
    True: N_(
        "That is more than its error: the coefficient is the effect at another place once they are "
        "in the model, and must be read together with them."
    ),
}


def _moved_words(context: Context, moved: At) -> list[Run]:
    largest = max(moved.coefficients, key=lambda item: abs(item.change_in_se.value))
    size = abs(largest.change_in_se.value)
    return join(_largest_words(context, moved, largest), leaning(say(_(MEANT[size > MUCH]))))


def _largest_words(context: Context, moved: At, largest: At) -> list[Run]:
    return say(
        _(
            "Without {terms}, the coefficient of a group variable moves by at most {change} of its "
            "standard errors ({name})."
        ),
        terms=context.labels.terms(moved.removed.value),
        change=fixed(unsigned(largest.change_in_se), 2).bold(),
        name=term_words(largest.term.value, context.labels).full,
    )


def _moved_table(context: Context, moved: At) -> Block:
    rows = [
        row(
            term_words(item.term.value, context.labels).full,
            signed(item.estimate, item.std_error),
            number(item.std_error, item.std_error),
            signed(item.estimate_without, item.std_error_without),
            number(item.std_error_without, item.std_error_without),
            fixed(item.change_in_se, 2),
        )
        for item in moved.coefficients
    ]
    columns = [
        column(_("Coefficient"), "text"),
        column(_("Estimate"), group=_("With the products")),
        column(_("SE"), group=_("With the products")),
        column(_("Estimate"), group=_("Without them")),
        column(_("SE"), group=_("Without them")),
        column(_("Change in SE")),
    ]
    caption = _("Group variables with and without the products of the lowest level (REML)")
    return table("pupil-level-moved", caption, columns, rows, folded=True)


def _components_table(context: Context, moved: At) -> Block:
    rows = [
        row(
            context.title_of(i.level.value),
            number(i.variance),
            number(i.variance_without),
        )
        for i in moved.components
    ]
    columns = [
        column(_("Level"), "text"),
        column(_("With the products")),
        column(_("Without them")),
    ]
    caption = _("Variances with and without the products of the lowest level (REML)")
    return table("pupil-level-variances", caption, columns, rows, folded=True)
