"""The path to the settled model in one table: forms over waves, slopes, mean."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, group_row, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import CONSERVATIVE, is_conservative, is_made, p_adjusted
from mlm.pages.rounding import NOT_APPLICABLE, degrees, fixed, p_value, tally
from mlm.pages.text import enumerate_words, plain_text, say
from mlm.pages.words.references import distribution_words
from mlm.pages.words.wave_forms import residual_form, wave_form
from mlm.results.reading import At

UNTESTED = (NOT_APPLICABLE,) * 6


def path_blocks(context: Context) -> list[Block]:
    """How the settled model was reached, step by step."""
    steps = list(context.results.settled.random_part.path)
    first = [step for step in steps if not _is_later(step)]
    later = [step for step in steps if _is_later(step)]
    rows = [
        *_group(_("Where the search begins"), _start_rows(context)),
        *_group(_("Covariances over the waves, simplified"), _form_rows(context, first)),
        *_group(_("Random slopes"), [*_freed_rows(context), *_slope_rows(context)]),
        *_group(
            _("Covariances over the waves again, beside the slopes"), _form_rows(context, later)
        ),
        *_group(_("Mean"), _mean_rows(context)),
    ]
    blocks: list[Block] = [heading("path-settled", _("The path to the settled model"))]
    blocks += [paragraph(words) for words in _form_words(context)]
    if not rows:
        return blocks
    columns = [
        column(_("Step"), "text"),
        column(_("Round")),
        column(_("Statistic"), group=_("Test")),
        column(_("df"), group=_("Test")),
        column(_("Reference distribution"), "text", group=_("Test")),
        column("p", group=_("Test")),
        column(_("p (Holm)"), group=_("Test")),
        column(_("Outcome"), "text", main=True),
    ]
    caption = _("Path to the settled model")
    return [
        *blocks,
        table("path-settled", caption, columns, rows, _notes(context, steps), folded=True),
    ]


def _notes(context: Context, steps: list[At]) -> list:
    alpha = context.labels.analysis.alpha
    notes: list = [
        say(
            _(
                "Forms: by REML under the full mean. Each test asks whether the simpler form "
                "holds: a small p speaks against it. In each round every next simpler form is "
                "tried, and of those with p above {alpha} the one with the largest p is taken. "
                "Slopes: by REML, one at a time, each test asking whether the effect is the same "
                "in all groups; p (Holm) counts all slopes that were tested and must lie below "
                "{alpha}, and a slope must improve on those kept before it. Mean: by F tests "
                "under REML, first all that a variable does, then single terms; the least clear "
                "leaves while its p is above {alpha}."
            ),
            alpha=f"{alpha:g}",
        )
    ]
    if any("part_by_wave" in (step.form.value, step.before.value) for step in steps):
        notes.append(
            say(
                _(
                    "“{form}” is compared with other forms as if its correlation could lie below "
                    "zero, unless it does so clearly: its sign alone decides nothing."
                ),
                form=wave_form("part_by_wave"),
            )
        )
    if context.is_pooled:
        notes.append(
            _(
                "Over imputations: tests of forms and slopes are those with the median p-value; F "
                "tests of the mean are D1, at the variances of the model that was fitted last."
            )
        )
    if any(is_conservative(step.test) for step in steps if is_made(step.test)):
        notes.append(_(CONSERVATIVE))
    return notes


def _group(title: str, rows: list) -> list:
    return [group_row(title), *rows] if rows else []


def _is_later(step: At) -> bool:
    """Whether the form was tried after the slopes: beside them, or that of the residual."""
    return step.beside_slopes.value or _is_residual(step)


def _is_residual(step: At) -> bool:
    return not step.level.value.ids


def _recurring(context: Context) -> list[At]:
    levels = context.results.settled.random_part.levels
    return [item for item in levels if item.recurs.value]


def _form_words(context: Context) -> list:
    """The form of every level that recurs."""
    parts = [
        say(
            _("{units}: {form}"),
            units=context.labels.plural(item.level.value),
            form=wave_form(item.form.value),
        )
        for item in _recurring(context)
    ]
    if not parts:
        return []
    return [say(_("Effects over the waves: {parts}."), parts=enumerate_words(parts))]


def _start_rows(context: Context) -> list:
    return [
        row(
            _("{units}: {form}").format(
                units=context.title_of(item.level.value), form=wave_form(item.start.value)
            ),
            *UNTESTED,
            _("the most general covariance that so many units can determine"),
            indented=True,
        )
        for item in _recurring(context)
    ]


def _form_rows(context: Context, steps: list[At]) -> list:
    rows = []
    for step in steps:
        form = residual_form if _is_residual(step) else wave_form
        name = _("{units}: {form} instead of {before}").format(
            units=_("Residual") if _is_residual(step) else context.title_of(step.level.value),
            form=form(step.form.value),
            before=form(step.before.value),
        )
        told = _outcome(context, step, steps)
        cells = (*_test_cells(step.test), NOT_APPLICABLE)
        rows.append(row(name, tally(step.round), *cells, told, indented=True))
    return rows


def _outcome(context: Context, step: At, steps: list[At]) -> str:
    """Whether a simpler form was taken, and why not."""
    if step.taken.value:
        if step.test.df.value == 0:
            return _("taken: fits better with as many parameters")
        return _("taken")
    if not is_made(step.test) or step.test.p_value.value <= context.labels.analysis.alpha:
        return _("refused: fits worse")
    same = [other for other in steps if other.round.value == step.round.value]
    if any(other.taken.value for other in same):
        return _("allowed, but another had a larger p")
    return _("allowed, but has no certified optimum")


def _freed_rows(context: Context) -> list:
    """Levels whose effects were given any covariance again, so that slopes have room."""
    return [
        row(
            _("{units}: {form} instead of {before}").format(
                units=context.title_of(item.level.value),
                form=wave_form(item.form.value),
                before=wave_form(item.before.value),
            ),
            *UNTESTED,
            _("taken, so that slopes can be correlated with the effects"),
            indented=True,
        )
        for item in context.results.settled.random_part.freed
    ]


def _slope_rows(context: Context) -> list:
    """One row for each slope that was tested, whatever its columns."""
    tested: dict[tuple, list[At]] = {}
    for item in context.results.slopes:
        if item.kind.value == "tested" and is_made(item.test):
            tested.setdefault((item.variable.value, item.level.value), []).append(item)
    rows = []
    for (variable, level), (item, *__) in tested.items():
        name = _("{effect} between {units}").format(
            effect=context.labels.variable(variable), units=context.labels.plural(level)
        )
        adjusted = p_adjusted(item.test)
        if item.kept.value:
            told = _("kept")
        elif adjusted.value < context.labels.analysis.alpha:
            told = _("clear alone, but adds nothing beside those kept")
        else:
            told = _("not kept")
        cells = (NOT_APPLICABLE, *_test_cells(item.test), p_value(adjusted))
        rows.append(row(name, *cells, told, indented=True))
    return rows


def _test_cells(test: At) -> tuple:
    return (
        fixed(test.statistic, 1),
        degrees(test.df),
        distribution_words(test.reference),
        p_value(test.p_value),
    )


def _mean_rows(context: Context) -> list:
    rows = []
    left = [step for step in context.results.reduction.path if step.dropped.value]
    for step in left:
        name, f = plain_text(context.labels.terms(step.dropped.value)), NOT_APPLICABLE
        if not step.denominator.missing:
            denominator = degrees(step.denominator)
            f = say("F({df}, {denominator})", df=degrees(step.df), denominator=denominator)
        tests = (
            fixed(step.statistic, 1),
            degrees(step.df),
            f,
            p_value(step.p_value),
            NOT_APPLICABLE,
        )
        rows.append(row(name, NOT_APPLICABLE, *tests, _("dropped"), indented=True))
    return rows
