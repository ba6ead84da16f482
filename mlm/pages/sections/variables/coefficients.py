"""Coefficients of the full and the final model side by side: a table and a chart."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, group_row, note, raw, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import error_of, is_clear, is_made, signed_cells
from mlm.pages.rounding import degrees, number, p_value, signed
from mlm.pages.text import enumerate_words, join, say
from mlm.pages.words.terms import term_words
from mlm.results.coefficient import Term
from mlm.results.reading import At

EMPTY = "–"


def coefficients_table(context: Context) -> Block:
    """Estimates by REML: full model, final model, its form with random slopes, and the tests."""
    rows, current = [], None
    models = [context.final] + [context.with_slopes] * (context.with_slopes is not None)
    found = [{item.term.value: item for item in model.fixed} for model in models]
    for item in _union(context):
        name = term_words(item.term.value, context.labels)
        if name.heading != current and name.label != name.heading:
            rows.append(group_row(name.heading))
        current = name.heading
        kept = [model.get(item.term.value) for model in found]
        estimates = [_in_full(context, item.term.value), *kept]
        cells = [cell for each in estimates for cell in signed_cells(each)]
        cells += _detail_cells(kept[-1])
        rows.append(row(name.label, *cells, indented=name.label != name.heading))
    return table(
        "coefficients",
        say(
            _("Coefficients of the full and the final model, in {unit} (REML)"),
            unit=context.labels.unit,
        ),
        _columns(context),
        rows,
        [_note(context)],
    )


def constant_note(context: Context) -> list[Block]:
    """Warning that effects of units change over waves, which these models do not know."""
    if not context.changing:
        return []
    names = enumerate_words([context.labels.plural(level) for level in context.changing])
    words = say(
        _(
            "The effects of {groups} change from wave to wave (section 5), and these models take "
            "them as constant. Intervals of {time}, and of its products with variables of {groups} "
            "or of levels above, are too narrow here, and such products are kept too easily: the "
            "tests of section 5 and of policies allow for it."
        ),
        groups=names,
        time=context.labels.time,
    )
    unclear = _unclear_over_time(context)
    if unclear:
        doubt = say(
            _(
                "With an effect of each of the {groups} in each wave there is no evidence that "
                "differences by {variables} change with {time}."
            ),
            groups=names,
            variables=enumerate_words(unclear),
            time=context.labels.time,
        )
        words = join(words, doubt)
    return [note("caution", words)]


def _unclear_over_time(context: Context) -> list[str]:
    """Variables of the changing units, or of larger ones, whose change is not clear after all."""
    last = max(context.hierarchy.index(level) for level in context.changing)
    above = {level.unit for level in context.hierarchy[: last + 1] if not level.in_wave}
    variables, alpha = context.configuration.variables, context.labels.analysis.alpha
    described = {name for name, variable in variables.items() if variable.level in above}
    return [
        context.labels.variable(item.variable.value)
        for item in context.results.over_time.by
        if item.variable.value in described
        and is_made(item.test)
        and not is_clear(item.test, alpha)
    ]


def _columns(context: Context) -> list:
    models = [_("Full model"), _("Final model")]
    if context.with_slopes is not None:
        models.append(_("With random slopes"))
    estimates = [
        column(label, group=model) for model in models for label in (_("Estimate"), _("SE"))
    ]
    return [
        column(_("Term"), "text"),
        *estimates,
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
        column(_("df"), group=_("Test")),
        column("p", group=_("Test")),
    ]


def _note(context: Context) -> str:
    if context.with_slopes is None:
        return _(
            "Interval and test are those of the final model. SE: standard error. df: degrees "
            "of freedom of the t distribution, by Satterthwaite's method. A dash: the term was "
            "dropped."
        )
    return _(
        "With random slopes: the final model with the effects that differ between groups (section "
        "3). Interval and test are those of this model: a coefficient whose effect differs between "
        "groups is known only as well as their number allows. SE: standard error. df: degrees of "
        "freedom of the t distribution, by Satterthwaite's method. A dash: the term was dropped."
    )


def _union(context: Context) -> list[At]:
    """Rows of the full model, then rows that only the final model has."""
    full = list(context.results.full.reml.fixed)
    names = {item.term.value for item in full}
    return full + [i for i in context.reported.fixed if i.term.value not in names]


def _in_full(context: Context, term: Term) -> At | None:
    return context.results.full.reml.fixed.find(term=term)


def _detail_cells(item: At | None) -> list:
    if item is None:
        return [EMPTY] * 4
    error = error_of(item)
    shown = signed if item.term.value else number
    return [
        shown(item.lower, error),
        shown(item.upper, error),
        degrees(item.df),
        p_value(item.p_value),
    ]


def coefficients_figure(context: Context) -> Block:
    """Full beside final, one variable at a time: no constant, no time alone, no products."""
    keys = ("model", "heading", "label", "estimate", "lower", "upper")
    data: dict[str, list] = {key: [] for key in keys}
    full = context.results.full.reml
    for model, found in ((_("Full model"), full), (_("Final model"), context.reported)):
        for item in found.fixed:
            name = term_words(item.term.value, context.labels)
            if len(name.variables) != 1 or name.variables == (context.time,):
                continue
            data["model"].append(model)
            data["heading"].append(name.heading)
            data["label"].append(name.label)
            data["estimate"].append(raw(item.estimate))
            data["lower"].append(raw(item.lower))
            data["upper"].append(raw(item.upper))
    caption = say(_("Coefficients of the full and the final model, with 95% intervals"))
    how = say(
        _(
            "Each mark is an estimated difference in {outcome}, in {unit}; the line is its 95% "
            "interval. An interval that crosses zero leaves the direction open. Circles: full "
            "model; squares: final model. Coefficients of numbers are per unit of the variable. A "
            "variable that also enters a product has its coefficient here at the reference of the "
            "other variable; products are in the table."
        ),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    if context.with_slopes is not None:
        how = join(how, say(_("The final model stands here with its random slopes.")))
    alt = _(
        "Coefficients of the full and the final model with 95% intervals; the numbers are in the "
        "table Coefficients of the full and the final model."
    )
    options = {
        "x": _("Difference in {outcome} ({unit})").format(
            outcome=context.labels.outcome, unit=context.labels.unit
        )
    }
    return figure("coefficients", "coefficients", caption, how, alt, data, options)
