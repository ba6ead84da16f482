"""Which variables matter, in sentences: what was kept, the clearest association, the bound."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import singular
from mlm.pages.language import _, ngettext
from mlm.pages.phrases import excludes_zero, is_made, p_adjusted, size, test
from mlm.pages.rounding import degrees, fixed, p_equals, plain, tally
from mlm.pages.sections.slopes.words import kept_slopes
from mlm.pages.sizes import size_words
from mlm.pages.text import Run, enumerate_words, join, leaning, say
from mlm.pages.words.same_persons import others_and_same
from mlm.pages.words.standardised import sd_with_unit, standardised
from mlm.results.coefficient import Term
from mlm.results.reading import At


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
        ngettext(
            "The settled model keeps {kept} of the {whole} term of the full model.",
            "The settled model keeps {kept} of the {whole} terms of the full model.",
            len(context.results.full.terms),
        ),
        whole=tally(derive("count", context.results.full.terms)),
        kept=tally(derive("count", context.results.settled.terms)).bold(),
    )


def _dropped(context: Context) -> list[Term]:
    path = context.results.reduction.path
    return [term for step in path for term in step.dropped.value]


def _clearest_association(context: Context) -> At | None:
    """The first of the joint tests, where it is clear."""
    clearest = next(iter(context.results.associations), None)
    if clearest is None or not is_made(clearest.test):
        return None
    is_clear = p_adjusted(clearest.test).value < context.results.reduction.alpha.value
    return clearest if is_clear else None


def _clearest(context: Context) -> list[Run]:
    """The variable whose joint test is the clearest, time and policies apart, in plain words."""
    clearest = _clearest_association(context)
    if clearest is None:
        return []
    item = None if _is_curved(clearest) else _main_effect(clearest)
    words = (
        _without_size(context, clearest)
        if item is None
        else join(
            _clearest_words(context, clearest, item),
            size_words(context, _compared(context, clearest, item)),
            _condition(context, clearest, item),
        )
    )
    return join(words, _joint_words(context, clearest))


def _compared(context: Context, item: At, effect: At) -> At:
    """The difference as it is told: of a number by its standard deviation."""
    by_sd = None
    if effect.category.missing:
        by_sd = standardised(context, item.variable.value, effect)
    return effect.estimate if by_sd is None else by_sd.estimate


def _is_curved(item: At) -> bool:
    """Whether a variable stands in the model with a power: no single coefficient tells of it."""
    variable = item.variable.value
    factors = (factor for term in item.terms.value for factor in term)
    return any(factor.variable == variable and factor.power > 1 for factor in factors)


def _main_effect(item: At) -> At | None:
    """Its clearest effect in the latest wave; None where no interval excludes zero."""
    usable = [effect for effect in item.latest if excludes_zero(effect)]
    return max(usable, key=_z, default=None)


def _without_size(context: Context, item: At) -> list[Run]:
    """The variable alone, where no single coefficient tells of its effect."""
    variable = context.labels.variable(item.variable.value)
    others = _others(item)
    if _is_curved(item):
        text = _("The clearest association is with {variable}, whose effect is a curve.")
        words = say(text, variable=variable)
        changes = say(
            _("It changes with {others}."),
            others=enumerate_words([context.labels.variable(name) for name in others]),
        )
        return join(words, changes) if others else words
    if not others:
        return say(_("The clearest association is with {variable}."), variable=variable)
    return say(
        _("The clearest association is with {variable}, whose effect changes with {others}."),
        variable=variable,
        others=enumerate_words([context.labels.variable(name) for name in others]),
    )


def _joint_words(context: Context, item: At) -> list[Run]:
    """The test of all that a variable does, and the family of such tests."""
    words = say(
        ngettext(
            "All terms that it is in were tested together: {test}; adjusted for the "
            "{family} variable of the full model that is neither time nor a policy, p "
            "{p}.",
            "All terms that it is in were tested together: {test}; adjusted for the "
            "{family} variables of the full model that are neither time nor policies, p "
            "{p}.",
            len(context.results.associations),
        ),
        test=test(item.test),
        family=tally(derive("count", context.results.associations)),
        p=p_equals(p_adjusted(item.test)),
    )
    return leaning(words)


def _others(item: At) -> list[str]:
    """Variables of the products that a variable is in."""
    own = item.variable.value
    names = (factor.variable for term in item.terms.value for factor in term)
    return list(dict.fromkeys(name for name in names if name != own))


def _condition(context: Context, item: At, effect: At) -> list[Run]:
    """For which cases an effect holds, where its variable also enters products."""
    others = _others(item)
    if not others:
        return []
    time = context.labels.time_name
    references = [_reference(context, name) for name in others if name != time]
    where = [say(_("for {references} "), references=enumerate_words(references))]
    if not effect.wave.missing:
        wave = say(_("in {wave} "), wave=context.labels.wave(effect.wave.value))
        where = [*(where if references else []), wave]
    words = say(
        _("This is the difference {where}and changes with {others}."),
        where=[run for part in where for run in part],
        others=enumerate_words([context.labels.variable(name) for name in others]),
    )
    return leaning(words)


def _reference(context: Context, name: str) -> str:
    """For which value of a variable the others' effects hold, in words."""
    labels, value = context.labels, context.labels.reference_value(name)
    if value is not None:
        return labels.alone(name, value)
    return labels.reference(name) or _("{variable} at zero").format(variable=labels.variable(name))


def _z(item: At) -> float:
    return abs(item.estimate.value / item.std_error.value)


def _clearest_words(context: Context, item: At, effect: At) -> list[Run]:
    labels = context.labels
    variable, category = item.variable.value, effect.category.value
    by_sd = standardised(context, variable, effect) if category is None else None
    if category is not None:
        template = _(
            "The clearest association is with {variable}: {outcome} is {size} for {category} "
            "than for {reference}."
        )
        reference = others_and_same(context, variable, _reference(context, variable))
        own = {"category": labels.alone(variable, category), "reference": reference}
    elif by_sd is None:
        template = _(
            "The clearest association is with {variable}: {outcome} is {size} for each {step} more."
        )
        own = {"step": singular(labels.unit_of(variable)) or _("unit")}
    else:
        template = _(
            "The clearest association is with {variable}: {outcome} is {size} for one standard "
            "deviation ({sd}) more of it."
        )
        own = {"sd": sd_with_unit(context, variable, by_sd.sd)}
    return say(
        template,
        variable=labels.variable(variable),
        outcome=labels.outcome,
        size=size(by_sd or effect, labels.unit),
        **own,
    )


def held_by_slopes(context: Context) -> list[str]:
    """Variables that no reduction drops, as the settled model holds differences of their effect."""
    terms = context.results.reduction.protected.value
    protected = {term[0].variable for term in terms if len(term) == 1}
    held = dict.fromkeys(item.variable.value for item in kept_slopes(context))
    return [name for name in held if name not in protected]


def reduction_words(context: Context) -> list[Run]:
    """How terms were dropped, and whether what was dropped keeps within the bound."""
    reduction = context.results.reduction
    protected = reduction.protected.value
    sentences = [
        say(
            _(
                "Terms were dropped by D1 tests over the imputations at level {alpha}, all columns "
                "of a term together: first all that a variable does, tested at once, then term by "
                "term, interactions and powers before the terms they are made of."
            )
            if context.is_pooled
            else _(
                "Terms were dropped by F tests under REML at level {alpha}, all columns of a term "
                "together: first all that a variable does, tested at once, then term by term, "
                "interactions and powers before the terms they are made of. A single variable or "
                "term without effect is kept in at most that share of surveys, with few groups "
                "too; of many, some are kept more often."
            ),
            alpha=plain(reduction.alpha),
        )
    ]
    if protected:
        names = context.labels.terms(protected)
        sentences.append(say(_("Protected from being dropped: {names}."), names=names))
    if held := held_by_slopes(context):
        words = _("Kept whatever tests say, as their effects differ between groups: {names}.")
        names = enumerate_words([context.labels.variable(name) for name in held])
        sentences.append(say(words, names=names))
    if len(reduction.path) <= 1:
        sentences.append(say(_("No term could be dropped: the settled model is the full model.")))
    bound = reduction.bound
    if bound.missing:
        return join(*sentences, _dropped_words(reduction.joint))
    return join(*sentences, _bound_words(bound), _width_words(bound))


def _dropped_words(joint: At) -> list[Run]:
    """The test of all that was dropped, where imputations have no simultaneous bound."""
    if not is_made(joint):
        return []
    return say(_("All terms dropped, tested at once in the full model: {test}."), test=test(joint))


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
                "Some of the terms rest on few groups, and draws that would allow for that "
                "cannot be made here: the bound is somewhat too narrow."
            )
        )
    if not bound.draws.value:
        return []
    return say(
        _(
            "Some of the terms rest on few groups: as {draws} draws from the model show, "
            "each with variances as likely as the data make them, the bound is {factor} "
            "times that of chi-squared (Monte Carlo standard error of the bound {error})."
        ),
        error=fixed(bound.error, 2),
        draws=tally(bound.draws),
        factor=fixed(bound.factor, 3),
    )
