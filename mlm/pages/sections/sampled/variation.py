"""How much of the variance lies at each level: variances and shares, with and without weights."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, figure, group_row, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.rounding import NOT_APPLICABLE, fixed, number, percent, tally
from mlm.pages.sections.sampled.error_parts import Told, errors_table
from mlm.pages.sections.sampled.estimates import (
    PERCENT,
    estimate_cells,
    estimate_columns,
    has_ends,
    interval_note,
    shown,
)
from mlm.pages.sections.sampled.means import is_weighted
from mlm.pages.sections.section import Section
from mlm.pages.sections.variation.words import bars_words
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.levels import identifier
from mlm.pages.words.terms import label_alone
from mlm.pages.words.whole import rounded_words
from mlm.results.reading import At

QUESTION = N_("How much variation is there at each level?")
FEW_DECIDE = 10  # degrees of freedom of a share, below which few units decide it
UNITS_FOR_MORE = 30  # units from which that is worth a word
DRAWN = ("null", "settled")
TOLD = ("null", "full", "settled")


def variation_section(context: Context) -> Section:
    """The section on variances and their shares."""
    blocks: list[Block] = [paragraph(variation_answer(context), "answer")]
    blocks += [shares_figure(context), _shares_table(context), _variances_table(context)]
    words = corrected_words(context)
    blocks += [note("information", words)] if words else []
    return Section("variation", _("Variation at each level"), blocks, "2", _(QUESTION))


def _model(context: Context, key: str) -> At:
    return getattr(context.results, key)


def variation_errors(context: Context) -> list[Block]:
    """What the errors of variances and of their shares are made of."""
    shares: list[Told] = []
    variances: list[Told] = []
    for key in TOLD:
        title, model = Told(context.model_title(key)), _model(context, key)
        shares += [
            title,
            *(Told(context.title_of(i.level.value), i, PERCENT) for i in model.shares),
        ]
        found = model.variance_components
        variances += [title, *(Told(component_name(context, item), item) for item in found)]
    caption = say(
        _("Variances: what the errors are made of, in squared {unit}"), unit=context.labels.unit
    )
    return [
        *errors_table("errors-shares", _("Shares: what the errors are made of"), shares),
        *errors_table("errors-variances", caption, variances),
    ]


def variation_answer(context: Context) -> list[Run]:
    """The shares of the null model in a sentence, and what they would be without weights."""
    parts = [
        say(
            _("{share} (95% interval {lower} to {upper}) lies {where}")
            if has_ends(item)
            else _("{share} lies {where}"),
            share=percent(item.estimate).bold(),
            lower=percent(item.lower),
            upper=percent(item.upper),
            where=context.between_units(item.level.value),
        )
        for item in context.results.null.shares
    ]
    words = say(
        _("Of the variance of {outcome}, {parts}{rounded}."),
        outcome=context.labels.outcome,
        parts=enumerate_words(parts),
        rounded=rounded_words([percent(item.estimate) for item in context.results.null.shares]),
    )
    return join(words, _few_decide_words(context), _unweighted_words(context))


def _few_decide_words(context: Context) -> list[Run]:
    """That few of many units decide how well the outermost share is known."""
    first = context.results.null.shares[0]
    size = context.results.levels.find(level=first.level.value)
    if (
        first.df.missing
        or first.df.value >= FEW_DECIDE
        or size is None
        or size.n.value < UNITS_FOR_MORE
    ):
        return []
    return say(
        _(
            "Few of the {units} decide this estimate, those of large weight or unlike the others: "
            "it has {df} degrees of freedom, and its interval is wide for so many {units}."
        ),
        units=context.labels.plural(first.level.value),
        df=fixed(first.df, 1),
    )


def _unweighted_words(context: Context) -> list[Run]:
    """The share of the outermost level without weights; nothing where rows have none."""
    first = context.results.null.shares[0]
    if first.unweighted.missing:
        return []
    return say(
        _("If all {rows} counted alike, the first of these shares would be {share}."),
        rows=context.rows_word,
        share=percent(first.unweighted),
    )


def shares_figure(context: Context) -> Block:
    """The shares of the null model above those of the settled model."""
    names = ("model", "level", "label", "share", "lower", "upper")
    data: dict[str, list[Any]] = {name: [] for name in names}
    for key in DRAWN:
        for item in _model(context, key).shares:
            level = item.level.value
            data["model"].append(context.model_title(key))
            data["level"].append(identifier(level))
            data["label"].append(context.title_of(level))
            data["share"].append(percent(item.estimate))
            for end in ("lower", "upper"):
                value = getattr(item, end)
                data[end].append(NOT_APPLICABLE if value.missing else percent(value))
    alt = join(
        _("Stacked bars of the share of variation at each level."), variation_answer(context)
    )
    most = max(context.results.null.shares, key=lambda item: item.estimate.value)
    return figure(
        "shares",
        "shares",
        say(_("Share of the variation in {name} at each level"), name=context.labels.outcome),
        bars_words(context),
        alt,
        data,
        {
            "x": _("Share of the variation (%)"),
            "levels": [identifier(level) for level in context.hierarchy],
            "compact": False,
        },
        unit=_("per cent of the variance"),
        title=say(
            _("{share} of the variation in {outcome} lies {between}"),
            share=percent(most.estimate),
            outcome=context.labels.outcome,
            between=context.between_units(most.level.value),
        ),
    )


def _shares_table(context: Context) -> Block:
    sums = is_weighted(context)
    rows: list[dict[str, Any]] = []
    for key in TOLD:
        rows.append(group_row(context.model_title(key)))
        for item in _model(context, key).shares:
            cells = estimate_cells(item, PERCENT)
            cells += [_percent(item.unweighted)] if sums else []
            rows.append(row(context.title_of(item.level.value), *cells, indented=True))
    columns = [column(_("Level"), "text"), *estimate_columns(_("Share"))]
    columns += [column(_("Unweighted"))] if sums else []
    notes = [interval_note()]
    if sums:
        notes.append(_("Unweighted: the share if every row of the sample counted alike."))
    return table("shares", _("Shares of the levels in the variance"), columns, rows, notes)


def _percent(value: At) -> Any:
    return NOT_APPLICABLE if value.missing else percent(value)


def component_name(context: Context, item: At) -> str:
    """What a variance or covariance is of."""
    level, first = context.title_of(item.level.value), item.term1.value
    name = label_alone(first, context.labels)
    if not item.term2.missing:
        other = label_alone(item.term2.value, context.labels)
        return _("{groups}: {first} with {second}").format(groups=level, first=name, second=other)
    return _("{groups}: effect of {first}").format(groups=level, first=name) if first else level


def _variances_table(context: Context) -> Block:
    items = [item for key in TOLD for item in _model(context, key).variance_components]
    corrected = any(not item.corrected.missing for item in items)
    bounds = any(item.on_bound.value for item in items)
    rows: list[dict[str, Any]] = []
    for key in TOLD:
        rows.append(group_row(context.model_title(key)))
        for item in _model(context, key).variance_components:
            cells: list[Any] = estimate_cells(item)
            cells.append(_sd(item))
            if corrected:
                known = not item.corrected.missing
                cells.append(shown(item.corrected, item) if known else NOT_APPLICABLE)
            cells += [tally(item.on_bound)] if bounds else []
            rows.append(row(component_name(context, item), *cells, indented=True))
    columns = [column(_("Level"), "text"), *estimate_columns(_("Variance"))]
    columns.append(column(_("SD")))
    columns += [column(_("Corrected by the jackknife"), main=True)] if corrected else []
    columns += [column(_("Zero in so many draws"))] if bounds else []
    notes = [
        interval_note(),
        _("SD: standard deviation; of a covariance the correlation."),
    ]
    if bounds:
        notes.append(_("Draws: the plausible values, each with a fit of its own."))
    caption = say(
        _("Variances, in squared {unit}, by pseudo-maximum likelihood"), unit=context.labels.unit
    )
    alike = [(1, 3, 4, 6) if corrected else (1, 3, 4)]
    return table("variances", caption, columns, rows, notes, alike=alike)


def _sd(item: At) -> Any:
    if item.sd.missing:
        return NOT_APPLICABLE
    return fixed(item.sd, 2) if not item.term2.missing else number(item.sd)


def corrected_words(context: Context) -> list[Run]:
    """What the jackknife makes of the outermost variance; nothing where it was not used."""
    for item in context.results.settled.variance_components:
        if not item.corrected.missing:
            return say(
                _(
                    "With few clusters, variances by maximum likelihood are too small. The "
                    "jackknife estimates by how much: in the settled model the variance "
                    "{where} of {variance} becomes {corrected}."
                ),
                where=context.between_units(item.level.value),
                variance=shown(item.estimate, item),
                corrected=shown(item.corrected, item),
            )
    return []
