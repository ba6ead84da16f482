"""Reasons of the analysis of a sample in words: why something is not told of it."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.labels import Labels
from mlm.pages.language import N_, _, ngettext
from mlm.pages.rounding import degrees, tally
from mlm.pages.text import Run, say
from mlm.pages.words.reasons import REASONS
from mlm.pages.words.sample_design import scaling_words
from mlm.results.reading import At

NOT_CONFIGURED = {
    "cut": N_("the configuration has no cut"),
    "policy": N_("the configuration names no policy"),
    "slopes": N_("the configuration names no slopes"),
    "reduction": N_("the configuration asks for no reduction"),
    "replicates": N_("the configuration names no replicates"),
    "weights": N_("the configuration names no sampling weights"),
}


def sampled_reason_words(reason: At, labels: Labels) -> list[Run]:
    """A reason in words, to follow a colon or to stand in brackets."""
    kind = reason.kind.value
    return (SAMPLED_REASONS[kind] if kind in SAMPLED_REASONS else REASONS[kind])(reason, labels)


def _fixed(text: str) -> Callable[[At, Labels], list[Run]]:
    """Words that need no number."""
    return lambda reason, labels: say(_(text))


def _not_for_single_units(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("the {draws} plausible values were not made to describe single units"),
        draws=tally(reason.draws),
    )


def _scaling_not_for_units(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("with weights scaled in this way ({scaling}) effects of single units are not reliable"),
        scaling=scaling_words(reason.scaling.value),
    )


def _weights_within_units(reason: At, labels: Labels) -> list[Run]:
    return say(
        _(
            "rows of the same {groups} weigh differently from wave to wave, and a covariance of "
            "all their rows has one weight"
        ),
        groups=labels.plural(reason.level.value),
    )


def _too_few_degrees(reason: At, labels: Labels) -> list[Run]:
    return say(
        ngettext(
            "the sample has {df} degrees of freedom, too few for {coefficients} coefficient",
            "the sample has {df} degrees of freedom, too few for {coefficients} coefficients",
            reason.coefficients.value,
        ),
        df=degrees(reason.df),
        coefficients=tally(reason.coefficients),
    )


def _nested_draws(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("a joint test of {coefficients} coefficients is not known for nested plausible values"),
        coefficients=tally(reason.coefficients),
    )


def _not_configured(reason: At, labels: Labels) -> list[Run]:
    return say(_(NOT_CONFIGURED[reason.what.value]))


def _one_level_only(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("this scaling is defined for one level of units; the models have {levels}"),
        levels=tally(reason.levels),
    )


SAMPLED_REASONS: dict[str, Callable[[At, Labels], list[Run]]] = {
    "unit_of_weights": _fixed(
        N_("a weighted likelihood grows with the unit of the weights, not with the sample")
    ),
    "draws_have_their_own": _fixed(
        N_("each plausible value has a likelihood of its own, and these are not pooled")
    ),
    "model_alone_errors": _fixed(
        N_("it takes the errors that the model alone would give, not those of the sample")
    ),
    "not_of_samples": _fixed(N_("it is not computed for such a sample")),
    "not_for_single_units": _not_for_single_units,
    "scaling_not_for_units": _scaling_not_for_units,
    "one_wave": _fixed(N_("there is one wave only")),
    "none_recur": _fixed(N_("no units above the rows are seen in several waves")),
    "weights_within_units": _weights_within_units,
    "not_estimable": _fixed(N_("a variance is zero, or the model has no optimum")),
    "rests_on_one_cluster": _fixed(
        N_("one of them alone tells a coefficient of the model, without which there is none")
    ),
    "on_bound": _fixed(
        N_("a variance is estimated as zero, or a correlation between waves as one")
    ),
    "too_few_degrees": _too_few_degrees,
    "nested_draws": _nested_draws,
    "not_configured": _not_configured,
    "one_level_only": _one_level_only,
    "share_has_no_link": _fixed(
        N_("the linking error is in points of the scale, and shares have none")
    ),
}
