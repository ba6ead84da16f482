"""Remarks on single fits, in words: merged levels, boundaries, aliased columns."""

from __future__ import annotations

from mlm.pages.blocks import Block, note
from mlm.pages.context import Context
from mlm.pages.labels import uncapitalise
from mlm.pages.language import _
from mlm.pages.node import Node
from mlm.pages.numbers import count
from mlm.pages.terms import read_term
from mlm.pages.text import Run, enumerate_words, say

ELSEWHERE = ("unit_changes",)


def remarks(context: Context) -> list[Block]:
    """A note for every remark that is not told in another section."""
    return [
        note("information", _words(context, item))
        for item in context.results.get("notes")
        if item["kind"].text() not in ELSEWHERE
    ]


def _words(context: Context, item: Node) -> list[Run]:
    detail = item.get("detail")
    writers = {
        "singular": _singular,
        "not_converged": _not_converged,
        "aliased": _aliased,
        "identifiability": _merged,
        "subsets_incomplete": _incomplete,
    }
    writer = writers.get(item["kind"].text())
    if writer is not None:
        return writer(context, detail)
    kind = item["kind"].text().replace("_", " ").capitalize()
    return say("{kind}: {detail}.", kind=kind, detail=_fields(detail.value))


def _fit_words(context: Context, detail: Node) -> str:
    """A fit in words: ``final.reml`` reads ``final model by REML``."""
    model, __, criterion = detail.get("fit").text().partition(".")
    words = uncapitalise(context.model_title("slopes_model" if model == "slopes" else model))
    return _("{model} by {criterion}").format(model=words, criterion=criterion.upper())


def _singular(context: Context, detail: Node) -> list[Run]:
    return say(
        _(
            "The {fit} is on the boundary: a variance is estimated as zero, or random effects are "
            "perfectly correlated. Its other estimates are usable."
        ),
        fit=_fit_words(context, detail),
    )


def _not_converged(context: Context, detail: Node) -> list[Run]:
    return say(
        _("The optimum of the {fit} could not be certified: its numbers are not to be relied on."),
        fit=_fit_words(context, detail),
    )


def _aliased(context: Context, detail: Node) -> list[Run]:
    names = [read_term(name, context.labels).full for name in detail.get("columns").value or []]
    return say(
        _("In the {fit}, {names} cannot be told from the other terms and carry no coefficient."),
        fit=_fit_words(context, detail),
        names=enumerate_words(names) or _("some columns"),
    )


def _merged(context: Context, detail: Node) -> list[Run]:
    return say(
        _(
            "Two levels cannot be told apart, because almost every group of the upper one has a "
            "single group of the lower ({children} groups in {groups}): {inner} and {outer}. They "
            "are fitted as one level. A wave with several groups of the lower level in each group "
            "of the upper would make them separable."
        ),
        children=count(detail.get("children")),
        groups=count(detail.get("groups")),
        inner=_level_words(context, detail.get("inner").text()),
        outer=_level_words(context, detail.get("outer").text()),
    )


def _level_words(context: Context, group: str) -> str:
    name = context.level_of(group)
    return context.labels.plural(name if name != group else group.rpartition(":")[2])


def _incomplete(context: Context, detail: Node) -> list[Run]:
    return say(
        _(
            "The search for the smallest adequate models was stopped before it was complete: there "
            "may be others."
        )
    )


def _fields(detail: object) -> str:
    if isinstance(detail, dict):
        return "; ".join(
            f"{key.replace('_', ' ')} {_fields(value)}" for key, value in detail.items()
        )
    if isinstance(detail, list):
        return ", ".join(_fields(value) for value in detail)
    return "" if detail is None else str(detail)
