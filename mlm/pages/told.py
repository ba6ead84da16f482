"""Texts that the other rooms wrote into their results: recognised, translated, with labels.

The survey and the statistics tell reasons and details in English. Each such text is known here as
a template; what stands in its braces becomes a label, or a number that keeps its source.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.node import NUMBER, Node
from mlm.pages.numbers import Number, count, fixed, render, tally
from mlm.pages.text import Part, Run, say

COUNTS = {"stay", "before", "after", "count", "changed", "compared", "read", "kept", "excluded"}
COUNTS |= {"rows", "full", "some", "missing", "zero", "cells", "groups_with", "groups_of"}
TALLIES = {"number", "needed", "size", "variables"}
SIZES = {"mean", "effective"}
MEASURES = {"old", "new", "shift", "times", "plus"}  # of a variable, not of people
TEXTS = (
    # checks of the design
    N_("{level} recurs"),
    N_("{level} is new"),
    N_("{level} has one {parent}"),
    N_("{variable} is stable"),
    N_("rows of wave {wave}"),
    N_("cells of wave {wave}"),
    N_("categories of {variable}"),
    N_("values of {variable}"),
    N_("scale of {variable}"),
    N_("codes of {variable}"),
    N_("shares of {variable}"),
    N_("weight {variable}"),
    N_("plausible values {name}"),
    N_("{variable} in each {level}"),
    N_("{stay} of {before} {groups} of wave {wave} are found in wave {other} (which has {after})"),
    N_(
        "{stay} of {before} {groups} of wave {wave} are found in wave {other} (which has {after}) "
        "although {design} takes them as different; if they are the same, choose another design"
    ),
    N_("{count} {groups} belong to more than one {parent} in one wave"),
    N_("{variable} changes between waves for {changed} of {compared} {groups}"),
    N_("{read} read, {kept} kept, {excluded} excluded"),
    N_("{cells} cells missing in {variables} variables, each with its reason"),
    N_("{cells} cell missing in {variables} variable, each with its reason"),
    N_("{cells} cells missing in {variables} variable, each with its reason"),
    N_("none in wave {wave}"),
    N_("not found in wave {wave}, but in others: {names}"),
    N_("wave {wave}: missing in every row of {groups_with} of {groups_of} units of level {level}"),
    N_("wave {wave}: {rows} rows have all {number} values, {some} only some"),
    N_(
        "wave {wave}: {rows} weights, {missing} missing, {zero} zero, effective number of rows "
        "{effective}"
    ),
    N_(
        "wave {wave}: {cells} cell {code}, far from all other numbers; if the code means missing, "
        "declare it under 'missing', if not, a 'range' that holds it"
    ),
    N_(
        "wave {wave}: {cells} cells {code}, far from all other numbers; if the code means missing, "
        "declare it under 'missing', if not, a 'range' that holds it"
    ),
    N_(
        "the share of {category} moves from {old}% in wave {wave} to {new}% in wave {other}; if "
        "codes have changed their meaning, say under 'by_wave' how the wave is recoded"
    ),
    N_(
        "the mean moves from {old} in wave {wave} to {new} in wave {other}: {shift} standard "
        "deviations; if the scale was changed on purpose, say 'rescaled' under 'by_wave'"
    ),
    N_(
        "the standard deviation moves from {old} in wave {wave} to {new} in wave {other}; if the "
        "scale was changed on purpose, say 'rescaled' under 'by_wave'"
    ),
    N_("wave {wave}: as delivered times {times} plus {plus}"),
    N_("wave {wave}: as delivered times {times} minus {plus}"),
    # state of the code
    N_("{name} with changes"),
    # reasons of exclusion and of missing cells
    N_("no {level} id ({text})"),
    N_("{level} with another {parent} in another wave (moves: {name})"),
    N_("empty cell"),
    N_("empty"),
    N_("not recorded"),
    # reasons of the models
    N_("{number} groups are too few for the variance of a slope (needed: {needed})"),
    N_("a group has {mean} rows on average: too few occasions for a slope of its own"),
    N_("the variable does not vary within the groups"),
    N_("groups have too few rows for {size} effects each"),
    N_("there is one wave only"),
    N_("the unstructured covariance over waves could not be estimated"),
    N_(
        "{number} groups are too few for a separate variance in each of {size} waves and their "
        "covariances (needed: {needed})"
    ),
    N_("the groups do not differ: their variance is zero"),
    N_(
        "{number} groups are too few for a variance and a correlation over waves (needed: {needed})"
    ),
    N_("{number} waves are too few (needed: {needed})"),
    N_("the waves are not kept apart in the cross-products"),
    N_("the variance of the level is zero"),
    N_("there are too few units for the number of covariates"),
    N_("the columns are determined by the others."),
    N_(
        "effects of {number} groups in each of {size} waves are more than the {needed} that are "
        "estimated beside crossed units"
    ),
    N_("the variable is not in the model"),
    N_("no mean over units is in the model"),
)


def tell(context: Context, node: Node) -> list[Run]:
    """A text of another room in the language of the report; as it is where it is not known."""
    text = node.text()
    for template in _by_precision():
        found = _pattern(template).fullmatch(text)
        if found:
            parts = {name: _part(context, node, found, name) for name in found.groupdict()}
            return say(_(template), **parts)
    return _with_counts(node, text)


@cache
def _by_precision() -> list[str]:
    """The templates, those with most words of their own first: they say most for sure."""
    return sorted(TEXTS, key=lambda text: -sum(len(part) for part, *__ in Formatter().parse(text)))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    pieces = []
    for literal, name, *__ in Formatter().parse(template):
        pieces.append(re.escape(literal))
        if name:
            pieces.append(f"(?P<{name}>{_kind(name)})")
    return re.compile("".join(pieces), re.DOTALL)


def _kind(name: str) -> str:
    if name in COUNTS | TALLIES:
        return r"\d+"
    if name in MEASURES:
        return r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
    return r"\d+(?:\.\d+)?" if name in SIZES else r".+?"


def _part(context: Context, node: Node, found: re.Match[str], name: str) -> Part:
    text, labels = found[name], context.labels
    if name in COUNTS | TALLIES | SIZES:
        return _number(node, found.start(name), name)
    if name in MEASURES:
        decimals = len(text.partition("e")[0].partition(".")[2])
        return render(float(text), decimals, "number")
    if name in ("wave", "other"):
        return labels.wave(text)
    if name == "variable":
        return labels.variable(text)
    if name in ("level", "parent"):
        return labels.level(text)
    return _(text)


def _number(node: Node, start: int, name: str) -> Number:
    position = len(list(NUMBER.finditer(node.value, 0, start)))
    part = node.number(position)
    if name in SIZES:
        return fixed(part, len(str(part.value).partition(".")[2]))
    return count(part) if name in COUNTS else tally(part)


def _with_counts(node: Node, text: str) -> list[Run]:
    """An unknown text, its whole numbers taken for counts so that small ones can be hidden."""
    runs, end = [], 0
    for position, found in enumerate(NUMBER.finditer(text)):
        runs.append({"text": text[end : found.start()]})
        number = node.number(position)
        runs.append(count(number).run() if "." not in found[0] else {"text": found[0]})
        end = found.end()
    return [run for run in [*runs, {"text": text[end:]}] if run["text"]]
