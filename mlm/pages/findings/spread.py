"""The finding on spread: how much of the differences lies between which units."""

from __future__ import annotations

from mlm.pages.context import Context, ToldShare
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding
from mlm.pages.lacking import rows_lacking
from mlm.pages.language import _
from mlm.pages.rounding import Number, percent
from mlm.pages.sections.over_time.course import curve_name, departs_from_line
from mlm.pages.text import Run, enumerate_words, say
from mlm.pages.words.whole import adds_up

LEFT_OUT = 0.01  # share of the rows without a covariate from which it is said of whom shares tell
MOST_LEVELS = 4  # whose shares a sentence tells one by one


def spread_finding(context: Context) -> Finding | None:
    """Where the differences lie: the outermost units that clearly differ, then all the others."""
    divided = _divided(context)
    if divided is None:
        return None
    top, others, shares = divided
    return Finding(
        key="spread",
        kind="spread",
        runs=say(
            _("{all} {first} ({low} to {high}) lie {there}, {others}.")
            if adds_up(shares)
            else _("{all} about {first} ({low} to {high}) lie {there}, {others}."),
            all=_all(context),
            first=shares[0].bold(),
            low=percent(top.lower, 0),
            high=percent(top.upper, 0),
            there=_there(context, top),
            others=others,
        ),
        short=say(_("How much {units} differ"), units=context.labels.plural(top.level)),
        section="variation",
        estimate=shares[0],
        lower=percent(top.lower, 0),
        upper=percent(top.upper, 0),
    )


def _all(context: Context) -> str:
    """All differences, or those among whom the models hold where not all have the covariates."""
    if context.is_imputed or rows_lacking(context, LEFT_OUT) is None:
        return _("Of all differences")
    persons = context.labels.plural(context.configuration.level_names[-1])
    return _("Of all differences among {persons} with no value missing").format(persons=persons)


def sum_words(context: Context) -> list[Run]:
    """That the shares that the finding tells are rounded, where they do not add up to the whole."""
    divided = _divided(context)
    if divided is None or adds_up(divided[-1]):
        return []
    return say(_("Shares of all differences are rounded and need not add up to the whole."))


def _divided(context: Context) -> tuple[ToldShare, list[Run], list[Number]] | None:
    """The foremost share, the others in words, and all as printed; None where none is clear."""
    shares = context.level_shares
    clear = [item for item in shares if not item.lower.missing and item.lower.value > 0]
    if len(clear) < 2:
        return None
    top = clear[0]
    others, told = _others(context, [item for item in shares if item is not top])
    return top, others, [percent(top.share, 0), *told]


def _others(context: Context, shares: list[ToldShare]) -> tuple[list[Run], list[Number]]:
    """The shares of the other levels in words and as printed: all together are the whole."""
    if 1 + len(shares) <= MOST_LEVELS:
        words = enumerate_words([_share(context, item) for item in shares])
        return words, [percent(item.share, 0) for item in shares]
    most = max(shares, key=lambda item: item.share.value)
    rest = derive("sum", *(item.share for item in shares if item is not most))
    words = say(
        _("{most} and {rest} elsewhere"), most=_share(context, most), rest=percent(rest, 0).bold()
    )
    return words, [percent(most.share, 0), percent(rest, 0)]


def _share(context: Context, item: ToldShare) -> list[Run]:
    return say("{share} {there}", share=percent(item.share, 0).bold(), there=_there(context, item))


def _there(context: Context, item: ToldShare) -> str:
    """Where a share lies, in few words: the shares of a level leave out those above it."""
    level, labels = item.level, context.labels
    if level == context.lowest and context.configuration.design.follows_lowest:
        return _within_persons(context)
    if level.in_wave and level not in labels.joint:
        return _("over time in the same {unit}").format(unit=labels.level(level.unit))
    return _("between {groups}").format(groups=labels.plural(level))


def _within_persons(context: Context) -> str:
    """What is left inside a person: beside the means of the waves, or a line that may not fit."""
    persons = context.labels.plural(context.configuration.level_names[-1])
    if context.results.time.coding.value == "categories":
        return _("within {persons} over time").format(persons=persons)
    template = (
        _("within {persons} around a common {line}, from which the means depart")
        if departs_from_line(context)
        else _("within {persons} around a common {line}")
    )
    return template.format(persons=persons, line=curve_name(context))
