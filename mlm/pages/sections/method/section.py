"""Methods: the equations of the models for the design at hand, and how they were fitted."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, equation, heading, paragraph, row, symbol, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.rounding import plain, tally
from mlm.pages.sections.method.fit_notes import fit_notes
from mlm.pages.sections.method.notation import Notation, make_notation
from mlm.pages.sections.method.settled_notation import SettledNotation, settled_notation
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, say
from mlm.pages.words.null_model import null_content

STEPS = (
    (
        N_("Estimation"),
        N_(
            "Each wave is read once and turned into sums and products by group; all models are "
            "computed from these. Models are fitted by maximum likelihood (ML) and by restricted "
            "maximum likelihood (REML). Estimates, their intervals and their tests are by REML, "
            "those of the reduction included; deviances of models with different fixed effects "
            "are compared under ML."
        ),
    ),
    (
        N_("Intervals and tests"),
        N_(
            "Intervals of coefficients are 95% intervals of the t distribution with "
            "Satterthwaite's degrees of freedom. A variance is tested by the likelihood ratio "
            "against the mixture distribution that its boundary at zero calls for."
        ),
    ),
    (
        N_("Effects of groups"),
        N_(
            "Effects of single groups are posterior means under the settled model (also called "
            "BLUPs). Their comparative intervals follow Goldstein and Healy (1995): the width is "
            "chosen so that, averaged over pairs, two intervals of equal groups fail to overlap in "
            "5% of cases."
        ),
    ),
)


def methods_section(context: Context) -> Section:
    """The section on methods."""
    notation = make_notation(context)
    blocks: list[Block] = [paragraph(_design_words(context))]
    if notation is not None:
        blocks += _equations(context, notation)
    for title, words in STEPS:
        name = f"methods-{title.split()[0].lower()}"
        blocks += [heading(name, _(title)), paragraph(_(words))]
    blocks += [heading("methods-reduction", _("Reduction")), paragraph(_reduction(context))]
    if context.is_pooled:
        blocks += [
            heading("methods-imputations", _("Imputations")),
            paragraph(_imputations(context)),
        ]
    blocks += fit_notes(context)
    return Section("methods", _("Methods"), blocks)


def _imputations(context: Context) -> list[Run]:
    """How answers were pooled, one kind after the other."""
    found = context.results.imputed
    return say(
        _(
            "All results are pooled over {draws} imputations. Coefficients, adjusted means and "
            "effects of policies follow Rubin's rules. Variances, shares and correlations are "
            "means over the imputations; the squared reach of their intervals to each side is that "
            "inside an imputation, the mean over {searched}, and what the spread of all adds (Zou "
            "and Donner 2008). Effects of single groups are means; their comparative and "
            "conditional errors, ranks and the licence to rank them hold the spread of the "
            "imputations. What is predicted of the next wave is as likely by each of {searched} "
            "imputations. Tests of likelihood ratios are those with the median p-value."
        ),
        draws=tally(found.draws),
        searched=tally(found.searched),
    )


def _design_words(context: Context) -> list[Run]:
    words = say(
        _("Design of the survey: {design}. Its levels, from the top: {levels}."),
        design=context.design,
        levels=", ".join(context.labels.plural(level) for level in context.hierarchy),
    )
    if not context.beside:
        return words
    text = _("{others} may have other {units} in another wave: the two are crossed.")
    return join(words, capitalise(text.format(**context.beside)))


def _equations(context: Context, notation: Notation) -> list[Block]:
    rows = [
        row(
            symbol(part.letter, part.index),
            part.meaning,
            _("residual") if part.is_residual else _("random effect"),
        )
        for part in notation.parts
    ]
    symbols = table(
        "symbols",
        _("Symbols of the model"),
        [column(_("Symbol"), "text"), column(_("Meaning"), "text"), column(_("Kind"), "text")],
        [
            row(symbol("y", notation.index), context.labels.outcome, _("outcome")),
            row({"text": "μ"}, _("constant"), _("fixed part")),
            row(
                symbol("x", notation.index),
                _("time and variables; β holds their coefficients"),
                _("fixed part"),
            ),
            *rows,
        ],
    )
    return [
        heading("methods-model", _("The null model")),
        equation(notation.model_tokens(), notation.model_spoken()),
        equation(notation.variance_tokens(), notation.variance_spoken()),
        paragraph(
            say(
                _(
                    "The null model contains {null}. The random effects are independent of each "
                    "other and normally distributed; each has one variance."
                ),
                null=null_content(context),
            )
        ),
        symbols,
        *_settled(context, settled_notation(context, notation)),
    ]


def _settled(context: Context, notation: SettledNotation) -> list[Block]:
    """The equation of the settled model."""
    words = _(
        "The settled model, from which every answer is read, has the variables of its formula in "
        "its fixed part. Its letters are those of the null model; effects with the index t have a "
        "value for each wave. Effects of different levels are independent of each other."
    )
    if any(part.slopes for part in notation.parts):
        starred = _(
            "A letter with a star stands for slopes: what the coefficients of the variables z of "
            "a row differ by in its group."
        )
        words = f"{words} {starred}"
    rows = [
        row(symbol(part.part.letter, part.index), part.part.meaning, part.words(context))
        for part in notation.parts
    ]
    columns = [column(_("Symbol"), "text"), column(_("Meaning"), "text")]
    columns.append(column(_("Covariance over the waves, and slopes"), "text"))
    return [
        heading("methods-settled", _("The settled model")),
        equation(notation.model_tokens(), notation.model_spoken()),
        equation(notation.variance_tokens(), notation.variance_spoken()),
        paragraph(words),
        table("symbols-settled", _("Random part of the settled model"), columns, rows),
    ]


def _reduction(context: Context) -> list[Run]:
    if context.is_pooled:
        return _pooled_reduction(context)
    return say(
        _(
            "Under the full mean the forms over waves of the levels are settled together by REML, "
            "from the richest that their units carry, then random slopes are tried inside them. "
            "The settled model is found by backward elimination of whole variables and terms, by F "
            "tests under REML with Satterthwaite's degrees of freedom, each at level {alpha}. "
            "A variance estimated as zero counts in these degrees of freedom as one that is not "
            "known to be zero. "
            "Beside it stand the minimal models whose deviance exceeds that of the full model by "
            "less than a simultaneous bound, the level-{alpha} test of all free terms at once "
            "(Aitkin's adequate subsets, 1974; the test is by likelihood, its distribution drawn "
            "where units are few): twelve of "
            "them at most are told, what all have in common is taken from all."
        ),
        alpha=plain(context.results.reduction.alpha),
    )


def _pooled_reduction(context: Context) -> list[Run]:
    return say(
        _(
            "Under the full mean the forms over waves of the levels are settled together by REML, "
            "from the richest that their units carry, then random slopes are tried inside them. "
            "The settled model is found by backward elimination of whole variables and terms, by "
            "D1 tests over all imputations, each at level {alpha}. What left is held at zero in "
            "the fits of the full model; what stays is fitted to all imputations, and the "
            "elimination goes on from there until nothing may leave."
        ),
        alpha=plain(context.results.reduction.alpha),
    )
