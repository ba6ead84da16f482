"""Reasons in words: why something was not computed, or not as it might have been."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.labels import Labels
from mlm.pages.language import N_, _
from mlm.pages.rounding import count, decimals_for_size, fixed, tally
from mlm.pages.text import Run, say
from mlm.results.reading import At

GROUPS = {
    "slope_variance": N_(
        "too few groups for the variance of a slope: {groups}, while {needed} are needed"
    ),
    "slope_beside_waves": N_(
        "too few groups for a slope of a category beside effects of each wave: {groups}, while "
        "{needed} are needed, five for each variance and covariance of the waves"
    ),
    "correlation_over_waves": N_(
        "too few groups for a variance and a correlation over "
        "waves: {groups}, while {needed} are needed"
    ),
    "deletion": N_(
        "too few groups to leave them out one by one: {groups}, while {needed} are needed"
    ),
    "normal_quantiles": N_(
        "too few groups with a known effect for a distribution: {groups}, while {needed} are needed"
    ),
}
UNFITTED = {
    "model": N_("a model could not be fitted"),
    "covariance_over_waves": N_("the covariance over waves could not be estimated"),
    "residual_variances": N_("the residual variances could not be estimated"),
}
ABSENT = {
    "variable": N_("the variable is not in the model"),
    "unit_mean": N_("no mean over units is in the model"),
}

SUMS = {
    "none": N_("what it needs of each single group was not stored when the rows were read"),
    "shared": N_("there are too many groups to store what it needs of each"),
    "other_level": N_("what it needs was stored for the groups of another level alone"),
    "other_rows": N_("what was stored of single groups is not of the rows used here"),
}


def reason_words(reason: At, labels: Labels) -> list[Run]:
    """A reason in words, to follow a colon or to stand in brackets."""
    return REASONS[reason.kind.value](reason, labels)


def _fixed(text: str) -> Callable[[At, Labels], list[Run]]:
    """Words that need no number."""
    return lambda reason, labels: say(_(text))


def _too_few_groups(reason: At, labels: Labels) -> list[Run]:
    return say(
        _(GROUPS[reason.what.value]),
        groups=count(reason.groups),
        needed=tally(reason.needed),
    )


def _too_few_waves(reason: At, labels: Labels) -> list[Run]:
    if reason.what.value == "comparison" and reason.waves.value == 1:
        return say(_("there is one wave only"))
    template = _("too few waves: {waves}, while {needed} are needed")
    return say(template, waves=tally(reason.waves), needed=tally(reason.needed))


def _too_few_rows_in_group(reason: At, labels: Labels) -> list[Run]:
    template = (
        _("a group has {mean} rows on average: too few occasions for a slope of its own")
        if reason.effects.value == 2
        else _("a group has {mean} rows on average: too few for {effects} effects of its own")
    )
    return say(template, mean=fixed(reason.mean, 1), effects=tally(reason.effects))


def _too_few_units(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("too few units ({units}) for the covariates ({covariates})"),
        units=count(reason.units),
        covariates=tally(reason.covariates),
    )


def _not_in_model(reason: At, labels: Labels) -> list[Run]:
    return say(_(ABSENT[reason.what.value]))


def _determined_by_others(reason: At, labels: Labels) -> list[Run]:
    if reason.terms.empty:
        return say(_("the columns are determined by the others"))
    terms = labels.terms(reason.terms.value)
    return say(_("determined by the others: {terms}"), terms=terms)


def _not_fitted(reason: At, labels: Labels) -> list[Run]:
    return say(_(UNFITTED[reason.what.value]))


def _different_samples(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("the models were fitted to different rows ({small} and {large})"),
        small=count(reason.small),
        large=count(reason.large),
    )


def _different_criteria(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("the smaller model was fitted by {small}, the larger by {large}"),
        small=reason.small.value,
        large=reason.large.value,
    )


def _different_fixed_effects(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("REML cannot compare models with different fixed effects; only one has {terms}"),
        terms=labels.terms(reason.only_in_one.value),
    )


def _not_nested(reason: At, labels: Labels) -> list[Run]:
    term = labels.term(reason.term.value) or _("Constant")
    if reason.group.missing:
        return say(_("the models are not nested: only the smaller one has {term}"), term=term)
    return say(
        _("the models are not nested: only in the smaller one does {term} vary over {groups}"),
        term=term,
        groups=labels.plural(reason.group.value),
    )


def _fits_worse(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("the larger model fits worse by {by}: one of the two is not at its optimum"),
        by=fixed(reason.by, decimals_for_size(reason.by.value, 2)),
    )


def _crossed_units(reason: At, labels: Labels) -> list[Run]:
    if reason.limit.missing:
        template = _("this is not computed beside crossed units ({effects} effects)")
        return say(template, effects=tally(reason.effects))
    template = _(
        "there are {effects} effects beside crossed units, more than the {limit} "
        "that can be computed"
    )
    return say(template, effects=tally(reason.effects), limit=tally(reason.limit))


def _in_several_groups(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("some {members} ({units}) were in two groups in one wave"),
        units=count(reason.units),
        members=labels.plural(reason.level.value),
    )


def _unit_sums_not_kept(reason: At, labels: Labels) -> list[Run]:
    return say(_(SUMS[reason.what.value]))


def _in_larger_product(reason: At, labels: Labels) -> list[Run]:
    return say(_("the model holds it in {terms}"), terms=labels.terms(reason.terms.value))


def _of_outer_groups(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("the variable was tried with the slope over {groups}"),
        groups=labels.plural(reason.level.value),
    )


def _too_few_in_category(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("too few units with {category}: {units}, while {needed} are needed"),
        units=count(reason.units),
        category=labels.category(reason.variable.value, reason.category.value),
        needed=tally(reason.needed),
    )


def _over_imputations(reason: At, labels: Labels) -> list[Run]:
    return say(_("{draws} imputations have no common answer"), draws=tally(reason.draws))


REASONS: dict[str, Callable[[At, Labels], list[Run]]] = {
    "too_few_groups": _too_few_groups,
    "too_few_waves": _too_few_waves,
    "too_few_rows_in_group": _too_few_rows_in_group,
    "no_variation_within": _fixed(N_("the variable does not vary within the groups")),
    "waves_not_apart": _fixed(N_("what was stored of the rows does not keep the waves apart")),
    "zero_variance": _fixed(N_("the groups do not differ: their variance is zero")),
    "too_few_units": _too_few_units,
    "assigned_to_rows": _fixed(N_("the policy is assigned to rows, which were not read again")),
    "not_in_model": _not_in_model,
    "determined_by_others": _determined_by_others,
    "not_fitted": _not_fitted,
    "different_samples": _different_samples,
    "different_criteria": _different_criteria,
    "different_fixed_effects": _different_fixed_effects,
    "not_nested": _not_nested,
    "same_parameters": _fixed(N_("the models have the same parameters: there is nothing to test")),
    "under_weights": _fixed(
        N_("the rows have sampling weights, on whose unit a likelihood depends")
    ),
    "fits_worse": _fits_worse,
    "not_identified": _fixed(N_("the data cannot tell the parameters of such a model apart")),
    "crossed_units": _crossed_units,
    "in_several_groups": _in_several_groups,
    "no_groups": _fixed(N_("the model has no effects of groups")),
    "unit_sums_not_kept": _unit_sums_not_kept,
    "each_group_needed": _fixed(
        N_("without any one of the groups the coefficients cannot be estimated")
    ),
    "columns_not_kept": _fixed(
        N_("what it needs of each single unit was not stored when the rows were read")
    ),
    "in_larger_product": _in_larger_product,
    "of_outer_groups": _of_outer_groups,
    "numeric_policy": _fixed(N_("the policy is a number, without categories to compare")),
    "no_covariates": _fixed(N_("the model has no other variables")),
    "too_few_in_category": _too_few_in_category,
    "over_imputations": _over_imputations,
}
