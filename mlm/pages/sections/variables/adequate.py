"""Other models that would do: the smallest adequate ones."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.phrases import error_of, signed_cells
from mlm.pages.rounding import degrees, fixed, number, signed, tally
from mlm.pages.text import join, plain_text, say
from mlm.pages.words.terms import term_words
from mlm.results.coefficient import Term
from mlm.results.reading import At


def adequate_blocks(context: Context) -> list[Block]:
    """The smallest models that the data do not tell from the full one."""
    subsets = list(context.results.reduction.adequate)
    if not subsets:
        return []
    blocks: list[Block] = [heading("adequate", _("Smallest adequate models"))]
    if len(subsets) == 1:
        words = say(
            _(
                "One model is the smallest that stays within the simultaneous bound; it drops "
                "{dropped}."
            ),
            dropped=context.labels.terms(subsets[0].dropped.value) or _("nothing"),
        )
        return [*blocks, paragraph(words), *_estimates(context, subsets)]
    words = say(
        _(
            "The data do not choose between {count} smallest models that stay within the "
            "simultaneous bound."
        ),
        count=tally(derive("count", context.results.reduction.adequate)),
    )
    words = join(words, _place_words(context, subsets))
    if context.path_with_slopes:
        words = join(words, say(_("They are compared with random intercepts alone.")))
    always = _in_all(subsets)
    if always:
        words = join(words, say(_("All of them keep {terms}."), terms=context.labels.terms(always)))
    rows = [
        row(
            str(position),
            plain_text(context.labels.terms(item.dropped.value)),
            fixed(item.statistic, 1),
            degrees(item.df),
        )
        for position, item in enumerate(subsets, start=1)
    ]
    columns = [
        column(_("Model"), "text"),
        column(_("Terms it drops from the full model"), "text"),
        column(_("Cost in deviance")),
        column(_("df")),
    ]
    return [
        *blocks,
        paragraph(words),
        table("adequate", _("Smallest adequate models"), columns, rows),
        *_estimates(context, subsets),
    ]


def _place_words(context: Context, subsets: list[At]) -> str:
    """Which of them is the model that stepwise dropping found."""
    path = context.results.reduction.path
    found = {step.dropped.value for step in path if not step.dropped.missing}
    for position, item in enumerate(subsets, start=1):
        if set(item.dropped.value) == found:
            text = _("The model that stepwise dropping found above is number {position}.")
            return text.format(position=position)
    if any(found < set(item.dropped.value) for item in subsets):
        return _(
            "The model that stepwise dropping found above is not among them: it keeps more terms "
            "than the smallest need."
        )
    return _("The model that stepwise dropping found above is not among them.")


def _estimates(context: Context, subsets: list[At]) -> list[Block]:
    """How far each coefficient depends on which of the models is taken."""
    found: dict[Term, list[At]] = {}
    for item in subsets:
        for effect in item.reml.fixed:
            found.setdefault(effect.term.value, []).append(effect)
    if not found:
        return []
    final = {effect.term.value: effect for effect in context.final.fixed}
    order = [effect.term.value for effect in context.results.full.reml.fixed]
    rows: list = []
    heading_now = None
    for term in sorted(found, key=lambda name: order.index(name) if name in order else len(order)):
        name = term_words(term, context.labels)
        if name.heading not in (heading_now, name.label):
            rows.append(group_row(name.heading))
        heading_now = name.heading
        cells = [*signed_cells(final.get(term)), *_range_cells(term, found[term], len(subsets))]
        rows.append(row(name.label, *cells, indented=name.label != name.heading))
    columns = [
        column(_("Term"), "text"),
        column(_("Estimate"), group=_("Final model")),
        column(_("SE"), group=_("Final model")),
        column(_("In models")),
        column(_("Lowest"), group=_("Estimates of these")),
        column(_("Highest"), group=_("Estimates of these")),
    ]
    caption = say(
        _("Coefficients in the smallest adequate models, in {unit} (REML)"),
        unit=context.labels.unit,
    )
    notes = [
        _(
            "All models with random intercepts. Where a model lacks the products of a variable, "
            "its coefficient stands for all cases, elsewhere for the reference of the others."
        )
    ]
    return [table("adequate-estimates", caption, columns, rows, notes)]


def _range_cells(term: Term, effects: list[At], models: int) -> list:
    shown = signed if term else number
    lowest = min(effects, key=lambda effect: effect.estimate.value)
    highest = max(effects, key=lambda effect: effect.estimate.value)
    error = min((error_of(effect) for effect in effects), key=lambda node: node.value)
    ends = [shown(effect.estimate, error) for effect in (lowest, highest)]
    return [_("{count} of {models}").format(count=len(effects), models=models), *ends]


def _in_all(subsets: list[At]) -> list[Term]:
    """Terms that every one of the models keeps, in the order of the first."""
    others = [set(item.terms.value) for item in subsets[1:]]
    return [term for term in subsets[0].terms.value if all(term in other for other in others)]
