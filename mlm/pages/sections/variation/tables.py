"""Tables of the null model: variance components, correlations, tests of the levels."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.phrases import is_made
from mlm.pages.rounding import NOT_AVAILABLE, fixed, number, p_value, percent
from mlm.pages.text import say
from mlm.pages.words.references import distribution_words, test_words
from mlm.pages.words.whole import adds_up
from mlm.results.level import Level
from mlm.results.reading import At

SHARE, LOWER, UPPER = N_("Share"), N_("Lower"), N_("Upper")


def shares_table(context: Context) -> Block:
    """Variance and share of each level by REML and by ML."""
    shares = list(context.results.null.shares)
    rows = [
        row(
            context.title_of(item.level.value),
            number(item.variance),
            number(item.sd),
            percent(item.share),
            percent(item.lower),
            percent(item.upper),
            number(item.variance_ml),
            percent(item.share_ml),
        )
        for item in shares
    ]
    return table(
        "shares",
        _("Variance components of the null model, by REML and by ML"),
        [
            column(_("Level"), "text"),
            column(_("Variance"), group=_("REML")),
            column(_("SD"), group=_("REML")),
            column(_("Share"), group=_("REML"), main=True),
            column(_("Lower"), group=_("95% interval"), main=True),
            column(_("Upper"), group=_("95% interval"), main=True),
            column(_("Variance"), group=_("ML")),
            column(_("Share"), group=_("ML")),
        ],
        rows,
        [
            say(
                _(
                    "SD: standard deviation, in {unit}. The interval is that of the share. ML "
                    "takes the fixed effects as known and gives smaller variances where groups "
                    "are few; the shares of this report are those by REML."
                ),
                unit=context.labels.unit,
            ),
            *(
                []
                if adds_up([percent(item.share) for item in shares])
                else [_("Shares are rounded: as printed they do not add up to 100%.")]
            ),
        ],
    )


def told_by_wave(context: Context) -> list[At]:
    """Variances of the settled model with shares in each wave; none where one is the whole."""
    variances = context.results.settled.variances
    found = [item for item in variances if not item.shares_by_wave.empty]
    return found if len(list(variances)) > 1 else []


def shares_in_waves_table(context: Context) -> Block:
    """Share of each level in the variance of each wave, in the settled model."""
    variances = told_by_wave(context)
    rows = []
    for place, wave in enumerate(context.results.time.waves.value):
        cells = []
        for item in variances:
            share = item.shares_by_wave[place]
            cells += [percent(share.share), percent(share.lower), percent(share.upper)]
        rows.append(row(context.labels.wave(wave), *cells))
    columns = [column(context.labels.wave_title, "text")]
    for item in variances:
        group = context.title_with_held(item)
        columns += [
            column(_(name), group=group, main=name == SHARE) for name in (SHARE, LOWER, UPPER)
        ]
    return table(
        "shares-waves",
        _("Shares of the variance in each wave, settled model"),
        columns,
        rows,
        [
            _(
                "Of the variance that the variables of the settled model leave in that wave. The "
                "intervals hold the true share in 95 of 100 surveys; they are drawn from the "
                "likelihood."
            )
        ],
    )


def correlations_table(context: Context) -> Block:
    """Correlations of two rows that share units down to a level."""
    rows = [
        row(
            _pair(context, item.level.value),
            *(fixed(each, 3) for each in (item.value_, item.lower, item.upper)),
        )
        for item in context.results.null.correlations
    ]
    columns = [
        column(_("Two rows of"), "text"),
        column(_("Correlation")),
        column(_("Lower"), group=_("95% interval")),
        column(_("Upper"), group=_("95% interval")),
    ]
    return table("correlations", _("Correlations implied by the null model"), columns, rows)


def _pair(context: Context, level: Level) -> str:
    """What two rows have in common, and in which units of the next level they differ."""
    inner = context.hierarchy[context.hierarchy.index(level) + 1]
    group = context.labels.level(level)
    if context.is_crossed(inner) or inner == context.lowest:
        return _("The same {group}").format(group=group)
    if inner.in_wave:
        return _("The same {group}, in different waves").format(group=group)
    groups = context.labels.plural(inner)
    return _("The same {group}, different {groups}").format(group=group, groups=groups)


def unit_correlations_table(context: Context, items: list[At]) -> Block:
    """Correlations of the true means of units, such as two schools of one county."""
    rows = []
    for item in items:
        inner, group = item.level.value, context.labels.level(item.within.value)
        if inner.in_wave:
            name = _("One {group} in two waves").format(group=group)
        elif context.is_crossed(inner):
            name = _("Two {groups} who stay in one {group}").format(
                groups=context.labels.plural(inner), group=group
            )
        else:
            name = _("Two {groups} of one {group}").format(
                groups=context.labels.plural(inner), group=group
            )
        rows.append(row(name, fixed(item.value_, 3)))
    columns = [column(_("True means of"), "text"), column(_("Correlation"))]
    caption = _("Correlations of the true means of groups, null model")
    words = _(
        "The true mean of a group is the one that observations without end would give: chance "
        "within the group plays no part in it."
    )
    return table("unit-correlations", caption, columns, rows, [words])


def tests_table(context: Context) -> Block:
    """Tests that the variance of each level is zero."""
    tests = list(context.results.null.tests)
    rows = [row(context.title_of(item.level.value), *_test_cells(item.test)) for item in tests]
    refused = [
        say(
            _("{level}: {test}."),
            level=context.title_of(item.level.value),
            test=test_words(item.test, context.labels),
        )
        for item in tests
        if not is_made(item.test)
    ]
    return table(
        "level-tests",
        _("Likelihood-ratio tests of the variation at each level"),
        [
            column(_("Level"), "text"),
            column("χ²", main=True),
            column(_("Reference distribution"), "text"),
            column("p", main=True),
        ],
        rows,
        [
            _(
                "A variance cannot be negative, so the reference distribution is an equal mixture "
                "of chi-squared distributions."
            ),
            *refused,
        ],
    )


def _test_cells(found: At) -> list:
    """Statistic, reference distribution and p; none of them where there is no test."""
    if not is_made(found):
        return [NOT_AVAILABLE] * 3
    reference = distribution_words(found.reference)
    return [fixed(found.statistic, 1), reference, p_value(found.p_value)]
