"""Methods and limits for samples: how models are fitted, what is refused, and references."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import (
    Block,
    bullets,
    code,
    column,
    definitions,
    heading,
    note,
    paragraph,
    row,
    table,
)
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import count, tally, tiny, whole
from mlm.pages.sections.method.fit_notes import fit_notes
from mlm.pages.sections.sampled.coefficients import null_table
from mlm.pages.sections.sampled.means import is_weighted
from mlm.pages.sections.sampled.programme import programme_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, say
from mlm.pages.words.refusals import instead_words, refused_words
from mlm.pages.words.sample_design import ERRORS
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.results.reading import At

WEIGHTED = (
    (
        N_("Weighted models"),
        N_(
            "Models are fitted by pseudo-maximum likelihood (Pfeffermann and others, 1998; "
            "Rabe-Hesketh and Skrondal, 2006): what a unit contributes counts as often as its "
            "weight says. Weights say for how many a row stands; they do not say how precisely it "
            "was measured."
        ),
    ),
    (
        N_("Errors of the sample"),
        N_(
            "Standard errors come from how estimates vary over the clusters or the replicates of "
            "the sample, not from the model. They hold where the variances of the model do not."
        ),
    ),
    (
        N_("Intervals of variances and shares"),
        N_(
            "They are made on the scale of logarithms and of logits, by Student's t, and reach "
            "farther on the side on which few clusters of large weight may be missing (Hall, "
            "1992). Where the sample tells smaller errors than normal effects would have with "
            "these weights, the mean of both variances is taken."
        ),
    ),
)
DRAWN = (
    (
        N_("Pooling of plausible values"),
        N_(
            "An estimate is the mean over the M plausible values. Its variance is the mean of the "
            "variances of sampling, and 1 + 1/M times the variance between the values (Rubin, "
            "1987); degrees of freedom are those of Barnard and Rubin (1999). Variances are pooled "
            "as logarithms, shares as logits, correlations by Fisher's transformation."
        ),
    ),
    (
        N_("Tests of several coefficients at once"),
        N_(
            "The statistic D1 of Li, Raghunathan and Rubin (1991), with the variances of the "
            "sample and the degrees of freedom of Reiter (2007)."
        ),
    ),
)
ALWAYS = (
    (
        N_("Tests"),
        N_(
            "Coefficients are tested by Wald F tests with the degrees of freedom of the sample "
            "(Korn and Graubard, 1990), a variance of zero by a one-sided test."
        ),
    ),
    (
        N_("Means and shares"),
        N_(
            "Means, and shares at or above a cut, are those of the rows, without any model; a row "
            "counts as 1 where its score is at or above the cut, else as 0. A linear model of such "
            "ones and zeros has coefficients in percentage points whose errors hold, but its "
            "variances have no meaning, and no units are ranked by it."
        ),
    ),
)
JACKKNIFE = (
    N_("Jackknife"),
    N_(
        "The models are fitted again without each of the clusters in turn. This gives standard "
        "errors that hold with few clusters, and the bias of variances, which is taken away where "
        "a corrected variance is told."
    ),
)
REFERENCES = (
    "Barnard, J., & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. "
    "Biometrika, 86, 948–955.",
    "Hall, P. (1992). On the removal of skewness by transformation. Journal of the Royal "
    "Statistical Society B, 54, 221–228.",
    "Korn, E. L., & Graubard, B. I. (1990). Simultaneous testing of regression coefficients with "
    "complex survey data. The American Statistician, 44, 270–276.",
    "Li, K. H., Raghunathan, T. E., & Rubin, D. B. (1991). Large-sample significance levels from "
    "multiply imputed data. Journal of the American Statistical Association, 86, 1065–1073.",
    "Pfeffermann, D., Skinner, C. J., Holmes, D. J., Goldstein, H., & Rasbash, J. (1998). "
    "Weighting for unequal selection probabilities in multilevel models. Journal of the Royal "
    "Statistical Society B, 60, 23–40.",
    "Rabe-Hesketh, S., & Skrondal, A. (2006). Multilevel modelling of complex survey data. Journal "
    "of the Royal Statistical Society A, 169, 805–827.",
    "Reiter, J. P. (2007). Small-sample degrees of freedom for multi-component significance tests "
    "with multiple imputation for missing data. Biometrika, 94, 502–508.",
    "Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley.",
)


def methods_section(context: Context) -> Section:
    """The section on methods, models and what is not told."""
    blocks: list[Block] = [definitions(_methods(context)), *_few_rows(context)]
    blocks += programme_blocks(context)
    blocks += [heading("methods-models", _("The models")), _models_table(context)]
    for key in ("null", "full", "settled"):
        model = getattr(context.results, key)
        blocks.append(code(model.formula.value, context.model_title(key)))
    blocks += fit_notes(context)
    blocks += [null_table(context), _fits_table(context)]
    blocks += _refusals(context)
    blocks += [heading("methods-references", _("References")), bullets(list(REFERENCES))]
    return Section("methods", _("Methods and limits"), blocks)


def _methods(context: Context) -> list[tuple[str, str]]:
    found = context.results.sample
    entries = [*(WEIGHTED if is_weighted(context) else WEIGHTED[1:2])]
    if not found.missing and found.errors.value == "jackknife":
        entries.append(JACKKNIFE)
    entries += ALWAYS
    if context.results.draws.value > 1:
        entries += DRAWN
    return [(_(title), _(words)) for title, words in entries]


def _few_rows(context: Context) -> list[Block]:
    """That few rows in a unit make variances too large; nothing where there are enough."""
    found = context.results.sample.small_units
    if found.missing:
        return []
    level = found.level.value
    words = say(
        _(
            "There are fewer than ten {rows} in a {group} on average. If {rows} inside {groups} "
            "were drawn with chances that go with the outcome, the variance between {groups} is "
            "too large, whatever the scaling of the weights."
        ),
        rows=context.rows_word,
        group=context.labels.level(level),
        groups=context.labels.plural(level),
    )
    return [note("caution", words)]


def _models_table(context: Context) -> Block:
    rows = []
    for key in ("null", "full", "settled"):
        model = getattr(context.results, key)
        terms = context.labels.terms(model.terms.value) if not model.terms.empty else _("none")
        source = model.errors.value
        cells = [
            terms,
            tally(model.n_params),
            count(model.n_obs),
            _("the model alone") if source is None else _(ERRORS[source]),
            _("yes") if model.refits.value else _("no"),
        ]
        rows.append(row(context.model_title(key), *cells))
    columns = [
        column(_("Model"), "text"),
        column(_("Terms"), "text"),
        column(_("Parameters")),
        column(_("Rows")),
        column(_("Errors come from"), "text"),
        column(_("Fitted to each replicate"), "text"),
    ]
    return table("models", _("Models"), columns, rows)


def _fits_table(context: Context) -> Block:
    rows = []
    for key in ("null", "full", "settled"):
        for item in getattr(context.results, key).fits:
            gradient = item.max_scaled_gradient
            cells: list[Any] = [
                tally(item.draw),
                whole(item.deviance),
                _("yes") if item.converged.value else _("no"),
                _("yes") if item.is_singular.value else _("no"),
                tiny(gradient),
            ]
            rows.append(row(context.model_title(key), *cells))
    columns = [
        column(_("Model"), "text"),
        column(_("Draw")),
        column(_("Deviance")),
        column(_("Optimum certified"), "text", main=True),
        column(_("Variance of zero"), "text"),
        column(_("Scaled gradient")),
    ]
    notes = [
        _(
            "Draw: which plausible value was the outcome. Deviance: minus twice the log "
            "pseudo-likelihood; it grows with the unit of the weights and tests nothing. Scaled "
            "gradient: zero at an optimum."
        )
    ]
    return table("fits", _("Every fit, and where its search ended"), columns, rows, notes)


def _refusals(context: Context) -> list[Block]:
    """What is not told of such a sample, why, and what is told instead."""
    found = list(context.results.refusals)
    if not found:
        return []
    rows = [_refusal_row(context, item) for item in found]
    columns = [
        column(_("What"), "text"),
        column(_("Why not"), "text"),
        column(_("Given instead"), "text", main=True),
    ]
    title = heading("methods-refused", _("What is not reported for such a sample"))
    caption = _("Answers of other analyses that this sample does not allow")
    words = paragraph(
        _(
            "Some answers have no sound form for a sample with weights or plausible "
            "values. They are left out, not approximated."
        )
    )
    return [title, words, table("refusals", caption, columns, rows)]


def _refusal_row(context: Context, item: At) -> dict[str, Any]:
    reason: list[Run] = sampled_reason_words(item.reason, context.labels)
    return row(refused_words(item), reason, instead_words(item) or _("nothing"))
