"""The sample: how it was drawn and weighted, where its errors come from, plausible values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlm.nouns.levels import WAVE
from mlm.pages.blocks import Block, bullets, column, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise, uncapitalise
from mlm.pages.language import N_, _, ngettext
from mlm.pages.rounding import count, degrees, fixed, plain, tally
from mlm.pages.sections.sampled.means import names_clusters
from mlm.pages.sections.sampled.plausible import columns_words, plausible_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.sample_design import (
    ERRORS,
    MADE_FROM,
    SCALED,
    WEIGHTS_ARE,
    method_words,
)
from mlm.pages.words.units import counted_units
from mlm.results.reading import At

QUESTION = N_("How was the sample drawn, and how is that counted in?")

SAME_ERRORS = 0.005  # by which errors from refits may differ, to be called the same
NO_SPREAD = 1e-9  # relative: what is left of rounding in binary numbers


def sample_section(context: Context) -> Section:
    """The section on weights, replicates, errors and plausible values."""
    found = context.results.sample
    blocks: list[Block] = [paragraph(sample_answer(context), "answer")]
    if not found.missing:
        blocks += [_weights_table(context), paragraph(_weights_words(found))]
        blocks += [_waves_table(context), *_left_out(context)]
        blocks += [heading("sample-drawn", _("How it was drawn")), *_drawn(context)]
        blocks += [heading("sample-errors", _("Where its errors come from")), *_errors(context)]
    blocks += plausible_blocks(context)
    return Section("sample", _("The sample"), blocks, "", _(QUESTION))


def sample_answer(context: Context) -> list[Run]:
    """What results are weighted to, and what the sample is worth."""
    found = context.results.sample
    if found.missing:
        return say(
            _("The {rows} have no sampling weights: all of them count alike. {parts}."),
            rows=context.rows_word,
            parts=capitalised(_sizes(context)),
        )
    return join(
        _population(context, found),
        say(
            _("{parts}, worth {effective} equally weighted {rows}."),
            parts=capitalised(_sizes(context)),
            effective=fixed(found.effective_rows, 0),
            rows=context.rows_word,
        ),
    )


def _population(context: Context, found: At) -> list[Run]:
    """What the weights add up to: of several waves in the last one."""
    last = found.by_wave[-1]
    if len(found.by_wave) == 1:
        words = _("Results are weighted: the weights of the {rows} in the models add up to {sum}.")
    else:
        words = _(
            "Results are weighted: the weights of the {rows} in the models in {wave} add up to "
            "{sum}."
        )
    return say(
        words,
        rows=context.rows_word,
        wave=context.labels.wave(last.wave.value),
        sum=fixed(last.sum_of_weights, 0),
    )


def capitalised(runs: Sequence[Run]) -> list[Run]:
    """The runs with a capital at their start."""
    first, *rest = runs
    return [first | {"text": capitalise(first["text"])}, *rest]


def _sizes(context: Context) -> list[Run]:
    """The sample by level: ``the models have 3,868 pupils and 150 schools``."""
    parts = [counted_units(context.labels, level, n) for level, n in reversed(context.sizes)]
    return say(_("the models have {parts}"), parts=enumerate_words(parts))


def _weights_table(context: Context) -> Block:
    rows = [
        row(
            context.title_of(item.level.value),
            _("mean weight of its rows") if item.column.missing else item.column.value,
        )
        for item in context.results.sample.weights
    ]
    columns = [column(_("Level"), "text"), column(_("Column of the weight"), "text")]
    return table("sample-weights", _("Weights by level"), columns, rows)


def _weights_words(found: At) -> list[Run]:
    return join(_(WEIGHTS_ARE[found.are.value]), _(SCALED[found.scaling.value]))


def _waves_table(context: Context) -> Block:
    rows = [
        row(
            context.labels.wave(item.wave.value),
            count(item.rows),
            fixed(item.sum_of_weights, 0),
            fixed(item.effective_rows, 0),
        )
        for item in context.results.sample.by_wave
    ]
    whole = context.results.sample
    if len(rows) > 1:
        cells = (fixed(whole.sum_of_weights, 0), fixed(whole.effective_rows, 0))
        rows.append(row(_("All waves"), count(context.results.n_obs), *cells))
    columns = [
        column(context.labels.wave_title, "text"),
        column(capitalise(context.rows_word)),
        column(_("Sum of weights"), follows=True),
        column(_("Worth equally weighted"), follows=True),
    ]
    notes = [
        _(
            "Worth equally weighted: so many rows of equal weight would know a mean of independent "
            "rows as well: the squared sum of the weights over the sum of their squares."
        )
    ]
    caption = _("Weights of the rows in the models, by wave")
    return table("sample-weights-waves", caption, columns, rows, notes)


def _left_out(context: Context) -> list[Block]:
    """Rows without a weight; nothing where there are none."""
    found = list(context.results.sample.rows_without_weight)
    if not found:
        return []
    rows = [row(context.labels.variable(item.variable.value), count(item.rows)) for item in found]
    columns = [column(_("Weight"), "text"), column(_("Rows left out"))]
    notes = [_("Rows whose weight is zero or missing belong to no part of the population.")]
    return [table("weights-missing", _("Rows without a weight"), columns, rows, notes)]


def _drawn(context: Context) -> list[Block]:
    found, labels = context.results.sample, context.labels
    template = (
        _("{n} clusters were drawn first, each one value of {ids}.")
        if names_clusters(context)
        else _(
            "The configuration names no clusters; the {n} outermost units, each one value of "
            "{ids}, are taken to be drawn first."
        )
    )
    words = say(
        template,
        n=count(found.clusters.n),
        ids=enumerate_words([_id_words(context, name) for name in found.clusters.ids.value]),
    )
    strata = found.strata
    if strata.missing:
        alone = (
            _("No strata are named: they are taken to be drawn from all clusters at once.")
            if found.replicates.missing
            else _("No strata are named: those of the survey are known by its replicates.")
        )
        return [paragraph(join(words, alone))]
    drawn = say(
        ngettext(
            "They were drawn in {n} stratum ({column}).",
            "They were drawn in {n} strata ({column}).",
            strata.n.value,
        ),
        n=tally(strata.n),
        column=labels.variable(strata.column.value),
    )
    blocks: list[Block] = [paragraph(join(words, drawn))]
    if not strata.joined.empty:
        blocks.append(bullets([_joined(context, strata, item) for item in strata.joined]))
    return blocks


def _id_words(context: Context, name: str) -> str:
    """What an id column tells apart: waves by the name of time, units by that of their level."""
    labels = context.labels
    return uncapitalise(labels.time) if name == WAVE else labels.level(name)


def _joined(context: Context, strata: At, item: At) -> list[Run]:
    column_, labels = strata.column.value, context.labels
    return say(
        _("Stratum {stratum} has one cluster and was joined with {other}."),
        stratum=labels.category(column_, item.stratum.value),
        other=labels.category(column_, item.joined_with.value),
    )


def _errors(context: Context) -> list[Block]:
    found = context.results.sample
    if found.errors.value == found.errors_of_means.value:
        words = say(
            _("All standard errors come from {source}."), source=_(ERRORS[found.errors.value])
        )
    else:
        words = say(
            _(
                "Standard errors of the models come from {models}; those of means and shares come "
                "from {means}."
            ),
            models=_(ERRORS[found.errors.value]),
            means=_(ERRORS[found.errors_of_means.value]),
        )
    known = say(
        _("Intervals and tests use {df} degrees of freedom at most, those of the sample."),
        df=degrees(found.df),
    )
    blocks: list[Block] = [paragraph(join(words, known))]
    if not found.replicates.missing:
        blocks.append(paragraph(_replicates(context, found.replicates)))
    return blocks


def _replicates(context: Context, item: At) -> list[Run]:
    words = say(
        _("The sample has {n} replicates, by {method}."), n=tally(item.n), method=method_words(item)
    )
    if item.columns.empty:
        columns = _("They were made of the clusters.")
    else:
        columns = say(
            _("Their weights are in the columns {columns}."),
            columns=columns_words(item.columns.value),
        )
    spread = say(
        _("Inside a cluster, the factors of a replicate differ by {spread} at most.")
        if item.spread.value > NO_SPREAD
        else _("Inside a cluster, the factors of a replicate do not differ."),
        spread=plain(item.spread),
    )
    made = _(MADE_FROM[item.made_from.value])
    return join(words, columns, made, spread, _refitted(context.results.settled.refitted))


def _refitted(found: At) -> list[Run]:
    """How far errors from refits differ from those without; nothing where none were made."""
    if found.missing:
        return []
    is_same = max(abs(found.lowest.value - 1.0), abs(found.highest.value - 1.0)) < SAME_ERRORS
    words = say(
        _(
            "The settled model was fitted again to every replicate. Standard errors from these "
            "fits are those that are found without refits, by which terms were chosen, to within "
            "half a per cent."
        )
        if is_same
        else _(
            "The settled model was fitted again to every replicate. Standard errors from these "
            "fits are {lowest} to {highest} times those that are found without refits, by which "
            "terms were chosen."
        ),
        lowest=fixed(found.lowest, 2),
        highest=fixed(found.highest, 2),
    )
    if not found.by_search.value:
        return words
    more: Any = say(
        ngettext(
            "{n} of these fits needed a search of its own.",
            "{n} of these fits needed a search of their own.",
            found.by_search.value,
        ),
        n=tally(found.by_search),
    )
    return join(words, more)
