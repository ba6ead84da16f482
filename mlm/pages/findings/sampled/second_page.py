"""The second page of a brief on a sample: groups, what changed, and how sure the findings are."""

from __future__ import annotations

from typing import Any

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.derived import derive
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.second_page import brief_of, sd_words, sentences_of, since, untold
from mlm.pages.findings.spread import sum_words
from mlm.pages.language import _
from mlm.pages.rounding import count, fixed, tally
from mlm.pages.sections.since_last.sampled import sampled_changes_section
from mlm.pages.text import Run, join, say


def sampled_brief(context: SampledContext, chosen: Chosen) -> dict[str, Any]:
    """What the second page says beside the lead table, a list under each heading.

    Parameters
    ----------
    chosen : Chosen
        The findings of the analysis.
    """
    changes = sampled_changes_section(context)
    return brief_of(
        [
            ("further", _("Also found"), sentences_of(chosen.further)),
            ("untold", _("What these data leave open"), untold(context, chosen)),
            ("changes", _("Since the last results"), since(context, changes)),
            ("sure", _("How sure is this?"), [*_sure(context), *sentences_of(chosen.remarks)]),
        ]
    )


def _sure(context: SampledContext) -> list[list[Run]]:
    """What intervals mean, whom the rows stand for, and how groups are compared."""
    persons = context.rows_word
    items = [
        join(
            say(
                _(
                    "Ranges in brackets are 95% intervals: in 95 of 100 such samples they hold the "
                    "true value."
                )
            ),
            sum_words(context),
        ),
        sd_words(context),
    ]
    items += [*_weights(context), *_draws(context)]
    items.append(
        say(
            _(
                "Gaps compare groups as they are. The report also compares {persons} alike in the "
                "other variables."
            ),
            persons=persons,
        )
    )
    return items


def _weights(context: SampledContext) -> list[list[Run]]:
    sample = context.results.sample
    if sample.missing or sample.by_wave.empty:
        return []
    last = sample.by_wave[-1]
    return [
        say(
            _(
                "Results are weighted: in {wave}, {n} {persons} stand for {sum}, and are worth "
                "{effective} with equal weights."
            ),
            wave=context.labels.wave(last.wave.value),
            n=count(last.rows),
            persons=context.rows_word,
            sum=fixed(last.sum_of_weights, 0),
            effective=fixed(last.effective_rows, 0),
        )
    ]


def _draws(context: SampledContext) -> list[list[Run]]:
    scores = context.results.scores
    if scores.empty:
        return []
    return [
        say(
            _(
                "Scores are {draws} plausible values each: the error of measuring them is in the "
                "ranges."
            ),
            draws=tally(derive("count", scores[0].columns)),
        )
    ]
