"""The models that were fitted: formulas, size, convergence, variance components."""

from __future__ import annotations

from mlm.pages.blocks import Block, code, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import uncapitalise
from mlm.pages.language import _
from mlm.pages.node import Node
from mlm.pages.numbers import count, decimals_for_size, fixed, tally
from mlm.pages.sections.section import Section
from mlm.pages.text import say

INTERCEPTS = ("null", "full", "final")


def models_section(context: Context) -> Section:
    """The section on the fits themselves."""
    blocks: list[Block] = [
        paragraph(
            _(
                "Three models were fitted to the same rows: the null model (time alone), the full "
                "model (every configured term), the final model (what the reduction kept). Each "
                "was fitted by maximum likelihood (ML), which allows tests of fixed effects, and "
                "by restricted maximum likelihood (REML), which gives less biased variances."
            )
        )
    ]
    if context.settling:
        blocks.append(
            paragraph(
                _(
                    "The final model with random slopes allows for effects that differ between "
                    "groups, and coefficients are tested in it; the one without is the base for "
                    "the shares of the variation and for the effects of single groups."
                )
            )
        )
    for key in _models(context):
        formula = context.results.get(key, "formula")
        if not formula.empty:
            title = _("Formula: {model}").format(model=uncapitalise(context.model_title(key)))
            blocks.append(code(formula.text(), title))
    blocks += [_fits_table(context), heading("components", _("Variance components"))]
    blocks.append(_components_table(context))
    blocks += _warnings(context)
    return Section("models", _("The models"), blocks)


def _models(context: Context) -> tuple[str, ...]:
    return (*INTERCEPTS, "slopes_model") if context.settling else INTERCEPTS


def _fits(context: Context, models: tuple[str, ...]) -> list[tuple[str, str, Node]]:
    found = []
    for key in models:
        for criterion in ("ml", "reml"):
            fit = context.results.get(key, criterion)
            if not fit.empty:
                found.append((context.model_title(key), criterion.upper(), fit))
    return found


def _fits_table(context: Context) -> Block:
    rows = []
    for name, criterion, fit in _fits(context, _models(context)):
        gradient = fit.get("max_scaled_gradient")
        rows.append(
            row(
                f"{name}, {criterion}",
                tally(fit["n_params"]),
                fixed(fit["deviance"], 1),
                fixed(fit["aic"], 1),
                fixed(fit["bic"], 1),
                _("yes") if fit["converged"].value else _("no"),
                "[x]" if gradient.missing else f"{gradient.value:.1e}",
                _("yes") if fit["is_singular"].value else _("no"),
            )
        )
    columns = [
        column(_("Model"), "text"),
        column(_("Parameters")),
        column(_("Deviance")),
        column("AIC"),
        column("BIC"),
        column(_("Converged"), "text"),
        column(_("Scaled gradient")),
        column(_("Singular"), "text"),
    ]
    notes = [
        say(
            _(
                "All models use {n} rows. Deviance: −2 log-likelihood under ML, the REML criterion "
                "under REML; deviances of models with different fixed effects can be compared "
                "under ML only. Singular: a variance is estimated as "
                "zero, or random effects as perfectly correlated."
            ),
            n=count(context.results["n_obs"]),
        )
    ]
    return table("fits", _("Fit of the models"), columns, rows, notes)


def _components_table(context: Context) -> Block:
    fits = _fits(context, INTERCEPTS)
    groups: dict[str, dict[int, Node]] = {}
    for position, fit in enumerate(fit for *__, fit in fits):
        for item in fit["variance_components"]:
            if item.get("term2").missing:
                groups.setdefault(item["group"].value, {})[position] = item
    largest = max(
        (item["variance"].value for found in groups.values() for item in found.values()), default=1
    )
    decimals = decimals_for_size(largest, 5)
    order = {level["group"].value: i for i, level in enumerate(context.levels)}
    rows = [
        row(
            context.title_of(context.level_of(group)),
            *(
                fixed(found[position]["variance"], decimals) if position in found else "–"
                for position in range(len(fits))
            ),
        )
        for group, found in sorted(groups.items(), key=lambda pair: order.get(pair[0], len(order)))
    ]
    columns = [column(_("Level"), "text")]
    columns += [column(criterion, group=name) for name, criterion, _ in fits]
    return table("components", _("Variances by model and criterion"), columns, rows)


def _warnings(context: Context) -> list[Block]:
    blocks = []
    for name, criterion, fit in _fits(context, _models(context)):
        if not fit["converged"].value:
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
