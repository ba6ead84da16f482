"""How far what is told depends on the weights: other scalings, and all rows alike."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, bullets, column, figure, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.phrases import unsigned
from mlm.pages.rounding import NOT_APPLICABLE, Number, decimals_for_size, fixed, percent, signed
from mlm.pages.sections.sampled.estimates import decimals_of
from mlm.pages.sections.sampled.robustness.influence import influence_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.sample_design import scaling_words
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.pages.words.terms import term_words
from mlm.results.reading import At

QUESTION = N_("How far do the answers depend on the weights?")
LARGE = 1.0  # standard errors from which a difference is called large


def sensitivity_section(context: Context) -> Section | None:
    """The section on other scalings and on unweighted rows; None where rows have no weights."""
    found = context.results.sensitivity
    if found.missing:
        return None
    blocks: list[Block] = [paragraph(sensitivity_answer(context), "answer")]
    if _made(context):
        blocks += [_figure(context), _shares_table(context), _coefficients_table(context)]
    refused = [item for item in found.scalings if item.kind.value == "refused"]
    if refused:
        blocks.append(bullets([_refused(context, item) for item in refused]))
    blocks += influence_blocks(context)
    return Section("sensitivity", _("Other weights"), blocks, "", _(QUESTION))


def _made(context: Context) -> list[At]:
    return [item for item in context.results.sensitivity.scalings if item.kind.value == "made"]


def sensitivity_answer(context: Context) -> list[Run]:
    """What moves most under other scalings and without weights, and what that means."""
    found = context.results.sensitivity
    return join(
        _scalings_words(context, found.largest),
        _unscaled(context, found.largest_unscaled),
        _unweighted(context, found),
    )


def _scalings_words(context: Context, most: At) -> list[Run]:
    if most.missing:
        return say(_("How far the scaling of the weights matters is not known."))
    template = (
        _(
            "The scaling of the weights matters: {what} moves by {size} standard errors with "
            "the scaling “{scaling}”."
        )
        if abs(most.in_se.value) >= LARGE
        else _(
            "The scaling of the weights matters little: what moves most is {what}, by {size} "
            "standard errors with the scaling “{scaling}”."
        )
    )
    return say(template, **_moved(context, most))


def _unscaled(context: Context, most: At) -> list[Run]:
    """What weights as they are given would move, where that is much."""
    if most.missing or abs(most.in_se.value) < LARGE:
        return []
    return say(
        _(
            "With the weights as they are given {what} would move by {size} standard errors. That "
            "is no doubt about the answers: without scaling, the variance between units comes out "
            "too large, the more so the fewer rows a unit has."
        ),
        **_moved(context, most),
    )


def _unweighted(context: Context, found: At) -> list[Run]:
    most = found.largest_unweighted
    if most.missing:
        return []
    words = (
        _(
            "Without weights, {what} moves by {size} standard errors. So large a difference means "
            "that {units} were drawn with chances that go with the outcome: only the weighted "
            "results describe the population."
        )
        if abs(most.in_se.value) >= LARGE
        else _(
            "Without weights, what moves most is {what}, by {size} standard errors: no strong "
            "sign that {units} were drawn with chances that go with the outcome."
        )
    )
    return say(words, **_moved(context, most))


def _moved(context: Context, most: At) -> dict[str, Any]:
    if most.term.missing:
        what = _("the share of the variance {where}").format(
            where=context.between_units(most.level.value)
        )
    else:
        name = term_words(most.term.value, context.labels).full
        what = _("the coefficient “{name}”").format(name=name)
    scaling = scaling_words(most.scaling.value)
    levels = [item.level.value for item in context.results.sample.weights]
    units = enumerate_words([context.labels.plural(level) for level in levels], _("or"))
    size = fixed(unsigned(most.in_se), 2)
    return {"what": what, "size": size, "scaling": scaling, "units": units}


def _refused(context: Context, item: At) -> list[Run]:
    return say(
        _("No result is given for the scaling “{scaling}”: {reason}."),
        scaling=scaling_words(item.scaling.value),
        reason=sampled_reason_words(item.reason, context.labels),
    )


def _title_of(item: At) -> str:
    """A scaling, and whether it is that of the analysis."""
    name = scaling_words(item.scaling.value)
    return _("{name} (chosen)").format(name=name) if item.chosen.value else name


def _figure(context: Context) -> Block:
    """How far each share and coefficient moves, in its standard errors."""
    data: dict[str, list[Any]] = {"what": [], "scaling": [], "in_se": []}
    for item in _made(context):
        if item.chosen.value:
            continue
        for share in item.shares:
            groups = context.labels.plural(share.level.value)
            _mark(data, _("Share of {groups}").format(groups=groups), item, share)
        for term in item.coefficients:
            _mark(data, term_words(term.term.value, context.labels).full, item, term)
    scalings = list(dict.fromkeys(data["scaling"]))
    return figure(
        "scalings",
        "scalings",
        _("What moves under other weights"),
        _(
            "One row for the share of each level and for each coefficient of the settled model. "
            "Each mark is the difference between the answer with other weights and the answer "
            "told, in standard errors of the latter."
        ),
        join(
            _("Marks of differences by share and coefficient, one a scaling."),
            sensitivity_answer(context),
        ),
        data,
        {
            "x": _("Difference (standard errors)"),
            "places": {name: place for place, name in enumerate(scalings, start=1)},
        },
        unit=_("standard errors"),
    )


def _mark(data: dict[str, list[Any]], what: str, item: At, value: At) -> None:
    data["what"].append(what)
    data["scaling"].append(scaling_words(item.scaling.value))
    data["in_se"].append(NOT_APPLICABLE if value.in_se.missing else fixed(value.in_se, 2))


def _shares_table(context: Context) -> Block:
    made = _made(context)
    levels = [share.level.value for share in made[0].shares]
    rows = []
    for item in made:
        cells: list[Any] = []
        for level in levels:
            found = item.shares.find(level=level)
            cells += [percent(found.estimate), _in_se(found, item)]
        rows.append(row(_title_of(item), *cells))
    columns = [column(_("Weights"), "text")]
    for level in levels:
        group = context.title_of(level)
        columns += [column(_("Share"), group=group, main=True), column(_("In SE"), group=group)]
    caption = _("Shares of the levels in the variance of the settled model, with other weights")
    return table("scalings-shares", caption, columns, rows, [_in_se_note()])


def _in_se(found: At, item: At) -> Number | str:
    if item.chosen.value or found.in_se.missing:
        return NOT_APPLICABLE
    return signed(found.in_se, decimals=2)


def _in_se_note() -> str:
    return _("In SE: difference from the answer told, in standard errors of the latter.")


def _coefficients_table(context: Context) -> Block:
    made = _made(context)
    rows = []
    for place, first in enumerate(made[0].coefficients):
        term = first.term.value
        told = context.results.settled.fixed.find(term=term)
        cells: list[Any] = []
        for item in made:
            value = item.coefficients[place]
            decimals = (
                decimals_for_size(value.estimate.value) if told is None else decimals_of(told)
            )
            form = signed if term else fixed
            cells += [form(value.estimate, decimals=decimals), _in_se(value, item)]
        rows.append(row(term_words(term, context.labels).full, *cells))
    columns = [column(_("Term"), "text")]
    for item in made:
        group = _title_of(item)
        columns += [
            column(_("Estimate"), group=group, main=item is made[0]),
            column(_("In SE"), group=group),
        ]
    caption = say(
        _("Coefficients of the settled model with other weights, in {unit}"),
        unit=context.labels.unit,
    )
    return table("scalings-coefficients", caption, columns, rows, [_in_se_note()])
