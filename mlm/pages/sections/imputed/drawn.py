"""Imputations that a joint model drew: what it is, whether its chains agree, what it leaves out."""

from __future__ import annotations

from mlm.pages.blocks import Block, bullets, heading, paragraph
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.lacking import lacking_variables, rows_lacking, rows_of
from mlm.pages.language import N_, _, ngettext
from mlm.pages.rounding import fixed, percent, tally
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.terms import term_words
from mlm.results.reading import At

NOT_COMPATIBLE = {
    "product": N_("the product of {variables}: {incomplete} imputed without it"),
    "power": N_("a power of {variables}: {incomplete} imputed without it"),
    "function": N_("a function of {variables}: {incomplete} imputed without it"),
    "slope": N_(
        "slopes of {variables}, which may differ between units: {incomplete} imputed without"
    ),
    "aggregate": N_("{variables}, made of the observed values of {incomplete}"),
    "computed": N_("{variables}, computed from others and imputed as a variable of its own"),
}


def drawn_blocks(context: Context, found: At) -> list[Block]:
    """How imputations were drawn; nothing where they were brought as files."""
    if found.missing:
        return []
    blocks: list[Block] = [
        heading("drawn", _("How missing values were drawn")),
        *_by_default(context),
        paragraph(_model_words(context, found)),
        paragraph(_convergence_words(context, found)),
    ]
    told = list(found.not_compatible)
    if told:
        blocks += [
            paragraph(
                _(
                    "The joint model is linear. These terms are not part of it, so that their "
                    "coefficients are pulled towards zero where much is missing:"
                )
            ),
            bullets([_term(context, item) for item in told]),
        ]
    return blocks


def _by_default(context: Context) -> list[Block]:
    """That nobody asked for it, where the configuration says nothing of missing values."""
    if context.configuration.missing.method is not None:
        return []
    found = rows_lacking(context)
    text = say(
        _(
            "The configuration does not say what becomes of rows that lack a covariate. More than "
            "5% of the rows that have the outcome lack one, so that their values were drawn; with "
            "fewer the rows would have been left out (key missing)."
        )
    )
    if found is None:
        return [paragraph(text)]
    told = say(_("The rows that lack one are {share}."), share=percent(found.share))
    return [paragraph(join(text, told))]


def _names(context: Context, names: At) -> list[Run]:
    return enumerate_words([say(context.labels.variable(name.value)) for name in names])


def _model_words(context: Context, found: At) -> list[Run]:
    return say(
        _(
            "Missing values were drawn from what the rows that have them tell: from the outcome, "
            "the other variables, and the units that a row belongs to, at {levels} (a "
            "multivariate normal model with random effects; Schafer and Yucel 2002; Quartagno and "
            "Carpenter 2016). Values of units, such as schools or classes, are one for all rows of "
            "a unit. Imputed were {variables}."
        ),
        levels=say(
            ngettext("{n} level", "{n} levels", found.n_levels.value), n=tally(found.n_levels)
        ),
        variables=enumerate_words(_filled(context, found)),
    )


def _filled(context: Context, found: At) -> list[list[Run]]:
    """Variables that were imputed, each with the share of the rows in which it was.

    The shares are those of the table of rows that lack a covariate.
    """
    whole = rows_lacking(context)
    lacking = {item.variable.value: item for item in lacking_variables(context)}
    told = []
    for item in found.missing_in:
        name = item.variable.value
        words = say(context.labels.variable(name))
        if whole is not None and name in lacking:
            share = percent(derive("ratio", rows_of(lacking[name]), whole.rows))
            words = say(_("{variable} ({share} of the rows)"), variable=words, share=share)
        told.append(words)
    return told


def _convergence_words(context: Context, found: At) -> list[Run]:
    chains = found.convergence
    words = say(
        _(
            "The draws come from {chains} chains that started apart. They agree where split R-hat, "
            "how much wider all chains together spread than each by itself, is near 1: it is "
            "{r_hat} at most, for {parameter}. The draws are worth {draws} independent ones at "
            "least."
        ),
        chains=tally(chains.chains),
        r_hat=fixed(chains.r_hat, 2),
        parameter=_parameter(context, chains.r_hat_of),
        draws=fixed(chains.effective_draws, 0),
    )
    if chains.converged.value:
        return words
    doubt = say(
        _(
            "The chains have not come to agree on all parameters: take small differences between "
            "imputed and complete rows with care where they hang on this one. More iterations "
            "(key iterations) may help, unless the data hardly tell it: a category of few, or one "
            "that is all or nothing within units."
        )
    )
    return join(words, doubt)


def _parameter(context: Context, item: At) -> list[Run]:
    """A parameter of the joint model, in words."""
    labels = context.labels
    response = term_words(item.response.value, labels).full
    other = "" if item.other.missing else term_words(item.other.value, labels).full
    if item.kind.value == "coefficient":
        return say(_("what {other} tells of {response}"), other=other, response=response)
    units = "" if item.level.missing else labels.plural(item.level.value)
    if item.kind.value == "variance":
        if not units:
            return say(_("the spread of {response} between rows"), response=response)
        template = _("the spread of {response} between {units}")
        return say(template, response=response, units=units)
    if not units:
        template = _("the correlation of {response} and {other} between rows")
        return say(template, response=response, other=other)
    template = _("the correlation of {response} and {other} between {units}")
    return say(template, response=response, other=other, units=units)


def _term(context: Context, item: At) -> list[Run]:
    return say(
        _(NOT_COMPATIBLE[item.kind.value]),
        variables=_names(context, item.variables),
        incomplete=_names(context, item.incomplete),
    )
