"""The first screen: what was studied, and the five answers in plain sentences."""

from __future__ import annotations

from typing import Any

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.results.reading import At
from mlm.pages.numbers import count, decimals_for_size, fixed, tally
from mlm.pages.sections.over_time.section import QUESTION as CHANGE_QUESTION
from mlm.pages.sections.over_time.section import change_answer
from mlm.pages.sections.policy.words import policy_answers
from mlm.pages.sections.slopes.section import slopes_answer, slopes_question
from mlm.pages.sections.units.section import units_answer, units_question
from mlm.pages.sections.variables.section import QUESTION as VARIABLES_QUESTION
from mlm.pages.sections.variables.section import variables_finding
from mlm.pages.sections.variation.section import QUESTION as VARIATION_QUESTION
from mlm.pages.sections.variation.section import shares_overview, variation_answer
from mlm.pages.text import Run, enumerate_words, say


def findings(context: Context) -> dict[str, Any]:
    """What was studied, the answers, the chart."""
    answers = [
        _answer("1", _(VARIATION_QUESTION), "variation", variation_answer(context)),
        _answer("2", _(VARIABLES_QUESTION), "variables", variables_finding(context)),
        _answer("3", slopes_question(context), "slopes", slopes_answer(context)),
        _answer("4", units_question(context), "units", units_answer(context)),
        _answer("5", _(CHANGE_QUESTION), "change", change_answer(context)),
    ]
    policy = policy_answers(context)
    if policy:
        answers.append(_answer("", _("What about policy?"), "policy", policy))
    return {
        "studied": studied(context),
        "sizes": sizes(context),
        "answers": answers,
        "figure": shares_overview(context)
        if not context.results.null.shares.empty
        else None,
        "table": studied_table(context),
    }


def _answer(number: str, question: str, section: str, runs: list[Run]) -> dict[str, Any]:
    return {"number": number, "question": question, "section": section, "runs": runs}


def sizes(context: Context) -> list[dict[str, Any]]:
    """Units at each level, as large figures."""
    entries = [
        {"label": context.labels.plural(level.name.value), "runs": [count(level.n).run()]}
        for level in context.levels
    ]
    waves = context.results.time.waves
    if context.is_longitudinal:
        node = At(len(waves.value), {"op": "count", "of": [waves.source]})
        entries.append({"label": _("waves"), "runs": [tally(node).run()]})
    return entries


def studied(context: Context) -> list[Run]:
    """One sentence on what was studied."""
    waves = context.results.time.waves.value or []
    labels = [context.labels.wave(wave) for wave in waves]
    levels = [
        say("{n} {units}", n=count(level.n), units=context.labels.plural(level.name.value))
        for level in reversed(context.levels)
    ]
    when = enumerate_words(labels) if len(labels) > 1 else (labels[0] if labels else _("one wave"))
    return say(
        _("{outcome}, measured in {unit}: {levels}; {when}."),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
        levels=enumerate_words(levels),
        when=when,
    )


def studied_table(context: Context) -> Block | None:
    """Units of each level, mean and standard deviation of the outcome, by wave."""
    waves = list(context.results.waves)
    if not waves:
        return None
    groups = list(dict.fromkeys(name for wave in waves for name, _ in wave.groups.items()))
    shown = [group for group in groups if ":occasion" not in group]
    decimals = decimals_for_size(max((wave.sd.value or 0.0) for wave in waves), 3)
    rows = [
        row(
            context.labels.wave(wave.wave.value),
            *(count(wave.get("groups", group)) for group in shown),
            count(wave.rows),
            *(fixed(wave[key], decimals) for key in ("mean", "sd")),
        )
        for wave in waves
    ]
    columns = [column(context.labels.time, "text")]
    columns += [column(context.title_of(context.level_of(group))) for group in shown]
    columns += [column(_("Rows used")), column(_("Mean")), column(_("SD"))]
    caption = say(
        _("What was studied: units with complete rows, and {outcome} ({unit}), by wave"),
        outcome=context.labels.outcome,
        unit=context.labels.unit,
    )
    return table("studied", caption, columns, rows)
