"""What a reader must know: merged levels, singular or uncertain fits, units that moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.notes import (
    AliasedColumns,
    LevelLeftOut,
    MergedLevels,
    NotConverged,
    Note,
    SingularFit,
    SubsetsIncomplete,
    UnitChanges,
    WeaklyIdentified,
)
from mlm.results.survey.survey import SurveyAccount, UnitMoves
from mlm.statistics.evidence.names import level_record, term_records
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel
from mlm.statistics.fitting.concluding import SINGULAR
from mlm.statistics.fitting.fit import Fit


def notes(
    plan: Plan,
    fits: Mapping[str, Fit],
    changes: Sequence[MergedLevel | LeftOutLevel],
    survey: SurveyAccount,
    complete: bool,
) -> tuple[Note, ...]:
    """Notes of an analysis.

    Parameters
    ----------
    plan : Plan
        Its levels.
    fits : mapping of str to Fit
        The fits that it keeps, by name.
    changes : sequence of MergedLevel or LeftOutLevel
        Levels that the sample cannot tell apart, and those whose variance nothing tells.
    survey : SurveyAccount
        What linking the waves found.
    complete : bool
        Whether all subsets of the terms were looked at.
    """
    out: list[Note] = [_changed(plan, change) for change in changes]
    distinct: dict[int, tuple[str, Fit]] = {}
    for name, fit in fits.items():  # a fit may have two names
        distinct.setdefault(id(fit), (name, fit))
    for name, fit in distinct.values():
        out += _of_fit(plan, name, fit)
    out += [_moved(moves) for moves in survey.unit_changes if moves.count]
    return (*out, *(() if complete else (SubsetsIncomplete(),)))


def _changed(plan: Plan, found: MergedLevel | LeftOutLevel) -> MergedLevels | LevelLeftOut:
    if isinstance(found, LeftOutLevel):
        return LevelLeftOut(level=level_record(plan, found.level), terms=term_records(found.terms))
    level, child = level_record(plan, found.outer), level_record(plan, found.inner)
    return MergedLevels(level=level, child=child, groups=found.groups, children=found.children)


def _of_fit(plan: Plan, name: str, fit: Fit) -> list[Note]:
    out: list[Note] = []
    if not fit.converged:
        out.append(NotConverged(fit=name))
    if fit.is_singular:
        out.append(_singular(plan, name, fit))
    weak = tuple(level_record(plan, group) for group in fit.certificate.weak)
    if weak:
        out.append(WeaklyIdentified(fit=name, levels=weak, condition=fit.certificate.condition))
    if fit.aliased:
        out.append(AliasedColumns(fit=name, columns=fit.aliased_coefficients))
    return out


def _singular(plan: Plan, name: str, fit: Fit) -> SingularFit:
    """Which levels lie on the bound: the nearest where rounding hides it."""
    zero, ranks = [], {}
    for term, omega in zip(fit.model.random, fit.omegas, strict=True):
        sds = np.sqrt(np.diagonal(omega))
        if sds.min() < SINGULAR:
            zero.append(term.name)
        elif len(omega) > 1:
            ranks[term.name] = float(np.linalg.eigvalsh(omega / np.outer(sds, sds))[0])
    tied = [key for key, least in ranks.items() if least < SINGULAR]
    if not zero and not tied and ranks:
        tied = [min(ranks, key=ranks.__getitem__)]
    levels = (tuple(level_record(plan, k) for k in dict.fromkeys(keys)) for keys in (zero, tied))
    return SingularFit(fit=name, **dict(zip(("zero", "tied"), levels, strict=True)))


def _moved(moves: UnitMoves) -> UnitChanges:
    return UnitChanges(
        level=moves.level,
        parent=moves.parent,
        count=moves.count,
        of=moves.of,
        same_wave=moves.same_wave,
    )
