"""Question 2: which variables matter at each level."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import singular
from mlm.pages.language import N_, _
from mlm.pages.node import Node, derive
from mlm.pages.numbers import degrees, fixed, percent, plain, tally
from mlm.pages.phrases import excludes_zero, size
from mlm.pages.sections.coefficients import coefficients_figure, coefficients_table
from mlm.pages.sections.reduction import path_figure, path_table
from mlm.pages.sections.section import Section
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
        heading("reduction", _("From the full model to the final model")),
        paragraph(_reduction_words(context)),
    ]
    if len(context.results.get("reduction", "path").value or []) > 1:
        blocks += [path_figure(context), path_table(context)]
    blocks += _adequate(context)
    blocks += _explained(context)
    return Section("variables", _("Variables that matter"), blocks, "2", _(QUESTION))


def variables_answer(context: Context) -> list[Run]:
    """How many terms were kept, and the clearest association."""
    kept = context.results.get("final", "terms")
    dropped = _dropped(context)
    whole = derive("count", context.results.get("full", "terms"))
    if whole.missing:
        return say(_("No full model was fitted."))
    first = say(
        _("Of the {whole} terms of the full model, {kept} remain in the final model."),
        whole=tally(whole),
        kept=tally(derive("count", kept)).bold(),
    )
    second = (
        say(_("Dropped: {terms}."), terms=context.labels.terms(dropped))
        if dropped
        else say(_("None could be dropped."))
    )
    return join(first, second, _clearest(context))


def _dropped(context: Context) -> list[str]:
    path = context.results.get("reduction", "path")
    return [step["dropped"].value for step in path if not step["dropped"].missing]


def _clearest(context: Context) -> list[Run]:
    """The association with the largest z outside time and policy, in plain words."""
    policies = {item["variable"].value for item in context.results.get("policy")}
    best: Node | None = None
    for item in context.final.get("fixed"):
        name = read_term(item["term"].value, context.labels)
        usable = len(name.variables) == 1 and not {context.time, *policies} & set(name.variables)
        usable = usable and name.label and "squared" not in name.label and excludes_zero(item)
        if usable and (best is None or _z(item) > _z(best)):
            best = item
    if best is None:
        return []
    return join(_clearest_words(context, best), _condition(context, best))


def _condition(context: Context, item: Node) -> list[Run]:
    """For which cases a coefficient holds, where its variable also enters products."""
    variable = read_term(item["term"].value, context.labels).variables[0]
    others: list[str] = []
    for term in context.results.get("final", "terms").value or []:
        factors = [factor.partition("^")[0] for factor in term.split(":")]
        if variable in factors and len(factors) > 1:
            others += [name for name in factors if name != variable and name not in others]
    if not others:
        return []
    references = [text for name in others if (text := context.labels.reference(name))]
    return say(
        _("This is the difference {where}and changes with {others}."),
        where=say(_("for {references} "), references=enumerate_words(references))
        if references and len(references) == len(others)
        else _("at the reference of the other variables "),
        others=enumerate_words([context.labels.variable(name).lower() for name in others]),
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
            variable=labels.variable(variable).lower(),
            outcome=labels.outcome,
            size=words,
            category=labels.category(variable, category),
            reference=labels.reference(variable),
        )
    unit = labels.unit_of(variable)
    return say(
        _("The clearest association is with {variable}: {outcome} is {size} for each {step} more."),
        variable=labels.variable(variable).lower(),
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
    return join(*sentences, _bound_words(reduction.get("bound")))


def _bound_words(bound: Node) -> list[Run]:
    if bound.empty or not bound.get("terms_df").value:
        return []
    return say(
        _(
            "All terms dropped together cost {statistic} in deviance on {df} degrees of freedom. "
            "This stays within the simultaneous bound of {critical}, which guards against the "
            "many tests made on the way."
        )
        if bound["adequate"].value
        else _(
            "All terms dropped together cost {statistic} in deviance on {df} degrees of freedom. "
            "This exceeds the simultaneous bound of {critical}, which guards against the many "
            "tests made on the way."
        ),
        statistic=fixed(bound["statistic"], 1),
        df=degrees(bound["terms_df"]),
        critical=fixed(bound["critical"], 1),
    )


def _adequate(context: Context) -> list[Block]:
    subsets = list(context.results.get("reduction", "adequate"))
    if not subsets:
        return []
    blocks: list[Block] = [heading("adequate", _("Smallest adequate models"))]
    if len(subsets) == 1:
        words = say(
            _(
                "One model is the smallest that stays within the simultaneous bound; it drops "
                "{dropped}."
            ),
            dropped=context.labels.terms(subsets[0]["dropped"].value) or _("nothing"),
        )
        return [*blocks, paragraph(words)]
    words = say(
        _(
            "{count} different smallest models stay within the simultaneous bound: the data do not "
            "choose between them. The final model above is the one that stepwise dropping found."
        ),
        count=tally(derive("count", context.results["reduction"]["adequate"])),
    )
    always = _in_all(subsets)
    if always:
        words = join(words, say(_("All of them keep {terms}."), terms=context.labels.terms(always)))
    rows = [
        row(
            str(position),
            "".join(run["text"] for run in context.labels.terms(item["dropped"].value)),
            fixed(item["statistic"], 1),
            degrees(item["df"]),
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
    ]


def _in_all(subsets: list[Node]) -> list[str]:
    """Terms that every one of the models keeps, in the order of the first."""
    others = [set(item["terms"].value) for item in subsets[1:]]
    return [term for term in subsets[0]["terms"].value if all(term in other for other in others)]


def _explained(context: Context) -> list[Block]:
    shares = list(context.results.get("final", "shares"))
    if not shares or shares[0].get("reduction").missing:
        return []
    rows = [
        row(
            context.title_of(item["level"].value),
            fixed(null["variance"], 1),
            fixed(item["variance"], 1),
            percent(item["reduction"]),
        )
        for item, null in zip(shares, context.results.get("null", "shares"), strict=False)
    ]
    columns = [
        column(_("Level"), "text"),
        column(_("Null model")),
        column(_("Final model")),
        column(_("Reduction")),
    ]
    return [
        heading("explained", _("How much of the variation the variables account for")),
        table(
            "explained",
            _("Variance at each level before and after the variables enter (REML)"),
            columns,
            rows,
            [
                _(
                    "A variance can grow when variables enter: groups that looked alike may differ "
                    "once their composition is allowed for."
                )
            ],
        ),
    ]
