"""The licence to rank: its checks, and in words those that failed."""

from __future__ import annotations

from mlm.pages.blocks import Block, Cell, column, row, table
from mlm.pages.context import Context
from mlm.pages.labels import uncapitalise
from mlm.pages.language import N_, _
from mlm.pages.rounding import (
    NOT_APPLICABLE,
    Number,
    count,
    fixed,
    p_equals,
    p_value,
    percent,
    plain,
    tally,
)
from mlm.pages.text import Run, or_else, say
from mlm.pages.words.levels import identifier
from mlm.results.reading import At

BY_LOWER_END = ("reliability", "stability")
CHECK_WORDS = {
    "units": N_("Number of groups that are compared"),
    "variance": N_("Test that the groups differ at all (p)"),
    "reliability": N_("Mean reliability of what is compared"),
    "separable": N_("Share of pairs of groups that can be told apart"),
    "stability": N_("Correlation of the group effects between waves"),
}
FAILED_WORDS = {
    "units": N_("there are too few {groups}: {value}, while {threshold} are needed"),
    "variance": N_(
        "there is no clear evidence that {groups} differ at all in the settled model (p {value})"
    ),
    "reliability": N_(
        "the mean reliability of what is compared may be as low as {value} ({threshold} is needed)"
    ),
    "separable": N_("{value} of the pairs of {groups} can be told apart ({threshold} is needed)"),
    "stability": N_(
        "the correlation of their effects between waves may be as low as {value} ({threshold} is "
        "needed)"
    ),
}


def licence_table(context: Context, item: At) -> Block:
    """Every check of the licence: its value, what is needed, and the verdict."""
    level = item.level.value
    rows = [row(*_check_cells(check, item.n)) for check in item.licence.checks]
    caption = say(
        _("Checks before ranking: {groups} may be ranked")
        if item.licence.granted.value
        else _("Checks before ranking: {groups} may not be ranked"),
        groups=context.labels.plural(level),
    )
    columns = [
        column(_("Check"), "text"),
        column(_("Value"), main=True),
        column(_("Needed"), "text"),
        column(_("Verdict"), "text", main=True),
        column(_("Lower end of the 95% interval")),
    ]
    mean = fixed(item.reliability_mean, 2)
    least = say(
        _(", {least} for the least reliable of the {groups}"),
        least=fixed(item.reliability_min, 2),
        groups=context.labels.plural(level),
    )
    notes = [
        say(_("Reliability: {mean} on average{least}."), mean=mean, least=or_else(least, "")),
        _(
            "Reliability and correlation pass where the lower end of their 95% interval does. A "
            "pair is told apart where the 95% interval of its difference excludes zero."
        ),
    ]
    return table(f"licence-{identifier(level)}", caption, columns, rows, notes)


def _check_cells(check: At, units: At) -> list:
    name = check.check.value
    value, threshold = check.value_, check.threshold
    lower: Cell = value_of_check(name, check.lower) if name in BY_LOWER_END else NOT_APPLICABLE
    if name == "units":
        shown, needed = count(units), say(_("{value} or more"), value=plain(threshold))
    elif name == "variance":
        shown, needed = p_value(value), say(_("below {alpha}"), alpha=plain(threshold))
    elif name == "separable":
        shown, needed = (
            value_of_check(name, value),
            say(_("{share} or more"), share=percent(threshold, 0)),
        )
    else:
        shown, needed = (
            value_of_check(name, value),
            say(_("{value} or more"), value=plain(threshold)),
        )
    verdict = _("passed") if check.passed.value else _("not passed")
    return [_(CHECK_WORDS[name]), shown, needed, verdict, lower]


def value_of_check(name: str, value: At) -> Number:
    """What a check by the lower end of an interval found, as it is printed."""
    return percent(value, 0) if name == "separable" else fixed(value, 2)


def failures(context: Context, item: At) -> list[list[Run]]:
    """The checks that failed, in words."""
    failed = [check for check in item.licence.checks if not check.passed.value]
    groups = context.labels.plural(item.level.value)
    return [_failure(check, groups, item.n) for check in failed]


def _failure(check: At, groups: str, units: At) -> list[Run]:
    name = check.check.value
    if name == "units":
        words, needed = _(FAILED_WORDS[name]), tally(check.threshold)
        return say(words, value=count(units), threshold=needed, groups=groups)
    lower = name in BY_LOWER_END
    if check.value_.missing or (lower and check.lower.missing):
        words = _(CHECK_WORDS[name])
        return say(_("one check could not be made ({words})"), words=uncapitalise(words))
    told = check.lower if lower else check.value_
    shown = p_equals(told) if name == "variance" else value_of_check(name, told)
    threshold = check.threshold
    needed = percent(threshold, 0) if name == "separable" else plain(threshold)
    return say(_(FAILED_WORDS[name]), value=shown, threshold=needed, groups=groups)
