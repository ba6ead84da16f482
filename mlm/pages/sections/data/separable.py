"""What the rows can and cannot tell apart, found before any model was fitted."""

from __future__ import annotations

from mlm.pages.blocks import Block, heading, note, paragraph
from mlm.pages.context import Context
from mlm.pages.labels import IN_WAVE
from mlm.pages.language import N_, _
from mlm.pages.node import Node
from mlm.pages.numbers import count, tally
from mlm.pages.text import Part, Run, enumerate_words, say

SENTENCES = {
    "one_child": N_(
        "{groups} {units} have {children} {inner}: the two levels cannot be told apart and are "
        "fitted as one. Several {inner} in a unit of the upper level would make them separable."
    ),
    "one_child_in_wave": N_(
        "In {waves} alone, {units} and {inner} cannot be told apart (one in each); the other waves "
        "make them separable."
    ),
    "few_groups": N_(
        "There are {groups} {units}: too few to determine their variance well. They are not ranked."
    ),
    "codes_reused": N_(
        "Codes of {units} ({codes}) occur under several units of the level above: each is taken as "
        "another unit there."
    ),
    "saturated": N_(
        "{variable} takes up all differences between the {groups} {units}: nothing is left for "
        "their variance."
    ),
    "constant_in_wave": N_(
        "{variable} has one value in each wave: its effect cannot be told from that of time."
    ),
    "aliased": N_(
        "Within each wave {second} follows from {first}: with time in the model their effects "
        "cannot be told apart."
    ),
    "few_occasions": N_(
        "Only {groups} {units} have three rows or more: slopes between {units} cannot be told from "
        "the residual variation."
    ),
}


def separable_blocks(context: Context) -> list[Block]:
    """A remark for each finding; that there is none is said too."""
    found = context.survey.get("identifiability")
    if found.missing:
        return []
    title = heading("separable", _("What the data can tell apart"))
    if found.empty:
        return [title, paragraph(_("Every level and every variable can be told from the others."))]
    return [title, *(_remark(context, item) for item in found)]


def _remark(context: Context, item: Node) -> Block:
    kind = "caution" if item["severity"].text() == "warning" else "information"
    return note(kind, _words(context, item))


def _words(context: Context, item: Node) -> list[Run]:
    template = SENTENCES.get(item["kind"].text())
    if template is None:
        return say("{detail}", detail=item["detail"].text())
    ways = {"groups": count, "children": count, "codes": tally}
    counts = {
        key: way(item[key]) for key, way in ways.items() if isinstance(item.get(key).value, int)
    }
    return say(_(template), **_names(context, item), **counts)


def _names(context: Context, item: Node) -> dict[str, Part]:
    """What a sentence may name: levels, waves, variables."""
    labels = context.labels
    waves = [labels.wave(wave) for wave in item.get("waves").value or ()]
    pair = [labels.variable(name) for name in item.get("variables").value or ()]
    names: dict[str, Part] = {
        "units": _plural(context, item["level"].value),
        "inner": _plural(context, item.get("child").text()),
        "waves": enumerate_words(waves),
        "variable": labels.variable(item.get("variable").text()),
    }
    return names | dict(zip(("first", "second"), pair, strict=False))


def _plural(context: Context, level: str) -> str:
    below = context.configuration.time_below
    return context.labels.plural(f"{below}{IN_WAVE}" if level == "wave" and below else level)
