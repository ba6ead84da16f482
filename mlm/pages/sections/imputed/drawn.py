"""Imputations that a joint model drew: what it is, whether its chains agree, what it leaves out."""

from __future__ import annotations

from mlm.pages.blocks import Block, bullets, heading, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import fixed, tally
from mlm.pages.text import Run, enumerate_words, join, say
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
        paragraph(_model_words(context, found)),
        paragraph(_convergence_words(found)),
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


def _names(context: Context, names: At) -> list[Run]:
    return enumerate_words([say(context.labels.variable(name.value)) for name in names])


def _model_words(context: Context, found: At) -> list[Run]:
    return say(
        _(
            "Missing values were drawn from a multivariate normal model with random effects at "
            "{levels} nested levels, in which the outcome and the incomplete variables are "
            "explained together by the complete ones (Schafer and Yucel 2002; Quartagno and "
            "Carpenter 2016). Categories stand there by latent normal variables. Incomplete: "
            "{variables}."
        ),
        levels=tally(found.n_levels),
        variables=enumerate_words(
            [say(context.labels.variable(item.variable.value)) for item in found.missing_in]
        ),
    )


def _convergence_words(found: At) -> list[Run]:
    chains = found.convergence
    words = say(
        _(
            "The largest split R-hat of its parameters in {chains} chains is {r_hat}, the fewest "
            "effective draws are {draws}."
        ),
        chains=tally(chains.chains),
        r_hat=fixed(chains.r_hat, 2),
        draws=fixed(chains.effective_draws, 0),
    )
    if chains.converged.value:
        return words
    doubt = say(
        _(
            "The chains have not come to agree on all parameters: take small differences between "
            "imputed and complete rows with care."
        )
    )
    return join(words, doubt)


def _term(context: Context, item: At) -> list[Run]:
    return say(
        _(NOT_COMPATIBLE[item.kind.value]),
        variables=_names(context, item.variables),
        incomplete=_names(context, item.incomplete),
    )
