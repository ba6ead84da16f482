"""Question 2: which variables matter at each level."""

from __future__ import annotations

from mlm.pages.blocks import heading, paragraph
from mlm.pages.context import Context
from mlm.pages.labels import singular
from mlm.pages.language import N_, _
from mlm.pages.node import Node, derive
from mlm.pages.numbers import degrees, fixed, plain, tally
from mlm.pages.phrases import excludes_zero, size
from mlm.pages.sections.section import Section
from mlm.pages.sections.variables.adequate import adequate_blocks, explained_blocks
from mlm.pages.sections.variables.coefficients import (
    coefficients_figure,
    coefficients_table,
    constant_note,
)
from mlm.pages.sections.variables.reduction import path_figure, path_table, slopes_blocks
from mlm.pages.terms import read_term
from mlm.pages.text import Run, enumerate_words, join, say

QUESTION = N_("Which variables matter?")


def variables_section(context: Context) -> Section:
    """The section on the full model, its reduction, and the final model."""
    blocks = [paragraph(variables_answer(context), "answer")]
    blocks += [
        paragraph(
            _(
                "All coefficients come from one model with every variable at once: each is the "
                "difference between cases alike in the other variables. The final model is what "
                "remains of the full model after reduction. Because the data chose it, its "
                "p-values are smaller than they should be: read it beside the full model."
            )
        ),
        coefficients_figure(context),
        coefficients_table(context),
        *constant_note(context),
        heading("reduction", _("From the full model to the final model")),
        paragraph(_reduction_words(context)),
    ]
    if len(context.results.get("reduction", "path").value or []) > 1:
        blocks += [path_figure(context), path_table(context)]
    blocks += [*slopes_blocks(context), *adequate_blocks(context), *explained_blocks(context)]
    return Section("variables", _("Variables that matter"), blocks, "2", _(QUESTION))


def variables_finding(context: Context) -> list[Run]:
    """The clearest association, and how many terms were kept."""
    if context.results.get("full", "terms").missing:
        return say(_("No full model was fitted."))
    return join(_clearest(context), _kept(context))


def variables_answer(context: Context) -> list[Run]:
    """How many terms were kept and which were not, and the clearest association."""
    if context.results.get("full", "terms").missing:
        return say(_("No full model was fitted."))
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
        whole=tally(derive("count", context.results["full"]["terms"])),
        kept=tally(derive("count", context.settled_terms)).bold(),
    )


def _dropped(context: Context) -> list[str]:
    steps = [*context.results.get("reduction", "path"), *context.settling]
    return [step["dropped"].value for step in steps if not step["dropped"].missing]


def _clearest(context: Context) -> list[Run]:
    """The association with the largest z outside time and policy, in plain words."""
    policies = {item["variable"].value for item in context.results.get("policy")}
    terms = context.settled_terms.value or []
    curved = {term.partition("^")[0] for term in terms if "^" in term and ":" not in term}
    best: Node | None = None
    for item in context.settled.get("fixed"):
        name = read_term(item["term"].value, context.labels)
        usable = len(name.variables) == 1 and not {context.time, *policies} & set(name.variables)
        usable = usable and name.variables[0] not in curved and excludes_zero(item)
        if usable and (best is None or _z(item) > _z(best)):
            best = item
    if best is None:
        return []
    return join(_clearest_words(context, best), _condition(context, best))


def _condition(context: Context, item: Node) -> list[Run]:
    """For which cases a coefficient holds, where its variable also enters products."""
    variable = read_term(item["term"].value, context.labels).variables[0]
    others: list[str] = []
    for term in context.settled_terms.value or []:
        factors = [factor.partition("^")[0] for factor in term.split(":")]
        if variable in factors and len(factors) > 1:
            others += [name for name in factors if name != variable and name not in others]
    if not others:
        return []
    references = [
        context.labels.reference(name)
        or _("{variable} at zero").format(variable=context.labels.variable(name))
        for name in others
    ]
    return say(
        _("This is the difference {where}and changes with {others}."),
        where=say(_("for {references} "), references=enumerate_words(references)),
        others=enumerate_words([context.labels.variable(name) for name in others]),
    )


def _z(item: Node) -> float:
    return abs(item["estimate"].value / item["std_error"].value)


def _clearest_words(context: Context, item: Node) -> list[Run]:
    labels, name = context.labels, read_term(item["term"].value, context.labels)
    variable, category = name.variables[0], name.categories[0]
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
            category=labels.category(variable, category),
            reference=labels.reference(variable),
        )
    unit = labels.unit_of(variable)
    return say(
        _("The clearest association is with {variable}: {outcome} is {size} for each {step} more."),
        variable=labels.variable(variable),
        outcome=labels.outcome,
        size=words,
        step=singular(unit) if unit else _("unit"),
    )


def _reduction_words(context: Context) -> list[Run]:
    reduction = context.results.get("reduction")
    protected = reduction.get("protected").value or []
    sentences = [
        say(
            _(
                "Terms were dropped one at a time by likelihood-ratio tests under ML at level "
                "{alpha}, interactions and powers before the terms they are made of, all columns "
                "of a variable together."
            ),
            alpha=plain(reduction.get("alpha")),
        )
    ]
    if protected:
        names = context.labels.terms(protected)
        sentences.append(say(_("Protected from being dropped: {names}."), names=names))
    if len(reduction.get("path").value or []) <= 1:
        sentences.append(say(_("No term could be dropped: the final model is the full model.")))
    bound = reduction.get("bound")
    return join(*sentences, _bound_words(bound), _width_words(bound))


def _bound_words(bound: Node) -> list[Run]:
    if bound.empty or not bound.get("terms_df").value:
        return []
    return say(
        _(
            "The terms dropped here together cost {statistic} in deviance on {df} degrees of "
            "freedom. This stays within the simultaneous bound of {critical}, which guards against "
            "the many tests made on the way."
        )
        if bound["adequate"].value
        else _(
            "The terms dropped here together cost {statistic} in deviance on {df} degrees of "
            "freedom. This exceeds the simultaneous bound of {critical}, which guards against the "
            "many tests made on the way."
        ),
        statistic=fixed(bound["statistic"], 1),
        df=degrees(bound["terms_df"]),
        critical=fixed(bound["critical"], 1),
    )


def _width_words(bound: Node) -> list[Run]:
    """How the bound allows for terms that few groups judge."""
    if bound.get("is_narrow").value:
        return say(
            _(
                "Few groups judge some of the terms, and draws that would allow for that cannot be "
                "made here: the bound is somewhat too narrow."
            )
        )
    if not bound.get("draws").value:
        return []
    return say(
        _(
            "Few groups judge some of the terms: as {draws} draws from the model show, the bound "
            "must be {factor} times that of chi-squared."
        ),
        draws=tally(bound["draws"]),
        factor=fixed(bound["factor"], 2),
    )
