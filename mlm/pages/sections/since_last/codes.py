"""Codes and categories that are not what they were."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.previous import codebook
from mlm.pages.text import Run, say
from mlm.results.runs.kept import KeptVariable


def codes_changed(context: Context) -> list[list[Run]]:
    """A sentence for each variable, category, label or range that came, went or changed."""
    before = {item.name: item for item in context.previous.codebook.value}
    now = {item.name: item for item in codebook(context.configuration, context.analysis)}
    items: list[list[Run]] = []
    for name in [*now, *(name for name in before if name not in now)]:
        variable = context.labels.variable(name)
        if name not in before:
            items.append(say(_("New in the analysis: {variable}."), variable=variable))
        elif name not in now:
            items.append(say(_("No longer in the analysis: {variable}."), variable=variable))
        else:
            items += _differences(variable, before[name], now[name])
    return items


def _differences(variable: str, before: KeptVariable, now: KeptVariable) -> list[list[Run]]:
    old = {item.code: item.label for item in before.categories}
    new = {item.code: item.label for item in now.categories}
    items = [
        say(
            _("{variable}: new category {category}."),
            variable=variable,
            category=f"{new[code]} ({code})",
        )
        for code in new
        if code not in old
    ]
    items += [
        say(
            _("{variable}: the category {category} is gone."),
            variable=variable,
            category=f"{old[code]} ({code})",
        )
        for code in old
        if code not in new
    ]
    items += [
        say(
            _("{variable}: the code {code} now means {new}; before it meant {old}."),
            variable=variable,
            code=code,
            new=new[code],
            old=old[code],
        )
        for code in new
        if code in old and old[code] != new[code]
    ]
    if (before.type, before.unit, before.range) != (now.type, now.unit, now.range):
        items.append(say(_("{variable}: type, unit or valid range changed."), variable=variable))
    return items
