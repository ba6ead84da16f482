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
    together: dict[tuple, list[Node]] = {}
    for item in context.results.get("notes"):
        if item["kind"].text() not in ELSEWHERE:
            together.setdefault(_subject(item), []).append(item)
    return [note("information", _words(context, items)) for items in together.values()]


def _subject(item: Node) -> tuple:
    """What a remark is on; the fits of one model by both criteria are one subject."""
    detail = dict(item.get("detail").value or {})
    detail["fit"] = str(detail.get("fit")).partition(".")[0]
    return item["kind"].text(), repr(sorted(detail.items()))


def _words(context: Context, items: list[Node]) -> list[Run]:
    item = items[0]
    detail = item.get("detail")
    of_fits = {"singular": _singular, "not_converged": _not_converged, "aliased": _aliased}
    of_samples = {"identifiability": _merged, "subsets_incomplete": _incomplete}
    if item["kind"].text() in of_fits:
        return of_fits[item["kind"].text()](context, detail, _fit_words(context, items))
    if item["kind"].text() in of_samples:
        return of_samples[item["kind"].text()](context, detail)
    kind = item["kind"].text().replace("_", " ").capitalize()
    return say("{kind}: {detail}.", kind=kind, detail=_fields(detail.value))


def _fit_words(context: Context, items: list[Node]) -> list[Run]:
    """Fits of one model in words: ``final.ml``, ``final.reml``: ``final model by ML and REML``."""
    names = [item["detail"]["fit"].text().partition(".") for item in items]
    model = names[0][0]
    words = uncapitalise(context.model_title("slopes_model" if model == "slopes" else model))
    criteria = enumerate_words([criterion.upper() for *__, criterion in names])
    return say(_("{model} by {criterion}"), model=words, criterion=criteria)


def _singular(context: Context, detail: Node, fit: list[Run]) -> list[Run]:
    return say(
        _(
            "The {fit} is on the boundary: a variance is estimated as zero, or random effects are "
            "perfectly correlated. Its other estimates are usable."
        ),
        fit=fit,
    )


def _not_converged(context: Context, detail: Node, fit: list[Run]) -> list[Run]:
    return say(
        _("The optimum of the {fit} could not be certified: its numbers are not to be relied on."),
        fit=fit,
    )


def _aliased(context: Context, detail: Node, fit: list[Run]) -> list[Run]:
    names = [read_term(name, context.labels).full for name in detail.get("columns").value or []]
    return say(
        _("In the {fit}, {names} cannot be told from the other terms and carry no coefficient."),
        fit=fit,
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
