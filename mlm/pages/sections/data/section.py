"""Data quality and the flow of rows: every row read is kept or excluded with a reason."""

from __future__ import annotations

from collections.abc import Sequence

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.contexts.analysis import AnalysisContext
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import N_, _
from mlm.pages.rounding import count, percent, tally
from mlm.pages.sections.data.attrition import attrition_blocks
from mlm.pages.sections.data.delivery import delivery_blocks, empty_blocks
from mlm.pages.sections.data.descriptives import describe_blocks
from mlm.pages.sections.data.distribution import distribution_blocks
from mlm.pages.sections.data.hierarchy import hierarchy_blocks
from mlm.pages.sections.data.lacking import lacking_blocks
from mlm.pages.sections.data.missing import missing_blocks
from mlm.pages.sections.data.separable import separable_blocks
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, enumerate_words, join, or_else, plain_text, say
from mlm.pages.words.checks import IN_A_TABLE, check_title, check_words
from mlm.pages.words.exclusions import exclusion_words
from mlm.results.reading import At

VERDICTS = {"ok": N_("passed"), "warning": N_("to be looked at")}

NEW_AFTER_MOVE = N_(
    "In the models a {unit} who moves counts as a new {unit} of the new {parent}: observations "
    "before and after the move are treated as those of two {units}."
)
SAME_AFTER_MOVE = N_(
    "In the models a {unit} who moves stays the same {unit}: {units} are crossed with the levels "
    "above, and each observation also has the effect of the {parent} of its wave."
)


def data_section(context: AnalysisContext) -> Section:
    """The section on rows, exclusions, missing values and units that change."""
    apart = context.levels_apart
    return data_section_of(apart, [*describe_blocks(apart), *distribution_blocks(apart)])


def data_section_of(context: Context, described: Sequence[Block]) -> Section:
    """The same, with what describes the variables of one kind of results.

    Parameters
    ----------
    context : Context
        With every level under its own name.
    described : sequence of Block
        The variables as recorded.
    """
    blocks: list[Block] = [paragraph(_summary(context), "answer"), _flow_table(context)]
    blocks += _excluded(context)
    blocks += [*missing_blocks(context), *lacking_blocks(context)]
    blocks += [*empty_blocks(context), *_recoded(context)]
    blocks += [*described, *delivery_blocks(context), *hierarchy_blocks(context)]
    blocks += [*attrition_blocks(context), *_unit_changes(context), *separable_blocks(context)]
    blocks += _checks(context)
    return Section("data", _("Data quality and flow of rows"), blocks)


def _summary(context: Context) -> list[Run]:
    waves = list(context.survey.waves)
    read = derive("sum", *(wave.rows_read for wave in waves))
    kept = derive("sum", *(wave.rows_kept for wave in waves))
    excluded = derive("difference", read, kept)
    used = context.results.n_obs
    share = derive("ratio", used, kept)
    told = say(
        _("{read} rows were read, {kept} kept and {excluded} excluded."),
        read=count(read),
        kept=count(kept),
        excluded=count(excluded),
    )
    of_kept = or_else(say(_(" ({share} of those kept)"), share=percent(share)), "")
    models = say(
        _(
            "The models use {used} rows{of_kept}: the rows in which the outcome is recorded, other "
            "missing values being imputed. All models of this report use the same rows."
        )
        if context.is_imputed
        else _(
            "The models use {used} rows{of_kept}: the rows in which the outcome and every variable "
            "of the full model are recorded. All models of this report use the same rows."
        ),
        used=count(used).bold(),
        of_kept=of_kept,
    )
    return join(told, models)


def _flow_table(context: Context) -> Block:
    rows = []
    for wave in context.survey.waves:
        model = context.results.waves.find(wave=wave.wave.value)
        used = model.rows if model is not None else At(None, "results#/waves")
        excluded = derive("difference", wave.rows_read, wave.rows_kept)
        listwise = derive("difference", wave.rows_kept, used)
        rows.append(
            row(
                context.labels.wave(wave.wave.value),
                count(wave.rows_read),
                count(excluded),
                count(wave.rows_kept),
                count(listwise),
                count(used),
                percent(derive("ratio", used, wave.rows_kept)),
            )
        )
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Rows read")),
        column(_("Excluded")),
        column(_("Kept")),
        column(_("Without the outcome") if context.is_imputed else _("Incomplete")),
        column(_("Used in the models")),
        column(_("Used, of kept")),
    ]
    notes = [
        _(
            "Rows read = excluded + kept; kept = without the outcome + used in the models, in "
            "which missing values of variables are imputed."
        )
        if context.is_imputed
        else _("Rows read = excluded + kept; kept = incomplete + used in the models.")
    ]
    return table("flow", _("Flow of rows by wave"), columns, rows, notes)


def _excluded(context: Context) -> list[Block]:
    entries = [
        (wave, item) for wave in context.survey.waves for item in wave.excluded if item.rows.value
    ]
    if not entries:
        return []
    rows = [
        row(
            context.labels.wave(wave.wave.value),
            capitalise(plain_text(exclusion_words(item.reason, context.labels))),
            count(item.rows),
        )
        for wave, item in entries
    ]
    columns = [
        column(context.labels.wave_title, "text"),
        column(_("Reason"), "text"),
        column(_("Rows")),
    ]
    return [table("excluded", _("Rows excluded, by reason"), columns, rows)]


def _recoded(context: Context) -> list[Block]:
    entries = [(wave, item) for wave in context.survey.waves for item in wave.recoded]
    if not entries:
        return []
    rows = [
        row(
            context.labels.variable(item.variable.value),
            context.labels.category(item.variable.value, item.category.value),
            context.labels.wave(wave.wave.value),
            count(item.cells),
        )
        for wave, item in entries
    ]
    columns = [
        column(_("Variable"), "text"),
        column(_("Counted as"), "text"),
        column(context.labels.wave_title, "text"),
        column(_("Rows")),
    ]
    return [table("recoded", _("Codes counted as another category"), columns, rows, folded=True)]


def _unit_changes(context: Context) -> list[Block]:
    return [
        note("information", _change_words(context, item, after))
        for moves, after in (
            (context.survey.unit_changes, NEW_AFTER_MOVE),
            (context.survey.crossed_units, SAME_AFTER_MOVE),
        )
        for item in moves
        if item.count.value
    ]


def _change_words(context: Context, item: At, after: str) -> list[Run]:
    level, parent = item.level.value, item.parent.value
    return join(
        say(
            _("Between waves {count} of {of} {units} changed their {parent}."),
            count=count(item.count),
            of=count(item.of),
            units=context.labels.plural(level),
            parent=context.labels.level(parent),
        ),
        say(
            _(after),
            unit=context.labels.level(level),
            units=context.labels.plural(level),
            parent=context.labels.level(parent),
        ),
    )


def _checks(context: Context) -> list[Block]:
    if context.survey.checks.empty:
        return []
    rows = [
        row(
            capitalise(check_title(check, context.labels)),
            _(VERDICTS[check.result.value]),
            check_words(check, context.labels),
        )
        for check in context.survey.checks
    ]
    columns = [column(_("Check"), "text"), column(_("Result"), "text"), column(_("Detail"), "text")]
    caption = _("What the design says, checked against the rows")
    return [
        heading("checks", _("Checks of the design")),
        paragraph(_checked_words(context)),
        *_looked_at(context),
        table("checks", caption, columns, rows, folded=True),
    ]


def _looked_at(context: Context) -> list[Block]:
    """What is to be looked at, in words: a PDF has no more of the table of checks than its name."""
    return [
        note(
            "caution",
            say(
                _("{check}: {found}."),
                check=capitalise(check_title(check, context.labels)),
                found=check_words(check, context.labels),
            ),
        )
        for check in context.survey.checks
        if check.result.value != "ok" and check.kind.value not in IN_A_TABLE
    ]


def _checked_words(context: Context) -> list[Run]:
    """How many checks passed, and what is to be looked at."""
    checks = list(context.survey.checks)
    passed = [check for check in checks if check.result.value == "ok"]
    doubtful = [check for check in checks if check.result.value != "ok"]
    titles = dict.fromkeys(check_title(check, context.labels) for check in doubtful)
    words = say(
        _("{passed} of {n} checks passed."),
        passed=tally(derive("items", *(check.result for check in passed))),
        n=tally(derive("count", context.survey.checks)),
    )
    if not doubtful:
        return words
    return join(words, say(_("To be looked at: {titles}."), titles=enumerate_words([*titles])))
