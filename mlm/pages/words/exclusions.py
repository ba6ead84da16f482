"""Why rows were left out and why cells are missing, in words."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.language import N_, _
from mlm.pages.text import Run, say
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At

NOT_COMPUTED = {
    "part_missing": N_("a value it is computed from is missing"),
    "undefined": N_("not defined (division by zero, logarithm or root of a negative number)"),
    "no_other_rows": N_("no other row of the unit has a value"),
}


WEIGHTS = {"zero_weight": N_("weight of zero"), "missing_weight": N_("no weight")}


def exclusion_words(reason: At, names: SurveyNames) -> list[Run]:
    """Why rows were left out: ``no pupil id (empty cell)``."""
    return EXCLUSIONS[reason.kind.value](reason, names)


def missing_words(reason: At) -> list[Run]:
    """Why cells are missing: the meaning of a code as the codebook has it, or ``empty cell``."""
    return MISSING[reason.kind.value](reason)


def weight_words(reason: At) -> list[Run]:
    """Why a row counts for nothing in a sample: ``weight of zero``."""
    return say(_(WEIGHTS[reason.kind.value]))


def _no_id(reason: At, names: SurveyNames) -> list[Run]:
    level = names.level(reason.level.value)
    return say(_("no {level} id ({text})"), level=level, text=missing_words(reason.reason))


def _several_rows(reason: At, names: SurveyNames) -> list[Run]:
    return say(
        _("{level} with several rows in the wave (twice: {name})"),
        level=names.level(reason.level.value),
        name=reason.twice.value,
    )


def _several_parents(reason: At, names: SurveyNames) -> list[Run]:
    return say(
        _("{level} in several {parents} of the wave (twice: {name})"),
        level=names.level(reason.level.value),
        parents=names.plural(reason.parent.value),
        name=reason.twice.value,
    )


def _other_parent(reason: At, names: SurveyNames) -> list[Run]:
    return say(
        _("{level} with another {parent} in another wave (moves: {name})"),
        level=names.level(reason.level.value),
        parent=names.level(reason.parent.value),
        name=reason.moves.value,
    )


EXCLUSIONS: dict[str, Callable[[At, SurveyNames], list[Run]]] = {
    "no_id": _no_id,
    "several_rows": _several_rows,
    "several_parents": _several_parents,
    "other_parent": _other_parent,
}


def _declared(reason: At) -> list[Run]:
    return say("{meaning}", meaning=reason.meaning.value)


def _empty(reason: At) -> list[Run]:
    return say(_("empty cell"))


def _file_code(reason: At) -> list[Run]:
    return say(_("user-missing code {code}"), code=reason.code.value)


def _file_range(reason: At) -> list[Run]:
    return say(_("user-missing range of the file"))


def _not_computed(reason: At) -> list[Run]:
    return say(_(NOT_COMPUTED[reason.why.value]))


MISSING: dict[str, Callable[[At], list[Run]]] = {
    "declared": _declared,
    "empty": _empty,
    "file_code": _file_code,
    "file_range": _file_range,
    "not_computed": _not_computed,
}
