"""Missing values: which variables, in which waves, for which reasons."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, figure, heading, paragraph, row, table
from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import count, percent
from mlm.pages.text import Run, enumerate_words, plain_text, say
from mlm.pages.words.exclusions import missing_words
from mlm.results.reading import At
from mlm.results.survey.account import MissingReason


def missing_blocks(context: Context) -> list[Block]:
    """Missing cells of the variables in the models, by wave and reason."""
    used = set(context.incomplete)
    if context.is_imputed:  # of whose rows none lacks a value any more
        used = set(context.variables)
    waves = list(context.survey.waves)
    found: dict[tuple[str, MissingReason], dict[int, At]] = {}
    words: dict[MissingReason, str] = {}
    for position, wave in enumerate(waves):
        for item in wave.missing_:
            if item.variable.value in used and item.cells.value:
                reason = item.reason.value
                words[reason] = capitalise(plain_text(missing_words(item.reason)))
                found.setdefault((item.variable.value, reason), {})[position] = item.cells
    blocks: list[Block] = [heading("missing", _("Missing values"))]
    if not found:
        return [*blocks, paragraph(_without_missing_cells(context))]
    rows = [
        row(
            context.labels.variable(name),
            words[reason],
            *(
                cell
                for position, wave in enumerate(waves)
                for cell in _missing_cells(wave, cells.get(position))
            ),
        )
        for (name, reason), cells in found.items()
    ]
    columns = [column(_("Variable"), "text"), column(_("Reason"), "text")]
    for wave in waves:
        label = context.labels.wave(wave.wave.value)
        columns += [column(_("Rows"), group=label), column(_("Share"), group=label, main=True)]
    caption = _("Rows kept in which a variable of the models is missing")
    notes = [
        _("Counted in the rows as they were given; rows without the outcome are not used.")
        if context.is_imputed
        else _(
            "A row with any of these missing is not used in the models. The models assume that "
            "what is missing can be explained by what is recorded."
        )
    ]
    return [*blocks, missing_figure(context, used), table("missing", caption, columns, rows, notes)]


def _without_missing_cells(context: Context) -> list[Run]:
    """What is said where the ledger tells of no missing cell: what rows lack that are not used."""
    kept = sum(wave.rows_kept.value for wave in context.survey.waves)
    if kept == context.results.n_obs.value:
        return say(_("No value of the variables in the models is missing."))
    weights = {item.variable.value for wave in context.survey.waves for item in wave.roles.weights}
    lacking = [name for name in context.incomplete if name not in weights]
    if not lacking:
        return say(
            _(
                "No value of the variables in the models is missing; the rows that these do not "
                "use have no weight."
            )
        )
    return say(
        _("The rows that the models do not use have no value of {variables}."),
        variables=enumerate_words([context.labels.variable(name) for name in lacking]),
    )


def _missing_cells(wave: At, cells: At | None) -> list:
    if cells is None:
        none = derive("items")
        return [count(none), percent(derive("ratio", none, wave.rows_kept))]
    return [count(cells), percent(derive("ratio", cells, wave.rows_kept))]


def missing_figure(context: Context, used: set[str]) -> Block:
    """Share of rows without a value, by variable and wave, all reasons together."""
    data: dict[str, list] = {"variable": [], "wave": [], "share": []}
    waves = list(context.survey.waves)
    names = [item.variable.value for wave in waves for item in wave.missing_ if item.cells.value]
    for name in dict.fromkeys(name for name in names if name in used):
        for wave in waves:
            cells = [item.cells for item in wave.missing_ if item.variable.value == name]
            data["variable"].append(context.labels.variable(name))
            data["wave"].append(context.labels.wave(wave.wave.value))
            data["share"].append(_share(wave, [cell for cell in cells if cell.value]))
    return figure(
        "missing",
        "missing",
        _("Share of missing values by variable and wave"),
        _(
            "One cell per variable and wave: the share of the rows kept that have no value, all "
            "reasons together. The darker, the more is missing."
        ),
        _(
            "Heat map of the share of missing values by variable and wave; counts and reasons are "
            "in the table below the chart."
        ),
        data,
        unit=_("share of the rows kept"),
    )


def _share(wave: At, cells: list[At]) -> At | int:
    if not cells:
        return 0
    whole = derive("sum", *cells) if len(cells) > 1 else cells[0]
    return derive("ratio", whole, wave.rows_kept)
