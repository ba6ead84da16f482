"""Other models that would do: the minimal adequate ones."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _, ngettext
from mlm.pages.phrases import error_of, signed_cells
from mlm.pages.rounding import NOT_APPLICABLE, degrees, fixed, number, plain, signed, tally
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.pages.words.terms import term_words
from mlm.results.coefficient import Term
from mlm.results.reading import At


def adequate_blocks(context: Context) -> list[Block]:
    """The models within the bound that no further term can leave."""
    subsets = list(context.results.reduction.adequate)
    if not subsets:
        return []
    blocks: list[Block] = [heading("adequate", _("Minimal adequate models"))]
    words = join(_count_words(context, subsets), _level_words(context))
    if context.results.reduction.minimal.models.value == 1:
        return [*blocks, paragraph(words), *_estimates(context, subsets)]
    words = join(words, _place_words(context, subsets), _dropped_words(context, subsets))
    rows = [
        row(
            tally(derive("items", *(other.df for other in subsets[:position]))),
            _kept_beside(context, item),
            fixed(item.statistic, 1),
            degrees(item.df),
            *_lacking_cells(context, item),
        )
        for position, item in enumerate(subsets, start=1)
    ]
    always, beside = _always(context), _("Terms it keeps beside those that all keep")
    columns = [
        column(_("Model")),
        column(_("Terms it keeps") if not always else beside, "text", main=True),
        column(_("Cost in deviance")),
        column(_("df")),
        column(_("Effect"), "text", group=_("Clearest effect it lacks")),
        column("|z|", group=_("Clearest effect it lacks")),
    ]
    notes = [
        _(
            "Clearest effect it lacks: the largest of the effects that come back when one of the "
            "dropped terms is put back alone, the variances being those of the full model."
        )
    ]
    return [
        *blocks,
        paragraph(words),
        table("adequate", _("Minimal adequate models"), columns, rows, notes),
        *_estimates(context, subsets),
    ]


def _dropped_words(context: Context, subsets: list[At]) -> list[Run]:
    """Terms that every one of several models drops."""
    first, *others = (item.dropped.value for item in subsets)
    everywhere = [term for term in first if all(term in dropped for dropped in others)]
    if not others or not everywhere:
        return []
    return say(_("All models of the table drop {terms}."), terms=context.labels.terms(everywhere))


def _always(context: Context) -> list[Term]:
    """Terms that every minimal model keeps."""
    minimal = context.results.reduction.minimal
    return [item.term.value for item in minimal.kept if item.models.value == minimal.models.value]


def _kept_beside(context: Context, item: At) -> str:
    """The terms that a model keeps beside those that all of them keep."""
    always, dropped = _always(context), item.dropped.value
    kept = [each.term.value for each in context.results.reduction.minimal.kept]
    own = [term for term in kept if term not in dropped and term not in always]
    return plain_text(context.labels.terms(own)) or _("none")


def _count_words(context: Context, subsets: list[At]) -> list[Run]:
    """How many there are, which of them are told, and what all of them keep."""
    reduction = context.results.reduction
    minimal, labels = reduction.minimal, context.labels
    if minimal.models.value == 1 and reduction.complete.value:
        words = say(
            _(
                "One model is minimal within the simultaneous bound: no further term can leave it, "
                "and every other model within the bound holds it. It drops {dropped}."
            ),
            dropped=labels.terms(subsets[0].dropped.value) or _("nothing"),
        )
        return join(words, _lacking_words(context), _unsettled_words(context))
    text = (
        _(
            "{count} models are minimal within the simultaneous bound: no further term can leave "
            "any of them. Minimal is not smallest: they differ in what they drop, and in how much."
        )
        if reduction.complete.value
        else ngettext(
            "{count} model was found that is minimal within the simultaneous bound: "
            "no further term can leave it. The search was stopped, there may be "
            "others.",
            "{count} models were found that are minimal within the simultaneous "
            "bound: no further term can leave any of them. The search was stopped, "
            "there may be others.",
            minimal.models.value,
        )
    )
    words = say(text, count=tally(minimal.models))
    if len(subsets) < minimal.models.value:
        told = say(
            _("The table lists the {count} with the fewest parameters."),
            count=tally(derive("count", reduction.adequate)),
        )
        words = join(words, told)
    always = _always(context)
    if always:
        text = _("Every one of the {count} keeps {terms}.")
        words = join(words, say(text, count=tally(minimal.models), terms=labels.terms(always)))
    return join(words, _lacking_words(context), _unsettled_words(context))


def _level_words(context: Context) -> list[Run]:
    """What the level of the bound means, and what it costs."""
    return say(
        _(
            "The level {alpha} of the bound is that of all models at once: in at most that share "
            "of surveys does chance put any model outside the bound that truly lacks nothing, so "
            "that where no variable has an effect the model without any is within it in all other "
            "surveys. This is another promise than the {alpha} of each step above, which is that "
            "of a single term. The price is that a model within the bound may lack a single "
            "effect that a test of its own would find. Aitkin therefore advises a larger level "
            "for the whole, about what single tests at {alpha} add up to; it is kept small here "
            "because the bound is not what drops terms: it tells whether too much was dropped."
        ),
        alpha=plain(context.results.reduction.alpha),
    )


def _lacking_words(context: Context) -> list[Run]:
    """How many of them lack an effect that is clear by itself."""
    minimal = context.results.reduction.minimal
    if not minimal.lacking.value:
        return []
    effects = [
        say(
            _("{effect} (|z| up to {z})"),
            effect=term_words(item.term.value, context.labels).full,
            z=fixed(item.z, 1),
        )
        for item in minimal.lacked
    ]
    return say(
        _("Models that lack an effect with |z| above {limit}: {lacking} of {count}: {effects}."),
        limit=plain(minimal.limit),
        lacking=tally(minimal.lacking),
        count=tally(minimal.models),
        effects=enumerate_words(effects),
    )


def _unsettled_words(context: Context) -> list[Run]:
    """Whether the chance in the draws behind the bound could change which models are minimal."""
    if context.results.reduction.minimal.settled.value:
        return []
    return say(
        _(
            "Some models lie so near to the bound that other draws behind it could find a few "
            "more or fewer."
        )
    )


def _lacking_cells(context: Context, item: At) -> list:
    if item.lacks.missing:
        return [NOT_APPLICABLE] * 2
    name = term_words(item.lacks.term.value, context.labels)
    return [name.full, fixed(item.lacks.z, 1)]


def _place_words(context: Context, subsets: list[At]) -> str:
    """Which of them is the model that stepwise dropping found."""
    path = context.results.reduction.path
    found = {term for step in path for term in step.dropped.value}
    stepwise = context.results.reduction.minimal.stepwise.value
    for position, item in enumerate(subsets, start=1):
        if set(item.dropped.value) == found:
            text = _("The model that stepwise dropping found above is number {position}.")
            return text.format(position=position)
    if stepwise == "minimal":
        return _("The model that stepwise dropping found above is among those not in the table.")
    if stepwise == "larger":
        return _(
            "The model that stepwise dropping found above is not among them: it keeps more terms "
            "than a minimal model needs."
        )
    return _("The model that stepwise dropping found above is not among them.")


def _estimates(context: Context, subsets: list[At]) -> list[Block]:
    """How far each coefficient depends on which of the models is taken."""
    found: dict[Term, list[At]] = {}
    for item in subsets:
        for effect in item.fixed:
            found.setdefault(effect.term.value, []).append(effect)
    if not found:
        return []
    final = {effect.term.value: effect for effect in context.settled.fixed}
    order = [effect.term.value for effect in context.results.full.reml.fixed]
    rows: list = []
    heading_now = None
    for term in sorted(found, key=lambda name: order.index(name) if name in order else len(order)):
        name = term_words(term, context.labels)
        if name.heading not in (heading_now, name.label):
            rows.append(group_row(name.heading))
        heading_now = name.heading
        cells = [*signed_cells(final.get(term)), *_range_cells(context, term, found[term])]
        rows.append(row(name.label, *cells, indented=name.label != name.heading))
    columns = [
        column(_("Term"), "text"),
        column(_("Estimate"), group=_("Settled model"), main=True),
        column(_("SE"), group=_("Settled model")),
        column(_("In models")),
        column(_("Lowest"), group=_("Estimates of those in the table"), main=True),
        column(_("Highest"), group=_("Estimates of those in the table"), main=True),
    ]
    caption = say(
        _("Coefficients in the minimal adequate models, in {unit} (REML)"),
        unit=context.labels.unit,
    )
    notes = [
        _(
            "All models have the random part of the settled model. Where a model lacks the "
            "products of a variable, its coefficient stands for all cases, elsewhere for the "
            "reference of the others."
        )
    ]
    return [table("adequate-estimates", caption, columns, rows, notes, folded=True)]


def _range_cells(context: Context, term: Term, effects: list[At]) -> list:
    """In how many of all models a coefficient is, and its ends in those that were fitted."""
    minimal = context.results.reduction.minimal
    whole = tuple(factor.model_copy(update={"category": None}) for factor in term)
    models = minimal.kept.find(term=whole).models if term else minimal.models
    shown = signed if term else number
    lowest = min(effects, key=lambda effect: effect.estimate.value)
    highest = max(effects, key=lambda effect: effect.estimate.value)
    error = min((error_of(effect) for effect in effects), key=lambda node: node.value)
    ends = [shown(effect.estimate, error) for effect in (lowest, highest)]
    held = say(_("{count} of {models}"), count=tally(models), models=tally(minimal.models))
    return [held, *ends]
