"""Which variables matter: associations, coefficients, the reduction, and slopes that were tried."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.phrases import is_made, p_adjusted
from mlm.pages.rounding import NOT_APPLICABLE, p_value
from mlm.pages.sections.sampled.coefficients import coefficients_table
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import (
    SIGNED,
    estimate_cells,
    estimate_columns,
    interval_note,
)
from mlm.pages.sections.sampled.reduction import f_cells, reduction_blocks
from mlm.pages.sections.sampled.row_products import row_products_blocks
from mlm.pages.sections.sampled.slopes import slopes_blocks
from mlm.pages.sections.sampled.within_between import within_between_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.same_persons import same_persons_note
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At

QUESTION = N_("Which variables matter?")


def variables_section(context: Context) -> Section:
    """The section on the full model, its reduction, and the settled model."""
    words = _(
        "All coefficients come from one model with every variable at once: each is the difference "
        "between cases alike in the other variables. The settled model is what remains of the full "
        "model after reduction."
    )
    blocks: list[Block] = [paragraph(variables_answer(context), "answer")]
    blocks.append(paragraph(join(words, same_persons_note(context, context.variables[1:]))))
    blocks += _associations(context)
    blocks += [coefficients_table(context)]
    blocks += row_products_blocks(context)
    blocks += within_between_blocks(context)
    blocks += reduction_blocks(context)
    blocks += slopes_blocks(context)
    return Section("variables", _("Variables that matter"), blocks, "3", _(QUESTION))


def variables_answer(context: Context) -> list[Run]:
    """Variables with a clear association, the clearest first, and those without."""
    items = list(context.results.associations)
    alpha = context.labels.analysis.alpha
    tested = [item for item in items if is_made(item.test)]
    clear = [item for item in tested if p_adjusted(item.test).value < alpha]
    unclear = [item for item in tested if p_adjusted(item.test).value >= alpha]
    if not tested:
        return say(_("No variable besides time and policies could be tested."))
    parts = []
    if clear:
        parts.append(
            say(
                _("{outcome} is related to {variables}; the clearest association is the first."),
                outcome=context.labels.outcome,
                variables=enumerate_words([_name(context, item) for item in clear]),
            )
        )
    if unclear:
        parts.append(
            say(
                _("There is no clear evidence of an association with {variables}."),
                variables=enumerate_words([_name(context, item) for item in unclear], _("or")),
            )
        )
    return join(*parts)


def _name(context: Context, item: At) -> str:
    return context.labels.phrase(item.variable.value)


def _associations(context: Context) -> list[Block]:
    """The table of associations and what could not be tested."""
    items = list(context.results.associations)
    if not items:
        return []
    blocks: list[Block] = [_table(context, items)]
    refused = [item for item in items if not is_made(item.test)]
    if refused:
        blocks.append(note("information", _untested(context, refused)))
    return blocks


def association_errors(context: Context) -> list[Block]:
    """What the errors of the effects in the latest wave are made of."""
    told = [
        Told(_effect_name(context, item, effect), effect, SIGNED)
        for item in context.results.associations
        for effect in item.latest
    ]
    caption = say(
        _("Effects in the latest wave: what the errors are made of, in {unit}"),
        unit=context.labels.unit,
    )
    return errors_table("errors-associations", caption, told)


def _untested(context: Context, refused: list[At]) -> list[Run]:
    parts = [
        say(
            _("{names} ({reason})"),
            names=context.labels.variable(item.variable.value),
            reason=sampled_reason_words(item.test.reason, context.labels),
        )
        for item in refused
    ]
    return say(_("Not tested: {parts}."), parts=enumerate_words(parts))


def _effect_name(context: Context, item: At, effect: At) -> str:
    """What an effect compares, and in which wave."""
    labels, variable = context.labels, item.variable.value
    name = labels.variable(variable)
    if not effect.category.missing:
        category = capitalise(labels.category(variable, effect.category.value))
        name = _("{variable}: {group} against {reference}").format(
            variable=name, group=category, reference=labels.reference(variable)
        )
    if effect.wave.missing:
        return name
    return _("{name}, {wave}").format(name=name, wave=labels.wave(effect.wave.value))


def _table(context: Context, items: list[At]) -> Block:
    rows = []
    for item in items:
        tested = _test_cells(item.test)
        effects = list(item.latest)
        if not effects:
            name = context.labels.variable(item.variable.value)
            rows.append(row(name, *[NOT_APPLICABLE] * 4, *tested))
        for place, effect in enumerate(effects):
            name = _effect_name(context, item, effect)
            cells = estimate_cells(effect, SIGNED)
            rows.append(row(name, *cells, *(tested if not place else [""] * 4)))
    columns = [
        column(_("Variable"), "text"),
        *estimate_columns(_("Effect")),
        column("F", group=_("Test of all its terms")),
        column(_("df"), group=_("Test of all its terms")),
        column(_("Denominator df"), group=_("Test of all its terms")),
        column(_("p (Holm)"), group=_("Test of all its terms"), main=True),
    ]
    notes = [
        _(
            "Effect: in the settled model, in the latest wave where it changes over waves, for "
            "each unit more of a number. Its test is of all terms that hold the variable at once; "
            "p is adjusted for the number of variables (Holm)."
        ),
        interval_note(),
    ]
    in_terms = [item for item in items if len(item.terms.value) > 1]
    notes += [
        say(
            _("{variable} stands in the terms {terms}."),
            variable=context.labels.variable(item.variable.value),
            terms=context.labels.terms(item.terms.value),
        )
        for item in in_terms
    ]
    caption = say(
        _("Associations with {outcome}, the clearest first, in {unit}"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    return table("associations", caption, columns, rows, notes)


def _test_cells(found: At) -> list[Any]:
    if not is_made(found):
        return [NOT_APPLICABLE] * 4
    return [*f_cells(found)[:3], p_value(p_adjusted(found))]
