"""Which variables matter, in sentences: what was kept, the clearest association, the bound."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import singular
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, size
from mlm.pages.rounding import degrees, fixed, plain, tally
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.results.coefficient import Term
from mlm.results.reading import At


def variables_finding(context: Context) -> list[Run]:
    """The clearest association, and how many terms were kept."""
    return join(_clearest(context), _kept(context))


def variables_answer(context: Context) -> list[Run]:
    """How many terms were kept and which were not, and the clearest association."""
    dropped = _dropped(context)
    second = (
        say(_("Dropped: {terms}."), terms=context.labels.terms(dropped))
        if dropped
        else say(_("None could be dropped."))
    )
    return join(_kept(context), second, _clearest(context))


def _kept(context: Context) -> list[Run]:
    return say(
        _("Of the {whole} terms of the full model, {kept} remain in the final model."),
        whole=tally(derive("count", context.results.full.terms)),
        kept=tally(derive("count", context.reported_terms)).bold(),
    )


def _dropped(context: Context) -> list[Term]:
    steps = [*context.results.reduction.path, *context.path_with_slopes]
    return [step.dropped.value for step in steps if not step.dropped.missing]


def _clearest(context: Context) -> list[Run]:
    """The association with the largest z outside time and policy, in plain words."""
    left_out = {context.time, *(item.variable.value for item in context.results.policy)}
    left_out |= _curved(context)
    usable = [
        item
        for item in context.reported.fixed
        if len(item.term) == 1
        and item.term[0].variable.value not in left_out
        and excludes_zero(item)
    ]
    if not usable:
        return []
    best = max(usable, key=_z)
    return join(_clearest_words(context, best), _condition(context, best))


def _curved(context: Context) -> set[str]:
    """Variables that stand in the model with a power: no single coefficient tells their effect."""
    terms = context.reported_terms.value
    return {term[0].variable for term in terms if len(term) == 1 and term[0].power > 1}


def _condition(context: Context, item: At) -> list[Run]:
    """For which cases a coefficient holds, where its variable also enters products."""
    variable = item.term[0].variable.value
    others: list[str] = []
    for term in context.reported_terms.value:
        names = [factor.variable for factor in term]
        if variable in names and len(names) > 1:
            others += [name for name in names if name != variable and name not in others]
    if not others:
        return []
    references = [_reference(context, name) for name in others]
    return say(
        _("This is the difference {where}and changes with {others}."),
        where=say(_("for {references} "), references=enumerate_words(references)),
        others=enumerate_words([context.labels.variable(name) for name in others]),
    )


def _reference(context: Context, name: str) -> str:
    """For which value of a variable the others' effects hold, in words."""
    labels, value = context.labels, context.labels.reference_value(name)
    if value is not None:
        return labels.alone(name, value)
    return labels.reference(name) or _("{variable} at zero").format(variable=labels.variable(name))


def _z(item: At) -> float:
    return abs(item.estimate.value / item.std_error.value)


def _clearest_words(context: Context, item: At) -> list[Run]:
    labels, factor = context.labels, item.term[0]
    variable, category = factor.variable.value, factor.category.value
    words = size(item, labels.unit)
    if category is not None:
        return say(
            _(
                "The clearest association is with {variable}: {outcome} is {size} for {category} "
                "than for {reference}."
            ),
            variable=labels.variable(variable),
            outcome=labels.outcome,
            size=words,
            category=labels.alone(variable, category),
            reference=_reference(context, variable),
        )
    unit = labels.unit_of(variable)
    return say(
        _("The clearest association is with {variable}: {outcome} is {size} for each {step} more."),
        variable=labels.variable(variable),
        outcome=labels.outcome,
        size=words,
        step=singular(unit) if unit else _("unit"),
    )


def reduction_words(context: Context) -> list[Run]:
    """How terms were dropped, and whether what was dropped keeps within the bound."""
    reduction = context.results.reduction
    protected = reduction.protected.value
    sentences = [
        say(
            _(
                "Terms were dropped one at a time by likelihood-ratio tests under ML at level "
                "{alpha}, interactions and powers before the terms they are made of, all columns "
                "of a variable together."
            ),
            alpha=plain(reduction.alpha),
        )
    ]
    if protected:
        names = context.labels.terms(protected)
        sentences.append(say(_("Protected from being dropped: {names}."), names=names))
    if len(reduction.path) <= 1:
        sentences.append(say(_("No term could be dropped: the final model is the full model.")))
    bound = reduction.bound
    return join(*sentences, _bound_words(bound), _width_words(bound))


def _bound_words(bound: At) -> list[Run]:
    if not bound.terms_df.value:
        return []
    words = say(
        _(
            "The terms dropped here together cost {statistic} in deviance on {df} degrees of "
            "freedom. This stays within the simultaneous bound of {critical}: a test of all these "
            "terms at once, with allowance for every other choice of terms, finds no loss."
        )
        if bound.adequate.value
        else _(
            "The terms dropped here together cost {statistic} in deviance on {df} degrees of "
            "freedom. This exceeds the simultaneous bound of {critical}: together they lose "
            "something that no test on the way has shown."
        ),
        statistic=fixed(bound.statistic, 1),
        df=degrees(bound.terms_df),
        critical=fixed(bound.critical, 1),
    )
    limits = _(
        "The bound tells whether too much was dropped; it does not make it rarer that a term "
        "without effect is kept."
    )
    return join(words, say(limits))


def _width_words(bound: At) -> list[Run]:
    """How the bound allows for terms that few groups judge."""
    if bound.is_narrow.value:
        return say(
            _(
                "Few groups judge some of the terms, and draws that would allow for that cannot be "
                "made here: the bound is somewhat too narrow."
            )
        )
    if not bound.draws.value:
        return []
    return say(
        _(
            "Few groups judge some of the terms: as {draws} draws from the model show, the bound "
            "is {factor} times that of chi-squared (Monte Carlo standard error of the bound "
            "{error})."
        ),
        error=fixed(bound.error, 2),
        draws=tally(bound.draws),
        factor=fixed(bound.factor, 3),
    )
