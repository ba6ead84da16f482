"""The models that were fitted: formulas, size, convergence, variance components."""

from __future__ import annotations

from mlm.pages.blocks import Block, code, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import uncapitalise
from mlm.pages.language import _
from mlm.pages.rounding import NOT_IN_MODEL, count, number, tally, tiny, whole
from mlm.pages.sections.models.path import path_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import say
from mlm.pages.words.null_model import null_content
from mlm.pages.words.terms import label_alone
from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.reading import At


def models_section(context: Context) -> Section:
    """The section on the fits themselves."""
    blocks: list[Block] = [
        paragraph(
            say(
                _(
                    "Three models were fitted to each imputation: the null model ({null}), the "
                    "full model (every configured term) and the settled model (what the reduction "
                    "kept), from which every answer is read. Each was fitted by maximum likelihood "
                    "(ML) and by restricted maximum likelihood (REML); estimates are pooled."
                )
                if context.is_pooled
                else _(
                    "Three models were fitted to the same rows: the null model ({null}), the full "
                    "model (every configured term) and the settled model (what the reduction "
                    "kept), from which every answer is read. Each was fitted by maximum "
                    "likelihood (ML), which lets deviances of models with different fixed effects "
                    "be compared, and by restricted maximum likelihood (REML), which gives less "
                    "biased variances."
                ),
                null=null_content(context),
            )
        )
    ]
    for name, model in _models(context):
        title = _("Formula: {model}").format(model=uncapitalise(name))
        blocks.append(code(model.formula.value, title))
    blocks += [*path_blocks(context), _fits_table(context)]
    blocks += [heading("components", _("Variance components")), _components_table(context)]
    blocks += _warnings(context)
    return Section("models", _("The models"), blocks)


def _models(context: Context) -> list[tuple[str, At]]:
    """The models, by their titles."""
    results = context.results
    models = {"null": results.null, "full": results.full, "settled": results.settled}
    return [(context.model_title(key), model) for key, model in models.items()]


def _fits(models: list[tuple[str, At]]) -> list[tuple[str, str, At]]:
    """Title of the model, criterion and fit."""
    return [
        (name, fit.criterion.value, fit) for name, model in models for fit in (model.ml, model.reml)
    ]


def _fits_table(context: Context) -> Block:
    rows = []
    is_pooled = context.is_pooled
    for name, criterion, fit in _fits(_models(context)):
        gradient = fit.max_scaled_gradient
        rows.append(
            row(
                f"{name}, {criterion}",
                tally(fit.n_params),
                *([] if is_pooled else [whole(fit.deviance), whole(fit.aic), whole(fit.bic)]),
                _("yes") if fit.converged.value else _("no"),
                tiny(gradient),
                _("yes") if fit.is_singular.value else _("no"),
            )
        )
    columns = [
        column(_("Model"), "text"),
        column(_("Parameters")),
        *([] if is_pooled else [column(_("Deviance")), column("AIC"), column("BIC")]),
        column(_("Converged"), "text"),
        column(_("Scaled gradient")),
        column(_("Singular"), "text"),
    ]
    notes = [
        _(
            "Converged: the fits to all imputations. Singular: in one of them at least a variance "
            "is estimated as zero, or random effects as perfectly correlated. Scaled gradient: the "
            "largest of all fits."
        )
        if is_pooled
        else say(
            _(
                "All models use {n} rows. Deviance: −2 log-likelihood under ML, the REML criterion "
                "under REML; deviances of models with different fixed effects can be compared "
                "under ML only. Singular: a variance is estimated as "
                "zero, or random effects as perfectly correlated."
            ),
            n=count(context.results.n_obs),
        )
    ]
    return table("fits", _("Fit of the models"), columns, rows, notes)


def _components_table(context: Context) -> Block:
    fits = _fits(_models(context))
    found: dict[tuple[Level, Term], dict[int, At]] = {}
    for position, (*__, fit) in enumerate(fits):
        for item in fit.variance_components:
            if item.term2.missing:
                key = item.level.value, item.term1.value
                found.setdefault(key, {})[position] = item
    order = {level: i for i, level in enumerate(context.hierarchy)}
    rows = [
        row(
            context.title_of(level),
            _effect(context, term),
            *(
                number(items[position].variance) if position in items else NOT_IN_MODEL
                for position in range(len(fits))
            ),
        )
        for (level, term), items in sorted(
            found.items(), key=lambda pair: order.get(pair[0][0], len(order))
        )
    ]
    columns = [column(_("Level"), "text"), column(_("Effect"), "text")]
    columns += [column(criterion, group=name) for name, criterion, _ in fits]
    return table("components", _("Variances by model and criterion"), columns, rows, folded=True)


def _effect(context: Context, term: Term) -> str:
    """What varies over the units: their level, or what a column of theirs stands for."""
    return label_alone(term, context.labels) if term else _("level")


def _warnings(context: Context) -> list[Block]:
    blocks = []
    for name, criterion, fit in _fits(_models(context)):
        if not fit.converged.value:
            blocks.append(
                note(
                    "caution",
                    say(
                        _(
                            "The optimum of the {name} by {criterion} could not be certified: its "
                            "numbers are not to be relied on."
                        ),
                        name=uncapitalise(name),
                        criterion=criterion,
                    ),
                )
            )
    return blocks
