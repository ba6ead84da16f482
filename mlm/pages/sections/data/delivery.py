"""What the files brought along: labels of codes, weights, plausible values, empty units."""

from __future__ import annotations

from mlm.pages.blocks import Block, Cell, column, group_row, heading, row, table
from mlm.pages.context import Context
from mlm.pages.labels import capitalise
from mlm.pages.language import _
from mlm.pages.rounding import NOT_AVAILABLE, count, fixed
from mlm.results.reading import At
from mlm.results.survey.account import CodeLabel, WaveLedger


def delivery_blocks(context: Context) -> list[Block]:
    """Labels, weights and plausible values of the files; nothing where they have none."""
    blocks = [*_labels(context), *_weights(context), *_plausible(context)]
    return [heading("delivery", _("What came with the files")), *blocks] if blocks else []


def empty_blocks(context: Context) -> list[Block]:
    """Units in which the outcome is missing in every row of a wave."""
    rows = [
        row(
            context.title_of(item.level.value),
            context.labels.variable(item.variable.value),
            context.labels.wave(wave.wave.value),
            count(item.groups),
            count(wave.groups.find(level=item.level.value).n),
        )
        for wave in context.survey.waves
        for item in wave.empty_groups
        if item.variable.value == context.labels.analysis.outcome
    ]
    if not rows:
        return []
    columns = [column(_("Level"), "text"), column(_("Without any value of"), "text")]
    columns += [column(context.labels.wave_title, "text"), column(_("Units")), column(_("Of"))]
    return [table("empty-units", _("Units without any value of the outcome"), columns, rows)]


def _labels(context: Context) -> list[Block]:
    """Codes of the variables of the models with their labels in the files, and the waves."""
    rows: list = []
    for name in context.variables:
        found: dict[tuple[str, str], list[str]] = {}
        for wave in context.survey.waves.value:
            for item in _labels_in(wave, name):
                key = (item.code, item.label)
                found.setdefault(key, []).append(context.labels.wave(wave.wave))
        if found:
            rows.append(group_row(context.labels.variable(name)))
            rows += [
                row(code, text, ", ".join(waves), indented=True)
                for (code, text), waves in found.items()
            ]
    if not rows:
        return []
    columns = [column(_("Code"), "text"), column(_("Label in the files"), "text")]
    columns.append(column(_("Waves"), "text"))
    return [table("labels", _("Codes of the variables, as the files label them"), columns, rows)]


def _labels_in(wave: WaveLedger, name: str) -> tuple[CodeLabel, ...]:
    """Codes of a variable in a wave with their labels in the files."""
    return next((item.labels for item in wave.labels if item.variable == name), ())


def _weights(context: Context) -> list[Block]:
    rows = [
        row(
            context.labels.variable(item.variable.value),
            context.labels.wave(wave.wave.value),
            *map(count, (item.n, item.missing_, item.zero)),
            _effective(item),
        )
        for wave in context.survey.waves
        for item in wave.roles.weights
    ]
    if not rows:
        return []
    columns = [column(_("Weight"), "text"), column(context.labels.wave_title, "text")]
    columns += [column(_("Rows")), column(_("Missing")), column(_("Zero"))]
    columns.append(column(_("Effective rows")))
    notes = [
        _(
            "Effective rows: squared sum over sum of squares of the weights (Kish), the rows that "
            "an unweighted sample of the same precision would have."
        )
    ]
    return [table("weights", _("Weights in the files"), columns, rows, notes)]


def _effective(item: At) -> Cell:
    return NOT_AVAILABLE if item.effective_n.missing else fixed(item.effective_n, 0)


def _plausible(context: Context) -> list[Block]:
    rows = [
        row(
            capitalise(context.labels.variable(item.outcome.value)),
            context.labels.wave(wave.wave.value),
            ", ".join(item.values.value),
            *map(count, (item.all, item.some, item.none)),
        )
        for wave in context.survey.waves
        for item in wave.roles.plausible_values
    ]
    if not rows:
        return []
    columns = [column(_("Plausible values of"), "text"), column(context.labels.wave_title, "text")]
    columns += [column(_("Variables"), "text"), column(_("Rows with all"))]
    columns += [column(_("With some")), column(_("With none"))]
    return [table("plausible-values", _("Plausible values in the files"), columns, rows)]
