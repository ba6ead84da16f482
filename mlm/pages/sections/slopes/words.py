"""Which effects differ between groups, in sentences; names of slopes."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import singular
from mlm.pages.language import _
from mlm.pages.phrases import is_made, p_adjusted, test
from mlm.pages.rounding import decimals_for_size, fixed, p_equals, tally
from mlm.pages.sizes import size_words
from mlm.pages.text import Run, enumerate_words, join, plain_text, say
from mlm.pages.words.reasons import reason_words
from mlm.pages.words.terms import label_alone
from mlm.results.level import Level
from mlm.results.reading import At

ENDS = ("lower_from", "lower_to", "upper_from", "upper_to")


def slopes_answer(context: Context) -> list[Run]:
    """Slopes that vary, with the average and the spread of the foremost; or that there are none."""
    kept = kept_slopes(context)
    if not kept:
        return _none_words(context)
    foremost = foremost_of(context, kept)
    return join(
        _kept_list(context, kept),
        _kept_words(context, foremost),
        _known_words(context, foremost),
        _spread_words(context, foremost),
    )


def kept_slopes(context: Context) -> list[At]:
    """Slopes that were tested and that the settled model holds, one a column."""
    tested = [item for item in context.results.slopes if is_tested(item)]
    return [item for item in tested if item.kept.value]


def _none_words(context: Context) -> list[Run]:
    """That no slope was tested, or that there is no evidence of any."""
    slopes = context.results.slopes
    tested = [item for item in slopes if is_tested(item)]
    if not tested:
        return say(
            _("No effect could be tested for differences between groups: {reason}."),
            reason=_("none was tried")
            if slopes.empty
            else _("all were refused for the reasons below"),
        )
    smallest = min(tested, key=lambda item: p_adjusted(item.test).value)
    return say(
        _(
            "There is no clear evidence that any of the {number} effects tested differs "
            "between groups; the strongest sign is {name} between {groups} ({test}; p "
            "{adjusted} when all slopes tested are counted)."
        ),
        number=tally(derive("items", *tested)),
        name=slope_name(context, smallest),
        groups=context.labels.plural(smallest.level.value),
        test=test(smallest.test),
        adjusted=p_equals(p_adjusted(smallest.test)),
    )


def _kept_list(context: Context, kept: list[At]) -> list[Run]:
    """Between which groups the effect of each variable differs, variable by variable."""
    levels: dict[str, list[tuple[Level, ...]]] = {}
    for item in kept:
        own = levels.setdefault(item.variable.value, [])
        alike = (item.level.value, *item.or_over.value)
        if not any(set(alike) == set(known) for known in own):
            own.append(alike)
    together: dict[tuple[tuple[Level, ...], ...], list[str]] = {}
    for variable, own in levels.items():
        together.setdefault(tuple(own), []).append(context.labels.variable(variable))
    parts = [
        say(
            _("between {groups} for {names}"),
            names=enumerate_words(names),
            groups=enumerate_words([_one_of(context, each) for each in own]),
        )
        for own, names in together.items()
    ]
    said = say(_("Effects differ {parts}."), parts=enumerate_words(parts))
    if all(len(each) == 1 for own in levels.values() for each in own):
        return said
    undecided = _(
        "Where two levels are named with an or, either explains the data about as well: they "
        "cannot tell at which of them the effect differs."
    )
    return join(said, undecided)


def _one_of(context: Context, levels: tuple[Level, ...]) -> list[Run]:
    """Levels of which one is meant, outermost first: ``schools or classes``."""
    places = [item.level.value for item in context.results.levels]
    in_order = sorted(levels, key=places.index)
    return enumerate_words([context.labels.plural(level) for level in in_order], _("or"))


def _kept_words(context: Context, item: At) -> list[Run]:
    decimals = slope_decimals(item)
    return say(
        _(
            "The effect of {name} is {mean} {unit}{step} on average; the model puts it "
            "between {low} and {high} in about 95% of {groups} (standard deviation {sd})."
        ),
        name=slope_name(context, item),
        step=_step(context, item),
        groups=context.labels.plural(item.level.value),
        mean=fixed(item.mean_effect, decimals).bold(),
        unit=context.labels.unit,
        low=fixed(item.lower, decimals),
        high=fixed(item.upper, decimals),
        sd=fixed(item.sd, decimals),
    )


def _known_words(context: Context, item: At) -> list[Run]:
    """How well the range of a slope is known, and what of it comes from products."""
    if item.range.missing or any(getattr(item.range, name).missing for name in ENDS):
        return []
    decimals, found = slope_decimals(item), item.range
    words = say(
        _(
            "Both ends have an error: the lower one lies between {lower_from} and {lower_to}, the "
            "upper one between {upper_from} and {upper_to} (95% intervals)."
        ),
        **{name: fixed(getattr(found, name), decimals) for name in ENDS},
    )
    if not item.sd_units.value > 0.0:
        return words
    products = say(
        _(
            "The range is that of the {groups} as they are: products with variables of the "
            "{groups} add a standard deviation of {sd} to it."
        ),
        groups=context.labels.plural(item.level.value),
        sd=fixed(item.sd_units, decimals),
    )
    return join(words, products)


def _spread_words(context: Context, item: At) -> list[Run]:
    """A slope's standard deviation in that of the outcome, for one of the variable if a number."""
    if item.sd_effect.missing:
        whole = _("That standard deviation is {value} of {outcome}'s own in {wave}.")
        return size_words(context, item.sd, template=whole)
    step = _(
        "For one standard deviation of the variable, that of its effect is {value} of {outcome}'s "
        "own in {wave}."
    )
    return size_words(context, item.sd_effect, template=step)


def _step(context: Context, item: At) -> str:
    """`` for each year more`` where the effect is that of a number."""
    if not item.column.category.missing:
        return ""
    unit = singular(context.labels.unit_of(item.variable.value)) or _("unit")
    return _(" for each {unit} more").format(unit=unit)


def slope_name(context: Context, item: At) -> str:
    """What a slope is the effect of: a category against the reference, or a number."""
    labels, variable = context.labels, item.variable.value
    if item.kind.value == "refused":
        return labels.variable(variable)
    name = label_alone((item.column.value,), labels)
    if item.column.category.missing:
        return name
    reference = labels.reference(variable)
    return _("{name} (against {reference})").format(name=name, reference=reference)


def slope_decimals(item: At) -> int:
    """The decimals of a slope, its mean and its range."""
    return decimals_for_size(item.sd.value, 2)


def refused_words(context: Context, refused: list[At]) -> list[Run]:
    """Slopes that could not be tried, gathered by level and reason."""
    gathered: dict[tuple[Level, str], list[str]] = {}
    reasons: dict[tuple[Level, str], list[Run]] = {}
    for item in refused:
        found = item.reason if item.kind.value == "refused" else item.test.reason
        reason = reason_words(found, context.labels)
        key = (item.level.value, plain_text(reason))
        reasons.setdefault(key, reason)
        gathered.setdefault(key, []).append(slope_name(context, item))
    parts = [
        say(
            _("{names} between {groups} ({reason})"),
            names=enumerate_words(names),
            groups=context.labels.plural(level),
            reason=reasons[level, reason],
        )
        for (level, reason), names in gathered.items()
    ]
    return say(_("Not tested: {parts}."), parts=enumerate_words(parts))


def is_tested(item: At) -> bool:
    """Whether a slope was tried and its test made."""
    return item.kind.value == "tested" and is_made(item.test)


def foremost_of(context: Context, kept: list[At]) -> At:
    """The slope to put first: of a policy variable if there is one, then the widest spread.

    Spreads of several variables are for a standard deviation of each, so that units do not matter.
    """
    policies = {item.variable.value for item in context.results.policy}

    def place(item: At) -> tuple[bool, float]:
        is_policy = item.variable.value in policies
        plain_sd = is_policy or item.sd_effect.missing
        return is_policy, item.sd.value if plain_sd else item.sd_effect.value

    return max(kept, key=place)
