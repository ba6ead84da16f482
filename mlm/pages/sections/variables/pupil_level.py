"""The pupil level in the report: products that were tried, what they move, slopes within units."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.node import Node
from mlm.pages.numbers import (
    decimals_for_size,
    degrees,
    fixed,
    number,
    p_value,
    signed,
)
from mlm.pages.phrases import error_of, test, unsigned
from mlm.pages.terms import read_term
from mlm.pages.text import Run, join, say


def pupil_level_blocks(context: Context) -> list[Block]:
    """Tests of pupil-level products and squares, and what moves without them."""
    found = context.results.get("pupil_level")
    if found.empty or (found["block"].missing and found["moved"].missing):
        return []
    blocks = [heading("pupil-level", _("Products at the lowest level"))]
    if not found["block"].missing and not found["block"]["p_value"].missing:
        blocks += [paragraph(_block_words(context, found)), _tests_table(context, found)]
    moved = found["moved"]
    if not moved.missing and not moved["coefficients"].empty:
        blocks += [paragraph(_moved_words(context, moved)), _moved_table(context, moved)]
        blocks.append(_components_table(context, moved))
    return blocks


def _block_words(context: Context, found: Node) -> list[Run]:
    clear = found["block"]["p_value"].value < context.labels.analysis.alpha
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
    words = join(first, say(verdict, test=test(found["block"])))
    alpha = context.labels.analysis.alpha
    single = [item for item in found["terms"] if not item["p_holm"].missing]
    lacking = [item["term"].value for item in single if item["p_holm"].value < alpha]
    if clear and lacking:
        advice = _(
            "Singly clear: {terms}. The models of this report do not hold them; they will when "
            "they are named among the terms of the analysis."
        )
        words = join(words, say(advice, terms=context.labels.terms(lacking)))
    if found["left_out"].empty:
        return words
    terms = context.labels.terms(found["left_out"].value)
    return join(words, say(_("Not tried, being too many: {terms}."), terms=terms))


def _tests_table(context: Context, found: Node) -> Block:
    rows = [
        row(
            context.labels.term(item["term"].value),
            fixed(item["statistic"], 1),
            degrees(item["df"]),
            p_value(item["p_value"]),
            p_value(item["p_holm"]),
        )
        for item in found["terms"]
        if not item["p_value"].missing
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


def _moved_words(context: Context, moved: Node) -> list[Run]:
    largest = max(moved["coefficients"], key=lambda item: abs(item["change_in_se"].value))
    return say(
        _(
            "Without {terms}, the coefficient of a group variable moves by at most {change} of its "
            "standard errors ({name})."
        ),
        terms=context.labels.terms(moved["removed"].value),
        change=fixed(unsigned(largest["change_in_se"]), 2).bold(),
        name=read_term(largest["term"].value, context.labels).full,
    )


def _moved_table(context: Context, moved: Node) -> Block:
    rows = [
        row(
            read_term(item["term"].value, context.labels).full,
            signed(item["with"], item["with_se"]),
            number(item["with_se"], item["with_se"]),
            signed(item["without"], item["without_se"]),
            number(item["without_se"], item["without_se"]),
            fixed(item["change_in_se"], 2),
        )
        for item in moved["coefficients"]
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
    return table("pupil-level-moved", caption, columns, rows)


def _components_table(context: Context, moved: Node) -> Block:
    variances = [i["with"].value for i in moved["components"] if i["with"].value]
    decimals = max((decimals_for_size(variance, 2) for variance in variances), default=1)
    rows = [
        row(
            context.title_of(i["level"].value),
            fixed(i["with"], decimals),
            fixed(i["without"], decimals),
        )
        for i in moved["components"]
    ]
    columns = [
        column(_("Level"), "text"),
        column(_("With the products")),
        column(_("Without them")),
    ]
    caption = _("Variances with and without the products of the lowest level (REML)")
    return table("pupil-level-variances", caption, columns, rows)


def between_blocks(context: Context) -> list[Block]:
    """Effects within and between units of the variables that are split."""
    items = [item for item in context.results.get("between") if not item["means"].empty]
    if not items:
        return []
    rows = []
    for item in items:
        for mean in item["means"]:
            cells = []
            for part in (item["within"], mean["between"], mean["contextual"]):
                cells += [
                    signed(part["estimate"], error_of(part)),
                    number(error_of(part), error_of(part)),
                ]
            rows.append(
                row(
                    context.labels.variable(item["variable"].value),
                    context.title_of(mean["level"].value),
                    _("Full model") if item["model"].value == "full" else _("Final model"),
                    *cells,
                    p_value(mean["contextual"]["p_value"]),
                )
            )
    columns = [
        column(_("Variable"), "text"),
        column(_("Units"), "text"),
        column(_("Model"), "text"),
    ]
    for group in (_("Within units"), _("Between units"), _("Contextual")):
        columns += [column(_("Slope"), group=group), column(_("SE"), group=group)]
    columns.append(column("p", group=_("Contextual")))
    words = say(
        _(
            "A unit's mean is taken apart from the variable itself. Contextual: between units "
            "minus within units, what a higher mean of the unit goes with for cases alike in the "
            "variable. The means are over the rows at hand, not over the whole unit."
        )
    )
    caption = _("Slopes within and between units (REML)")
    return [
        heading("between", _("Within and between units")),
        paragraph(words),
        table("between", caption, columns, rows),
    ]
