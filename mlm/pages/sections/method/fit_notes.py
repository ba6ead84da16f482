"""Notes on single fits, in words: merged levels, boundaries, aliased columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mlm.pages.blocks import Block, note
from mlm.pages.context import Context
from mlm.pages.labels import uncapitalise
from mlm.pages.language import N_, _
from mlm.pages.rounding import count, fixed
from mlm.pages.text import Run, enumerate_words, say
from mlm.pages.words.terms import term_words
from mlm.results.notes import AliasedColumns, NotConverged, Note, SingularFit, WeaklyIdentified
from mlm.results.reading import At

OfFits = (AliasedColumns, NotConverged, SingularFit, WeaklyIdentified)
ELSEWHERE = frozenset({"unit_changes"})  # told by the section on the data


def fit_notes(context: Context) -> list[Block]:
    """A note for every one that does not stand in another section."""
    return _noted(context, (i for i in context.results.notes if i.kind.value not in ELSEWHERE))


def aliased_notes(context: Context) -> list[Block]:
    """A note for every model of which others determine some coefficients."""
    return _noted(context, (i for i in context.results.notes if i.kind.value == "aliased"))


def aliased_words(context: Context) -> list[list[Run]]:
    """Of which coefficients a table has no row, as others determine them; none without any."""
    found = [i.columns.value for i in context.results.notes if i.kind.value == "aliased"]
    terms = dict.fromkeys(term for columns in found for term in columns)
    if not terms:
        return []
    names = [term_words(term, context.labels).full for term in terms]
    return [
        say(
            _(
                "Without a row, as the other terms determine it: {names}. Its cases are not those "
                "of the reference alone: what sets them apart is in these terms."
            ),
            names=enumerate_words(names),
        )
    ]


def _noted(context: Context, found: Iterable[At]) -> list[Block]:
    together: dict[Note, list[At]] = {}
    for item in found:
        together.setdefault(_subject(item.value), []).append(item)
    return [
        note("information", NOTES[items[0].kind.value](context, items))
        for items in together.values()
    ]


def _subject(found: Note) -> Note:
    """What a remark is on; the fits of one model by both criteria are one subject."""
    if not isinstance(found, OfFits):
        return found
    same: dict = {"condition": 0.0} if isinstance(found, WeaklyIdentified) else {}
    if isinstance(found, SingularFit):
        same = {"zero": (), "tied": ()}
    return found.model_copy(update={"fit": _model(found), **same})


def _model(found: AliasedColumns | NotConverged | SingularFit | WeaklyIdentified) -> str:
    return found.fit.partition(".")[0]


def _fit_words(context: Context, items: list[At]) -> list[Run]:
    """Fits of one model in words: ``settled model by ML and REML``."""
    model = _model(items[0].value)
    words = uncapitalise(context.model_title(model))
    criteria = [item.fit.value.partition(".")[2].upper() for item in items]
    return say(_("{model} by {criterion}"), model=words, criterion=enumerate_words(criteria))


def _singular(context: Context, items: list[At]) -> list[Run]:
    """Which variances are zero, and which effects follow from others."""
    note_ = items[-1]  # by REML, where both criteria are on the boundary
    return say(
        _("The {fit} is on the boundary: {what}. Its other estimates are usable."),
        fit=_fit_words(context, items),
        what=boundary_words(context, note_),
    )


def boundary_words(context: Context, note_: At) -> list[Run]:
    """Which variances are zero, and which effects follow from others, of a fit on the boundary."""
    parts = []
    if not note_.zero.empty:
        where = enumerate_words([context.between_units(level) for level in note_.zero.value])
        parts.append(say(_("the variance {where} is estimated as zero"), where=where))
    if not note_.tied.empty:
        groups = enumerate_words([context.labels.plural(level) for level in note_.tied.value])
        tied = _("some effects of {groups} follow from their others, as if perfectly correlated")
        parts.append(say(tied, groups=groups))
    return enumerate_words(parts)


def _not_converged(context: Context, items: list[At]) -> list[Run]:
    return say(
        _("The optimum of the {fit} could not be certified: its numbers are not to be relied on."),
        fit=_fit_words(context, items),
    )


def _aliased(context: Context, items: list[At]) -> list[Run]:
    names = [term_words(term, context.labels).full for term in items[0].columns.value]
    return say(
        _(
            "In the {fit}, {names} cannot be separated from the other terms and carry no "
            "coefficient."
        ),
        fit=_fit_words(context, items),
        names=enumerate_words(names) or _("some columns"),
    )


def _merged(context: Context, items: list[At]) -> list[Run]:
    item, names = items[0], context.levels_apart.labels
    return say(
        _(
            "Two levels cannot be told apart, because almost every group of the upper one has a "
            "single group of the lower ({children} groups in {groups}): {inner} and {outer}. They "
            "are fitted as one level. A wave with several groups of the lower level in each group "
            "of the upper would make them separable."
        ),
        children=count(item.children),
        groups=count(item.groups),
        inner=names.plural(item.child.value),
        outer=names.plural(item.level.value),
    )


def _left_out(context: Context, items: list[At]) -> list[Run]:
    level = items[0].level.value
    if not items[0].terms.empty:
        return say(
            _(
                "{terms} take up all differences between {units}: nothing tells how much these "
                "differ otherwise, the models are without this level, and the effects of these "
                "terms hold for these {units} alone."
            ),
            terms=context.labels.terms(items[0].terms.value),
            units=context.labels.plural(level),
        )
    return say(
        _(
            "The rows are of too few {units} to tell how much they differ: the models are without "
            "this level, and nothing in this report speaks of other {units}."
        ),
        units=context.labels.plural(level),
    )


def _weak(context: Context, items: list[At]) -> list[Run]:
    item = items[0]
    return say(
        _(
            "The variation between {groups} rests on little in the {fit}: the data can hardly tell "
            "it from the variation at other levels (condition number {condition}). The interval of "
            "its share says how little."
        ),
        groups=enumerate_words([context.labels.plural(level) for level in item.levels.value]),
        fit=_fit_words(context, items),
        condition=fixed(item.condition, 0),
    )


def _incomplete(context: Context, items: list[At]) -> list[Run]:
    return say(
        _(
            "The search for the minimal adequate models was stopped before it was complete: there "
            "may be others."
        )
    )


WHY_NOT_IMPUTED = {
    "no_level": N_("no level is left whose units could tell of each other"),
    "no_value": N_("a variable has no value at all in these rows"),
    "few_units": N_("a variable of units is missing, and the units are too few to tell of it"),
    "many_variables": N_("too many variables may be missing"),
    "unlike": N_("imputed values take up all differences between units of a level"),
}


def _not_imputed(context: Context, items: list[At]) -> list[Run]:
    return say(
        _(
            "Many rows that have the outcome lack a covariate. They are left out all the same, as "
            "what they lack cannot be drawn: {why}."
        ),
        why=_(WHY_NOT_IMPUTED[items[0].why.value]),
    )


NOTES: dict[str, Callable[[Context, list[At]], list[Run]]] = {
    "merged_levels": _merged,
    "level_left_out": _left_out,
    "weakly_identified": _weak,
    "not_converged": _not_converged,
    "singular": _singular,
    "aliased": _aliased,
    "subsets_incomplete": _incomplete,
    "not_imputed": _not_imputed,
}
