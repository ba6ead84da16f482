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
        "{groups} groups are too few for the variance of a slope (needed: {needed})"
    ),
    "correlation_over_waves": N_(
        "{groups} groups are too few for a variance and a correlation over waves (needed: {needed})"
    ),
    "deletion": N_("{groups} groups are too few to be left out one by one (needed: {needed})"),
    "normal_quantiles": N_(
        "{groups} groups whose effect is known are too few for a distribution (needed: {needed})"
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
    "none": N_("sums were not kept for each group by itself"),
    "shared": N_("the groups are too many for sums to be kept for each by itself"),
    "other_level": N_("sums were kept for groups of another level"),
    "other_rows": N_("the sums of the groups do not add up to those of the rows used"),
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
    template = _("{waves} waves are too few (needed: {needed})")
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
        _("{units} units are too few for {covariates} covariates"),
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


def _not_identified(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("the data cannot tell the parameters of the model apart: {formula}"),
        formula=reason.formula.value,
    )


def _crossed_units(reason: At, labels: Labels) -> list[Run]:
    if reason.limit.missing:
        template = _("this is not computed beside crossed units ({effects} effects)")
        return say(template, effects=tally(reason.effects))
    template = _(
        "{effects} effects beside crossed units are more than the {limit} that are carried"
    )
    return say(template, effects=tally(reason.effects), limit=tally(reason.limit))


def _in_several_groups(reason: At, labels: Labels) -> list[Run]:
    return say(
        _("{units} {members} were in two groups in one wave"),
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
        _("{units} units with {category} are too few (needed: {needed})"),
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
    "waves_not_apart": _fixed(N_("the waves are not kept apart in the cross-products")),
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
    "not_identified": _not_identified,
    "crossed_units": _crossed_units,
    "in_several_groups": _in_several_groups,
    "no_groups": _fixed(N_("the model has no effects of groups")),
    "unit_sums_not_kept": _unit_sums_not_kept,
    "each_group_needed": _fixed(
        N_("without any one of the groups the coefficients cannot be estimated")
    ),
    "columns_not_kept": _fixed(N_("sums of its columns were not kept")),
    "in_larger_product": _in_larger_product,
    "of_outer_groups": _of_outer_groups,
    "numeric_policy": _fixed(N_("the policy is a number, without categories to compare")),
    "no_covariates": _fixed(N_("the model has no other variables")),
    "too_few_in_category": _too_few_in_category,
    "over_imputations": _over_imputations,
}
