"""The first screen: who was studied, and the findings, one sentence each."""

from __future__ import annotations

from typing import Any

from mlm.nouns.fewest import MANY_LEFT_OUT
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.chosen import Chosen
from mlm.pages.findings.first_screen import when, who
from mlm.pages.language import _
from mlm.pages.left_out import rows_left_out
from mlm.pages.rounding import (
    count,
    percent,
    tally,
)
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.pages.words.units import counted_units


def findings(context: Context, chosen: Chosen) -> dict[str, Any]:
    """What was studied, and the findings in order of importance."""
    return {
        "studied": studied(context),
        "sizes": sizes(context),
        "who": who(context),
        "when": when(context),
        "items": [each.to_dict() for each in chosen.told],
        "further": [each.to_dict() for each in chosen.further],
        "untold": [each.to_dict() for each in chosen.untold],
        "remarks": [each.to_dict() for each in chosen.remarks],
    }


def sizes(context: Context) -> list[dict[str, Any]]:
    """Units at each level, as large figures."""
    entries = [
        {"label": context.labels.plural(level), "runs": [count(size).run()]}
        for level, size in context.sizes
    ]
    waves = context.results.time.waves
    if context.is_longitudinal:
        entries.append({"label": _("waves"), "runs": [tally(derive("count", waves)).run()]})
    return entries


def studied(context: Context) -> list[Run]:
    """One sentence on what was studied."""
    waves = context.results.time.waves.value
    labels = [context.labels.wave(wave) for wave in waves]
    levels = [counted_units(context.labels, level, n) for level, n in reversed(context.sizes)]
    when = enumerate_words(labels) if len(labels) > 1 else (labels[0] if labels else _("one wave"))
    unit = context.labels.unit_of(context.labels.analysis.outcome)
    sentence = say(
        _("{outcome}, measured in {unit}: {levels}; {when}."),
        outcome=context.labels.outcome,
        unit=unit or _("points of its own scale"),
        levels=enumerate_words(levels),
        when=when,
    )
    return join(sentence, _left_out(context))


def _left_out(context: Context) -> list[Run]:
    """How many rows lack a value, where they are many; nothing where few, or too few to tell."""
    found = rows_left_out(context, MANY_LEFT_OUT)
    if found is None:
        return []
    return say(
        _(
            "{share} of the rows ({lacking} of {kept}) are left out of the models, as a value is "
            "missing in them, most often of {variable}."
        ),
        share=percent(found.share, 0).bold(),
        lacking=count(found.lacking),
        kept=count(found.kept),
        variable=context.labels.variable(found.variable),
    )
