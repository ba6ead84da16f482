"""Imputed values: how results were pooled, what complete rows say, what if values are otherwise."""

from __future__ import annotations

from mlm.pages.blocks import Block, bullets, column, group_row, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.phrases import signed_cells, unsigned
from mlm.pages.rounding import fixed, number, p_value, percent, plain, signed, tally
from mlm.pages.sections.imputed.drawn import drawn_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.terms import label_alone
from mlm.results.reading import At

WHOLE_ERROR = 1.0  # standard errors from complete rows, from which a difference is named large
NAMED_TERMS = 3  # differences that a sentence names

UNPOOLED_WORDS = {
    "likelihoods": N_("deviances, AIC and BIC"),
    "simultaneous_bound": N_("the simultaneous bound of the reduction"),
    "adequate_subsets": N_("minimal adequate models"),
    "inclusion_frequencies": N_("how often the reduction keeps each term"),
    "back_test": N_("the back-test of the last wave"),
    "influence": N_("influence of single units"),
    "deletion": N_("the model without one of the units"),
    "residuals_of_rows": N_("residuals of single rows"),
}
INSTEAD = {
    "joint_test_of_dropped": N_("one test of all terms that were dropped stands in its place"),
    "wald_tests": N_("terms are tested by D1"),
    "variances_of_draws": N_("means over the imputations stand in their place"),
}


def imputed_section(context: Context) -> Section | None:
    """The section on imputations; None where nothing was imputed."""
    found = context.results.imputed
    if found.missing:
        return None
    blocks: list[Block] = [
        paragraph(_answer(found), "answer"),
        paragraph(_pooled_words(found)),
        *drawn_blocks(context, found.drawn),
        heading("complete-cases", _("Complete cases beside")),
        *_complete_blocks(context, found.complete_cases),
        heading("not-at-random", _("If missing values were not at random")),
        *_shift_blocks(context, found),
        heading("not-pooled", _("What is not reported for imputed data")),
        bullets([_unpooled(item) for item in found.unpooled]),
    ]
    return Section("imputed", _("Imputed values"), blocks)


def _answer(found: At) -> list[Run]:
    return say(
        _(
            "Missing values were imputed {draws} times, and the results are those of all "
            "imputations together. At most {share} of the information on a coefficient of the "
            "settled model is missing."
        ),
        draws=tally(found.draws),
        share=percent(found.missing_information),
    )


def _pooled_words(found: At) -> list[Run]:
    words = say(
        _(
            "The settled model was chosen once. Its random part was searched in {searched} of the "
            "imputations, each test being the one with the median p-value (Eekhout et al. 2017); "
            "the mean was reduced by D1 (Li, Raghunathan and Rubin 1991), with degrees of freedom "
            "by Reiter (2007). The model was then fitted to each imputation. Estimates are means "
            "over the imputations; their errors add the spread of these to the errors inside "
            "(Rubin 1987), with degrees of freedom by Barnard and Rubin (1999)."
        ),
        searched=tally(found.searched),
    )
    if not found.singular.value:
        return words
    singular = say(
        _("In {singular} of the {draws} fits a variance lies on its bound."),
        singular=tally(found.singular),
        draws=tally(found.draws),
    )
    return join(words, singular)


def _unpooled(item: At) -> str:
    what = _(UNPOOLED_WORDS[item.what.value])
    if item.instead.missing:
        return capitalise(what)
    return capitalise(f"{what}: {_(INSTEAD[item.instead.value])}")


# --- complete rows ------------------------------------------------------------------------------


def _complete_blocks(context: Context, found: At) -> list[Block]:
    if found.kind.value == "refused":
        text = (
            _("Complete rows alone were not at hand.")
            if found.why.value == "not_given"
            else _("The settled model could not be fitted to complete rows alone.")
        )
        return [paragraph(text)]
    rows = [
        row(
            label_alone(item.term.value, context.labels),
            *_pair(item, item.estimate, item.std_error),
            *_pair(item, item.complete, item.complete_error),
            signed(item.difference, decimals=2),
        )
        for item in found.coefficients
    ]
    columns = [
        column(_("Term"), "text"),
        column(_("Estimate"), group=_("Imputed")),
        column(_("SE"), group=_("Imputed")),
        column(_("Estimate"), group=_("Complete rows")),
        column(_("SE"), group=_("Complete rows")),
        column(_("Difference in SE of complete rows"), main=True),
    ]
    caption = say(
        _("Settled model with imputed values and from complete rows alone, in {unit} (REML)"),
        unit=context.labels.unit,
    )
    return [
        paragraph(_largest_words(context, found)),
        table("complete-cases", caption, columns, rows),
        _shares_table(context, found),
    ]


def _pair(item: At, estimate: At, error: At) -> tuple:
    shown = signed if item.term.value else number
    return shown(estimate, error), number(error, error)


def _largest_words(context: Context, found: At) -> list[Run]:
    """The largest differences, named."""
    ordered = sorted(found.coefficients, key=lambda item: -abs(item.difference.value))
    named = [
        say(
            _("{term} ({size} standard errors)"),
            term=label_alone(item.term.value, context.labels),
            size=fixed(unsigned(item.difference), 2),
        )
        for item in ordered[:NAMED_TERMS]
    ]
    if not named:
        return say(_("No coefficient of the settled model is known from complete rows."))
    if abs(ordered[0].difference.value) >= WHOLE_ERROR:
        template = _(
            "Leaving out rows with missing values would move estimates by a standard error or "
            "more. The largest differences: {terms}."
        )
    else:
        template = _(
            "Leaving out rows with missing values would move no coefficient by a standard error. "
            "The largest differences: {terms}."
        )
    return say(template, terms=enumerate_words(named))


def _shares_table(context: Context, found: At) -> Block:
    rows = [
        row(context.title_of(item.level.value), percent(item.share), percent(item.complete))
        for item in found.variances
    ]
    columns = [
        column(_("Level"), "text"),
        column(_("Imputed")),
        column(_("Complete rows")),
    ]
    caption = _("Shares of the variance that the settled model leaves")
    return table("complete-cases-shares", caption, columns, rows)


# --- shifts --------------------------------------------------------------------------------------


def _shift_blocks(context: Context, found: At) -> list[Block]:
    shifts = list(found.shifts)
    if not shifts:
        text = _(
            "The imputations take it that what is missing can be explained by what is recorded. "
            "No imputations were given in which that is otherwise."
        )
        return [paragraph(text)]
    rows = []
    for shift in shifts:
        name = context.labels.variable(shift.variable.value)
        rows.append(
            group_row(_("{variable}: {by}").format(variable=name, by=f"{shift.by.value:+g}"))
        )
        rows += [_shift_row(context, item) for item in shift.coefficients if _is_told(shift, item)]
    columns = [
        column(_("Term"), "text"),
        column(_("Estimate")),
        column(_("SE")),
        column("p"),
        column(_("Difference in SE"), main=True),
        column(_("Verdict"), "text"),
    ]
    caption = _("The settled model if imputed values of a variable were moved")
    notes = [
        _(
            "Listed are the coefficients of the variable that was moved, and all others "
            "whose verdict changes or that move by a tenth of their standard error or more."
        )
    ]
    return [
        paragraph(_shift_words(context, shifts)),
        table("shifts", caption, columns, rows, notes),
    ]


MOVED_BY = 0.1  # standard errors from which a coefficient of another variable is told


def _is_told(shift: At, item: At) -> bool:
    own = any(factor.variable == shift.variable.value for factor in item.term.value)
    moved = abs(item.difference.value) >= MOVED_BY
    return own or moved or item.decided_otherwise.value


def _shift_row(context: Context, item: At) -> dict:
    return row(
        label_alone(item.term.value, context.labels),
        *signed_cells(item),
        p_value(item.p_value),
        signed(item.difference, decimals=2),
        _("changes") if item.decided_otherwise.value else _("stays"),
        indented=True,
    )


def _shift_words(context: Context, shifts: list[At]) -> list[Run]:
    """Whether any verdict depends on what is not known."""
    changed = {
        label_alone(item.term.value, context.labels): None
        for shift in shifts
        for item in shift.coefficients
        if item.decided_otherwise.value
    }
    alpha = plain(context.results.reduction.alpha)
    if not changed:
        return say(
            _(
                "Imputed values were moved, as if those who lack them differed by more than what "
                "is recorded explains. No coefficient crosses the level of {alpha} by it."
            ),
            alpha=alpha,
        )
    return say(
        _(
            "Imputed values were moved, as if those who lack them differed by more than what is "
            "recorded explains. The verdict on these coefficients at the level of {alpha} depends "
            "on it: {terms}."
        ),
        alpha=alpha,
        terms=enumerate_words([say(name) for name in changed]),
    )
